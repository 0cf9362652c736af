import { type DocumentNode, type FragmentDefinitionNode, Kind, type OperationDefinitionNode, parse, type SelectionSetNode, visit } from 'graphql';
import type { QueryPlan } from '@apollo/query-planner';
import type { Operation } from './documents.ts';

/**
 * Names that the planner gives its own meaning to: fields that it adds to what a client asks (`__typename`, keys, what @requires
 * names), and the variable that it puts keys in. A client may use each of them as an alias, or for a variable of its own:
 * then the planner would take the client's value for the key (apollographql/federation#3036).
 */
export type PlannerNames = ReadonlySet<string>;

const FIELD_SET_ARGUMENTS = new Set(['key', 'requires', 'provides', 'selection']);
const PLANNER_VARIABLE = 'representations';

export function plannerNamesOf(supergraphSdl: string): PlannerNames {
  const names = new Set<string>();
  // Types and words in between come along: an alias that is called so gets a private name for nothing, and no harm.
  const addNames = (fieldSet: string): void => {
    for (const [name] of fieldSet.matchAll(/\w+/g)) names.add(name);
  };
  visit(parse(supergraphSdl, { noLocation: true }), {
    Directive: (directive) => (directive.name.value.startsWith('join__') ? undefined : false),
    Argument: ({ name, value }) => {
      if (FIELD_SET_ARGUMENTS.has(name.value) && value.kind === Kind.STRING) addNames(value.value);
    },
    // The field of an argument that is taken from a context: { context, name, type, selection }.
    ObjectField: ({ name, value }) => {
      if (FIELD_SET_ARGUMENTS.has(name.value) && value.kind === Kind.STRING) addNames(value.value);
    },
  });
  return names;
}

/** An operation as it is planned and executed, and the way back: its answer as the client named it. */
export interface PlannedForm {
  operation: Operation;
  variables(variables: Record<string, unknown>): Record<string, unknown>;
  data<T>(data: T): T;
  path(path: readonly (string | number)[]): readonly (string | number)[];
}

/** Answers of an operation that uses none of these names are as they were: nothing is copied. */
export function plannedFormOf(operation: Operation, names: PlannerNames): PlannedForm {
  const taken = namesIn(operation.document);
  const aliases = [...taken.aliases].filter((alias) => alias.startsWith('__') || names.has(alias));
  const isVariableTaken = taken.variables.has(PLANNER_VARIABLE);
  if (aliases.length === 0 && !isVariableTaken) return { operation, variables: (variables) => variables, data: (data) => data, path: (path) => path };
  const fields = new Map(aliases.map((alias) => [alias, freeName(`private_${alias.replace(/^_+/, '')}`, taken.responseNames)]));
  const variable = isVariableTaken ? freeName(`private_${PLANNER_VARIABLE}`, taken.variables) : PLANNER_VARIABLE;
  const document = renamed(operation.document, fields, variable);
  const planned = { ...operation, ...partsOf(document, operation) };
  const original = new Map([...fields].map(([alias, name]) => [name, alias]));
  const tree = wayBackOf([planned.node.selectionSet], planned.fragments, original);
  return {
    operation: planned,
    variables: (variables) => (isVariableTaken ? Object.fromEntries(Object.entries(variables).map(([name, value]) => [name === PLANNER_VARIABLE ? variable : name, value])) : variables),
    data: (data) => (tree === null ? data : (restore(data, tree) as typeof data)),
    path: (path) => path.map((part) => (typeof part === 'string' ? (original.get(part) ?? part) : part)),
  };
}

/** What the planner itself renamed to keep two fields apart, under the name that the client knows: for paths of errors. */
export function planRenamesOf(plan: QueryPlan): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  const walk = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { kind, path, renameKeyTo } = part as { kind?: unknown; path?: unknown; renameKeyTo?: unknown };
    const last: unknown = Array.isArray(path) ? path.at(-1) : undefined;
    if (kind === 'KeyRenamer' && typeof last === 'string' && typeof renameKeyTo === 'string') renames.set(last, renameKeyTo);
    else for (const below of Object.values(part)) walk(below);
  };
  walk(plan.node);
  return renames;
}

interface TakenNames {
  /** Aliases that differ from the name of their field. */
  aliases: Set<string>;
  responseNames: Set<string>;
  variables: Set<string>;
}

function namesIn(document: DocumentNode): TakenNames {
  const taken: TakenNames = { aliases: new Set(), responseNames: new Set(), variables: new Set() };
  visit(document, {
    Field({ alias, name }) {
      taken.responseNames.add((alias ?? name).value);
      if (alias !== undefined && alias.value !== name.value) taken.aliases.add(alias.value);
    },
    Variable: ({ name }) => void taken.variables.add(name.value),
  });
  return taken;
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}

function renamed(document: DocumentNode, fields: ReadonlyMap<string, string>, variable: string): DocumentNode {
  return visit(document, {
    Field(node) {
      const name = node.alias === undefined || node.alias.value === node.name.value ? undefined : fields.get(node.alias.value);
      return name === undefined ? undefined : { ...node, alias: { kind: Kind.NAME, value: name } };
    },
    Variable: (node) => (node.name.value === PLANNER_VARIABLE && variable !== PLANNER_VARIABLE ? { ...node, name: { kind: Kind.NAME, value: variable } } : undefined),
  });
}

/** The operation and the fragments of a document that was changed, found by the place where they stand. */
export function partsOf(document: DocumentNode, { name }: Pick<Operation, 'name'>): Pick<Operation, 'document' | 'node' | 'fragments'> {
  const operations = document.definitions.filter((definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION);
  const node = operations.find((each) => (each.name?.value ?? null) === name);
  if (node === undefined) throw new Error('an operation was lost while it was rewritten');
  const fragments = document.definitions.filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION);
  return { document, node, fragments: new Map(fragments.map((fragment) => [fragment.name.value, fragment])) };
}

/** Where in an answer names are put back; leaves that are objects themselves (JSON) are not looked into. */
type WayBack = ReadonlyMap<string, { name: string; below: WayBack | null }>;

/** Null where nothing is to be put back. */
function wayBackOf(sets: readonly SelectionSetNode[], fragments: ReadonlyMap<string, FragmentDefinitionNode>, original: ReadonlyMap<string, string>): WayBack | null {
  const below = new Map<string, SelectionSetNode[]>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        below.set(name, [...(below.get(name) ?? []), ...(selection.selectionSet === undefined ? [] : [selection.selectionSet])]);
        continue;
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
      if (inner !== undefined) collect(inner);
    }
  };
  for (const set of sets) collect(set);
  const way = new Map<string, { name: string; below: WayBack | null }>();
  for (const [name, inner] of below) {
    const deeper = inner.length === 0 ? null : wayBackOf(inner, fragments, original);
    if (deeper !== null || original.has(name)) way.set(name, { name: original.get(name) ?? name, below: deeper });
  }
  return way.size === 0 ? null : way;
}

function restore(value: unknown, way: WayBack): unknown {
  if (Array.isArray(value)) return value.map((each) => restore(each, way));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => {
      const step = way.get(key);
      return step === undefined ? [key, inner] : [step.name, step.below === null ? inner : restore(inner, step.below)];
    }),
  );
}
