import { Kind, type SelectionSetNode, visit } from 'graphql';
import { NOTHING_ELSE } from './conditions.ts';
import type { Operation } from './documents.ts';

/**
 * Puts the names of an answer into the order in which the client asks for them, as the specification has it: the planner takes
 * fragments apart, and what lay in them comes elsewhere. Null for an operation whose answer is in order as it comes.
 * @param operation without conditions
 */
export function answerOrderOf(operation: Operation): (<T>(data: T) => T) | null {
  return isInOrder(operation) ? null : (data) => ordered(data, [operation.node.selectionSet], operation) as typeof data;
}

function isInOrder({ document }: Operation): boolean {
  let inOrder = true;
  const disturb = (): void => {
    inOrder = false;
  };
  visit(document, {
    InlineFragment: disturb,
    FragmentSpread: disturb,
    Field: ({ alias }) => {
      if (alias?.value === NOTHING_ELSE) disturb();
    },
  });
  return inOrder;
}

function ordered(value: unknown, sets: readonly SelectionSetNode[], operation: Operation): unknown {
  if (typeof value !== 'object' || value === null || sets.length === 0) return value;
  if (Array.isArray(value)) return value.map((each) => ordered(each, sets, operation));
  const asked = new Map<string, SelectionSetNode[]>();
  for (const set of sets) collect(set, operation, asked);
  const answer: Record<string, unknown> = {};
  for (const [name, below] of asked) if (Object.hasOwn(value, name)) answer[name] = ordered((value as Record<string, unknown>)[name], below, operation);
  return answer;
}

function collect({ selections }: SelectionSetNode, operation: Operation, asked: Map<string, SelectionSetNode[]>): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      if (name !== NOTHING_ELSE) asked.set(name, [...(asked.get(name) ?? []), ...(selection.selectionSet === undefined ? [] : [selection.selectionSet])]);
      continue;
    }
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : operation.fragments.get(selection.name.value)?.selectionSet;
    if (inner !== undefined) collect(inner, operation, asked);
  }
}
