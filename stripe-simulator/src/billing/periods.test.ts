import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalsAfter, periodEnd, periodStart } from './periods.ts';

const at = (iso: string): number => Date.parse(iso) / 1_000;
const day = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10);
const MONTH = { interval: 'month', interval_count: 1 } as const;

describe('a period', () => {
  it('ends on the day of its anchor, or the last of a month that has no such day', () => {
    const anchor = at('2027-10-31T10:00:00Z');
    expect([1, 2, 3, 4, 5, 6].map((count) => day(intervalsAfter(anchor, count, MONTH)))).toEqual(['2027-11-30', '2027-12-31', '2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30']);
    expect(day(intervalsAfter(at('2028-02-29T00:00:00Z'), 1, { interval: 'year', interval_count: 1 }))).toBe('2029-02-28');
    expect(day(intervalsAfter(at('2028-02-29T00:00:00Z'), 4, { interval: 'year', interval_count: 1 }))).toBe('2032-02-29');
  });

  it('holds each moment that is not before its anchor, and borders on the next', () => {
    const recurring = fc.record({ interval: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const), interval_count: fc.integer({ min: 1, max: 12 }) });
    const anchors = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') });
    fc.assert(
      fc.property(anchors, fc.nat(10 * 366 * 86_400), recurring, (anchor, later, every) => {
        const [start, end] = [periodStart(anchor, anchor + later, every), periodEnd(anchor, anchor + later, every)];
        expect(start).toBeLessThanOrEqual(anchor + later);
        expect(end).toBeGreaterThan(anchor + later);
        expect(periodEnd(anchor, start, every)).toBe(end);
        expect(periodStart(anchor, end, every)).toBe(end);
      }),
    );
  });
});
