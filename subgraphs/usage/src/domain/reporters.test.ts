import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeReporters, type ReportTrace } from './reporters.ts';

const HOUR_MS = 3_600_000;
const BEGIN = Date.UTC(2026, 10, 20);
const SINCE = BEGIN + 100 * HOUR_MS;

/** The report of the hour that ends then, received at its end. */
const trace = (id: string, hour: number, sequence: number | null, rest: Partial<ReportTrace> = {}): ReportTrace => ({ id, startMs: BEGIN + (hour - 1) * HOUR_MS, endMs: BEGIN + hour * HOUR_MS, receivedMs: SINCE, sequence, ...rest });
const kindsOf = (traces: readonly ReportTrace[], sinceMs = SINCE): string[] => judgeReporters(traces, sinceMs).conflicts.map(({ kind }) => kind);
const old = { receivedMs: SINCE - 1 };

describe('one reporter', () => {
  it('is never found to be two, in whatever order its reports came, with gaps or without numbers', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(Array.from({ length: 30 }, (_none, index) => index)), fc.boolean(), (hours, isNumbered) => {
        expect(judgeReporters(hours.map((hour) => trace(`r${hour}`, hour, isNumbered ? hour + 1 : null)), SINCE)).toEqual({ conflicts: [], suspects: [] });
      }),
    );
  });

  it('may have clocks that are a second apart', () => {
    expect(kindsOf([trace('a', 1, 1), trace('b', 2, 2, { startMs: BEGIN + HOUR_MS - 1_000 })])).toEqual([]);
    expect(kindsOf([trace('a', 1, 1), trace('b', 2, 2, { startMs: BEGIN + HOUR_MS - 1_001 })])).toEqual(['OVERLAPPING_INTERVALS']);
  });
});

describe('two reporters', () => {
  it('of the same hours and numbers are found by both', () => {
    expect(kindsOf([trace('a', 1, 1), trace('b', 1, 1)])).toEqual(['SEQUENCE_REUSED', 'OVERLAPPING_INTERVALS']);
  });

  it('are told of as long as one of them is new, and not again when both are old', () => {
    expect(kindsOf([trace('a', 1, 1, old), trace('b', 1, 1)])).toEqual(['SEQUENCE_REUSED', 'OVERLAPPING_INTERVALS']);
    expect(kindsOf([trace('a', 1, 1, old), trace('b', 1, 1, old), trace('c', 2, 2)])).toEqual([]);
  });

  it('of which one numbers from the beginning are suspected where numbers run backwards, and only new reports are', () => {
    const { conflicts, suspects } = judgeReporters([trace('a', 1, 500), trace('b', 2, 1, old), trace('c', 3, 501), trace('d', 4, 2)], SINCE);
    expect([conflicts, suspects.map(({ id }) => id)]).toEqual([[], ['d']]);
  });

  it('are found exactly where a brute-force comparison of all pairs finds them', () => {
    const drawn = fc.record({ start: fc.integer({ min: 0, max: 20_000 }), length: fc.integer({ min: 1, max: 6_000 }), sequence: fc.option(fc.nat(12)), isNew: fc.boolean() });
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 12 }), (all) => {
        const traces = all.map(({ start, length, sequence, isNew }, index): ReportTrace => ({ id: `r${index}`, startMs: start, endMs: start + length, receivedMs: isNew ? 10 : 1, sequence }));
        const pairs = traces.flatMap((one, index) => traces.slice(index + 1).map((other) => ({ one, other }))).filter(({ one, other }) => one.receivedMs === 10 || other.receivedMs === 10);
        const reused = pairs.some(({ one, other }) => one.sequence !== null && one.sequence === other.sequence);
        const overlapping = pairs.some(({ one, other }) => Math.min(one.endMs, other.endMs) - Math.max(one.startMs, other.startMs) > 1_000);
        expect(kindsOf(traces, 10)).toEqual([...(reused ? ['SEQUENCE_REUSED'] : []), ...(overlapping ? ['OVERLAPPING_INTERVALS'] : [])]);
      }),
    );
  });
});
