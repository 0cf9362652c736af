import { type DocumentNode, execute, type FragmentDefinitionNode, type GraphQLSchema, Kind, type OperationDefinitionNode, type SelectionNode, type SelectionSetNode, visit } from 'graphql';
import type { Operation } from './documents.ts';
import { partsOf } from './private-names.ts';

/**
 * What a query asks of the schema itself, apart from what it asks of the subgraphs. graphql-js answers the former: the
 * planner knows fewer fields of the schema's description than the schema says there are (`isOneOf`, arguments that are deprecated).
 */
export interface SchemaQuestions {
  /** What is left for the subgraphs; null where nothing is. */
  rest: Operation | null;
  answer(variables: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** One answer of the two, in the order in which the client asks. */
  merged(answered: Record<string, unknown>, rest: Record<string, unknown>): Record<string, unknown>;
}

const isSchemaField = (name: string): boolean => name === '__schema' || name === '__type';

/** Null for an operation that asks the subgraphs alone. */
export function schemaQuestionsOf(operation: Operation, schema: GraphQLSchema): SchemaQuestions | null {
  if (operation.kind !== 'query' || !asksForSchema(operation.document)) return null;
  const own = keepRootFields(operation, isSchemaField);
  if (own === null) return null;
  const names = rootNames(operation.node.selectionSet, operation.fragments);
  return {
    rest: keepRootFields(operation, (name) => !isSchemaField(name)),
    async answer(variables) {
      const { data, errors } = await execute({ schema, document: own.document, operationName: own.name, variableValues: variables });
      if (data === null || data === undefined) throw new Error('the schema could not be described', { cause: errors?.[0] });
      return data;
    },
    merged(answered, rest) {
      const data: Record<string, unknown> = {};
      for (const name of names) {
        if (Object.hasOwn(rest, name)) data[name] = rest[name];
        else if (Object.hasOwn(answered, name)) data[name] = answered[name];
      }
      return data;
    },
  };
}

/** Whether anything in the document asks for the schema itself. */
export function asksForSchema(document: DocumentNode): boolean {
  let asks = false;
  visit(document, {
    Field: ({ name }) => {
      asks ||= isSchemaField(name.value);
    },
  });
  return asks;
}

/** The operation with those of its root fields alone that are to be kept; null where none is left. */
function keepRootFields(operation: Operation, keeps: (name: string) => boolean): Operation | null {
  const filtered = new Map<string, FragmentDefinitionNode | null>();
  const keepSelection = (selection: SelectionNode): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keeps(selection.name.value) ? [selection] : [];
    if (selection.kind === Kind.FRAGMENT_SPREAD) return fragmentNamed(selection.name.value) === null ? [] : [selection];
    const inner = keepSet(selection.selectionSet);
    return inner === null ? [] : [{ ...selection, selectionSet: inner }];
  };
  const keepSet = (set: SelectionSetNode): SelectionSetNode | null => {
    const selections = set.selections.flatMap(keepSelection);
    return selections.length === 0 ? null : { ...set, selections };
  };
  const fragmentNamed = (name: string): FragmentDefinitionNode | null => {
    const known = filtered.get(name);
    if (known !== undefined) return known;
    const fragment = operation.fragments.get(name);
    const inner = fragment === undefined ? null : keepSet(fragment.selectionSet);
    const kept = fragment === undefined || inner === null ? null : { ...fragment, selectionSet: inner };
    filtered.set(name, kept);
    return kept;
  };
  const root = keepSet(operation.node.selectionSet);
  if (root === null) return null;
  const node: OperationDefinitionNode = { ...operation.node, selectionSet: root };
  const fragments = new Map(operation.fragments);
  for (const [name, fragment] of filtered) if (fragment !== null) fragments.set(name, fragment);
  return { ...operation, ...partsOf({ kind: Kind.DOCUMENT, definitions: [node, ...reached(node, fragments)] }, operation) };
}

/** The fragments that a definition spreads, and those that these spread. */
function reached(node: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): FragmentDefinitionNode[] {
  const found = new Map<string, FragmentDefinitionNode>();
  const look = (definition: OperationDefinitionNode | FragmentDefinitionNode): void =>
    void visit(definition, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value);
        if (fragment === undefined || found.has(name.value)) return;
        found.set(name.value, fragment);
        look(fragment);
      },
    });
  look(node);
  return [...found.values()];
}

function rootNames({ selections }: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, names = new Set<string>()): Set<string> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) names.add((selection.alias ?? selection.name).value);
    else {
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
      if (inner !== undefined) rootNames(inner, fragments, names);
    }
  }
  return names;
}
