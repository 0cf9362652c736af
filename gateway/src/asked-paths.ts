import { Kind, type SelectionSetNode } from 'graphql';
import type { Operation } from './documents.ts';

type Path = readonly (string | number)[];

/**
 * Errors as they concern the client: one about a field that only the planner asked for (a key, what @requires names) stands at
 * the object that it belongs to, and not at all where a field that the client asked for has an error there already.
 */
export function withAskedPaths<E extends { path?: Path | undefined }>(errors: readonly E[], operation: Operation, move: (error: E, path: Path) => E): E[] {
  const asked = errors.map(({ path }) => (path === undefined ? undefined : askedPart(path, operation)));
  const kept = errors.flatMap(({ path }, index) => (path !== undefined && asked[index]?.length === path.length ? [path] : []));
  return errors.flatMap((error, index) => {
    const part = asked[index];
    if (part === undefined || part.length === error.path?.length) return [error];
    return kept.some((path) => part.every((step, at) => path[at] === step)) ? [] : [move(error, part)];
  });
}

function askedPart(path: Path, operation: Operation): Path {
  let sets: readonly SelectionSetNode[] = [operation.node.selectionSet];
  for (const [index, step] of path.entries()) {
    // A number, or `@` for all of a list.
    if (typeof step === 'number' || step === '@') continue;
    const below = sets.flatMap((set) => setsBelow(set, step, operation));
    if (below.length === 0) return path.slice(0, index);
    sets = below.filter((set) => set !== LEAF);
  }
  return path;
}

const LEAF: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

function setsBelow({ selections }: SelectionSetNode, name: string, operation: Operation): SelectionSetNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return (selection.alias ?? selection.name).value === name ? [selection.selectionSet ?? LEAF] : [];
    const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : operation.fragments.get(selection.name.value)?.selectionSet;
    return inner === undefined ? [] : setsBelow(inner, name, operation);
  });
}
