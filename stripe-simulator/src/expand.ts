import { StripeError } from './stripe-error.ts';

/** What is to be expanded, by field, and below it again. */
export interface ExpandTree extends Map<string, ExpandTree> {}

const MAX_LEVELS = 4;

/** `['data.customer', 'data.items.data.price']` as a tree. @throws StripeError when a path is none, or too deep. */
export function expandTree(paths: readonly string[]): ExpandTree {
  const root: ExpandTree = new Map();
  for (const path of paths) {
    const names = path.split('.');
    if (names.includes('')) throw StripeError.invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
    if (names.length > MAX_LEVELS) throw StripeError.invalid(`You cannot expand more than ${MAX_LEVELS} levels of a property. Property: ${path}`, { code: 'property_expand_depth_exceeded', param: 'expand' });
    let tree = root;
    for (const name of names) {
      const below: ExpandTree = tree.get(name) ?? new Map();
      tree.set(name, below);
      tree = below;
    }
  }
  return root;
}
