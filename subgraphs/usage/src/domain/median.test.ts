import fc from 'fast-check';
import { expect, it } from 'vitest';
import { median } from './median.ts';

it('the median has as many below it as above it, whatever the order', () => {
  expect([median([]), median([7]), median([9, 1]), median([5, 1, 9])]).toEqual([null, 7, 5, 5]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { minLength: 1 }), (values) => {
      const middle = median(values) ?? NaN;
      expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(median(values.toReversed())).toBe(middle);
    }),
  );
});
