import { type DirectiveNode, type FragmentDefinitionNode, GraphQLError, Kind, type OperationDefinitionNode, type SelectionNode, type SelectionSetNode, visit } from 'graphql';
import type { Operation } from './documents.ts';
import { partsOf } from './private-names.ts';

type Variables = Readonly<Record<string, unknown>>;

/**
 * Stands for an object of which nothing else is asked, since @skip or @include leave all of it out: whether the object is there
 * must be answered all the same. It is taken out of the answer.
 */
export const NOTHING_ELSE = 'private_nothing_else';

/** The variables that decide over fields of an operation, by @skip and @include, with their defaults. */
export interface Conditions {
  names: readonly string[];
  defaults: Variables;
  /** Whether there are any, be it with true or false written out. */
  any: boolean;
}

export function conditionsOf(operation: Operation): Conditions {
  const names = new Set<string>();
  let any = false;
  const look = ({ name, arguments: args = [] }: DirectiveNode): void => {
    if (!isCondition(name.value)) return;
    any = true;
    const value = args[0]?.value;
    if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
  };
  for (const definition of [operation.node, ...operation.fragments.values()]) visit(definition, { Directive: look });
  const defaults = (operation.node.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) => (defaultValue?.kind === Kind.BOOLEAN ? [[variable.name.value, defaultValue.value] as const] : []));
  return { names: [...names], defaults: Object.fromEntries(defaults), any };
}

/**
 * What these variables decide; null where one of them is neither true nor false.
 * Answers the same text for the same decisions.
 */
export function decisionsOf({ names, defaults }: Conditions, variables: Variables): string | null {
  let text = '';
  for (const name of names) {
    const value = variables[name] === undefined ? defaults[name] : variables[name];
    if (typeof value !== 'boolean') return null;
    text += value ? '1' : '0';
  }
  return text;
}

export function undecided({ names, defaults }: Conditions, variables: Variables): GraphQLError[] {
  return names
    .filter((name) => typeof (variables[name] === undefined ? defaults[name] : variables[name]) !== 'boolean')
    .map((name) => new GraphQLError(`Variable "$${name}" decides over fields: it is true or false.`, { extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } }));
}

const isCondition = (name: string): boolean => name === 'skip' || name === 'include';

/**
 * The operation that is meant under these decisions: without what is left out, and without a directive. The planner hoists
 * conditions from fields to whole fetches, and then an object whose fields are all left out is null.
 */
export function decided(operation: Operation, { names, defaults }: Conditions, decisions: string): Operation {
  const values: Variables = { ...defaults, ...Object.fromEntries(names.map((name, index) => [name, decisions[index] === '1'])) };
  const fragments = new Map<string, FragmentDefinitionNode | null>();
  const keep = (selection: SelectionNode): SelectionNode[] => {
    if (!isAsked(selection.directives ?? [], values)) return [];
    const directives = (selection.directives ?? []).filter(({ name }) => !isCondition(name.value));
    if (selection.kind === Kind.FRAGMENT_SPREAD) return fragmentNamed(selection.name.value) === null ? [] : [{ ...selection, directives }];
    const inner = selection.selectionSet === undefined ? undefined : keepSet(selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner === undefined || inner === null ? [] : [{ ...selection, directives, selectionSet: inner }];
    return [{ ...selection, directives, ...(inner === undefined ? {} : { selectionSet: inner ?? nothingElse() }) }];
  };
  const keepSet = (set: SelectionSetNode): SelectionSetNode | null => {
    const selections = set.selections.flatMap(keep);
    return selections.length === 0 ? null : { ...set, selections };
  };
  const fragmentNamed = (name: string): FragmentDefinitionNode | null => {
    const known = fragments.get(name);
    if (known !== undefined) return known;
    const fragment = operation.fragments.get(name);
    const inner = fragment === undefined ? null : keepSet(fragment.selectionSet);
    const kept = fragment === undefined || inner === null ? null : { ...fragment, selectionSet: inner };
    fragments.set(name, kept);
    return kept;
  };
  const node: OperationDefinitionNode = { ...operation.node, selectionSet: keepSet(operation.node.selectionSet) ?? nothingElse() };
  return { ...operation, ...partsOf({ kind: Kind.DOCUMENT, definitions: [node, ...[...fragments.values()].filter((fragment) => fragment !== null)] }, operation) };
}

function nothingElse(): SelectionSetNode {
  return { kind: Kind.SELECTION_SET, selections: [{ kind: Kind.FIELD, alias: { kind: Kind.NAME, value: NOTHING_ELSE }, name: { kind: Kind.NAME, value: '__typename' } }] };
}

/** Whether @skip and @include leave it in. */
function isAsked(directives: readonly DirectiveNode[], variables: Variables): boolean {
  return directives.every(({ name, arguments: args = [] }) => {
    if (!isCondition(name.value)) return true;
    const value = args[0]?.value;
    const holds = value?.kind === Kind.VARIABLE ? variables[value.name.value] === true : value?.kind === Kind.BOOLEAN && value.value;
    return name.value === 'include' ? holds : !holds;
  });
}
