import { expect, it } from 'vitest';
import { toMultirange } from './sequence-runs.ts';

it.each([
  [[], '{}'],
  [[7], '{[7,7]}'],
  [[3, 1, 2], '{[1,3]}'],
  [[5, 1, 5, 2, 9, 8], '{[1,2],[5,5],[8,9]}'],
])('%j is written as %s', (sequences, written) => {
  expect(toMultirange(sequences)).toBe(written);
});
