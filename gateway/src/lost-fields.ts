import type { PlanNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import type { SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { type FragmentDefinitionNode, type GraphQLFormattedError, Kind, type OperationDefinitionNode, parse, type SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';

type Path = readonly (string | number)[];

/** Beyond so many fields that one fetch loses, its error is given once, for all of them. */
const MAX_ERRORS = 1_000;
const documents = new LRUCache<string, FetchedDocument>({ max: 1_000 });

interface FetchedDocument {
  root: SelectionSetNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * The answer of a subgraph, in which each error about a whole fetch, or about a whole object of it, stands once for each field
 * that is lost with it: a client looks for the error of a null by its path.
 */
export function nameLostFields(request: SubgraphRequest, response: SubgraphResponse): SubgraphResponse {
  const { errors } = response;
  if (errors === undefined || errors.every(({ path }) => isExact(path))) return response;
  const named = errors.flatMap((error) => (isExact(error.path) ? [error] : lostPaths(request, error.path ?? []).map((path): GraphQLFormattedError => ({ ...error, path }))));
  return named.length > MAX_ERRORS ? response : { ...response, errors: named };
}

/** Whether it is a field's own: of `_entities` the path has a number and then the field. */
function isExact(path: Path | undefined): boolean {
  return path !== undefined && path.length > (path[0] === '_entities' ? 2 : 0);
}

function lostPaths(request: SubgraphRequest, path: Path): Path[] {
  const { root, fragments } = documentOf(request);
  const representations = request.variables?.['representations'];
  if (!Array.isArray(representations)) return namesIn(root, fragments, null).map((name) => [name]);
  const entities = root.selections.find((selection) => selection.kind === Kind.FIELD && selection.name.value === '_entities');
  if (entities?.kind !== Kind.FIELD || entities.selectionSet === undefined) return [path];
  const set = entities.selectionSet;
  const lost = path.length === 2 ? [Number(path[1])] : representations.map((_representation, index) => index);
  const named = lost.flatMap((index: number) => namesIn(set, fragments, typeOf(representations[index])).map((name) => ['_entities', index, name]));
  return named.length === 0 ? [path] : named;
}

function typeOf(representation: unknown): string | null {
  const name = typeof representation === 'object' && representation !== null && '__typename' in representation ? representation.__typename : null;
  return typeof name === 'string' ? name : null;
}

function documentOf({ query }: SubgraphRequest): FetchedDocument {
  const known = documents.get(query);
  if (known !== undefined) return known;
  const { definitions } = parse(query, { noLocation: true });
  const operation = definitions.find((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION);
  const fragments = new Map(definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [])));
  const document = { root: operation?.selectionSet ?? { kind: Kind.SELECTION_SET, selections: [] }, fragments };
  documents.set(query, document);
  return document;
}

/** The names under which fields of an object of this type would have been answered. */
function namesIn({ selections }: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, type: string | null): string[] {
  const names = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== '__typename') names.add((selection.alias ?? selection.name).value);
      continue;
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const condition = inner?.typeCondition?.name.value;
    if (inner === undefined || (type !== null && condition !== undefined && condition !== type)) continue;
    for (const name of namesIn(inner.selectionSet, fragments, type)) names.add(name);
  }
  return [...names];
}

/** Fields that are lost with a fetch though another one asks for them, which needs what it brings (@requires): by the text of that fetch. */
export type DependentFields = ReadonlyMap<string, readonly string[]>;

interface EntityFetch {
  place: string;
  query: string;
  needs: ReadonlySet<string>;
  brings: readonly string[];
}

export function dependentFieldsOf(plan: QueryPlan): DependentFields {
  const fetches: EntityFetch[] = [];
  collectEntityFetches(plan.node, '', fetches);
  const found = new Map<string, string[]>();
  for (const fetch of fetches) {
    const lost = new Set(fetch.brings);
    // In their order: what one would have brought that is lost itself is lost to those behind it.
    for (const later of fetches) if (later.place === fetch.place && [...lost].some((name) => later.needs.has(name))) for (const name of later.brings) lost.add(name);
    const others = [...lost].filter((name) => !fetch.brings.includes(name));
    if (others.length > 0) found.set(fetch.query, others);
  }
  return found;
}

function collectEntityFetches(node: QueryPlan['node'] | PlanNode, place: string, fetches: EntityFetch[]): void {
  if (node?.kind === 'Flatten') collectEntityFetches(node.node, `${place}/${node.path.join('/')}`, fetches);
  else if (node?.kind === 'Sequence' || node?.kind === 'Parallel') for (const each of node.nodes) collectEntityFetches(each, place, fetches);
  else if (node?.kind === 'Subscription') collectEntityFetches(node.rest, place, fetches);
  else if (node?.kind === 'Fetch' && node.requires !== undefined) fetches.push({ place, query: node.operation, needs: new Set(node.requires.flatMap(requiredNames)), brings: broughtBy(node.operation) });
}

function requiredNames(selection: QueryPlanSelectionNode): string[] {
  return selection.kind === 'Field' ? [selection.alias ?? selection.name] : selection.selections.flatMap(requiredNames);
}

function broughtBy(query: string): string[] {
  const { root, fragments } = documentOf({ query });
  const entities = root.selections.find((selection) => selection.kind === Kind.FIELD && selection.name.value === '_entities');
  if (entities?.kind !== Kind.FIELD || entities.selectionSet === undefined) return [];
  return namesIn(entities.selectionSet, fragments, null);
}

/** The same answer, in which what is lost with it has its error too. */
export function nameDependentFields(response: SubgraphResponse, names: readonly string[]): SubgraphResponse {
  const errors = response.errors ?? [];
  const byObject = new Map<string | number, GraphQLFormattedError>();
  for (const error of errors) {
    const [root, index] = error.path ?? [];
    if (root === '_entities' && index !== undefined && error.path?.length === 3 && !byObject.has(index)) byObject.set(index, error);
  }
  const lost = [...byObject].filter(([index]) => !isAnswered(response, index));
  const added = lost.flatMap(([index, error]) => names.map((name): GraphQLFormattedError => ({ ...error, path: ['_entities', index, name] })));
  return added.length === 0 || errors.length + added.length > MAX_ERRORS ? response : { ...response, errors: [...errors, ...added] };
}

function isAnswered({ data }: SubgraphResponse, index: string | number): boolean {
  const entities = (data as { _entities?: unknown } | null | undefined)?._entities;
  return Array.isArray(entities) && entities[Number(index)] !== null && entities[Number(index)] !== undefined;
}
