import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNTERS, DAY_MS, type DayCount, isAboveTrend, usualCount } from './trend.ts';

const TODAY = Date.UTC(2026, 10, 20);
const daysBack = (counts: readonly number[]): DayCount[] => counts.map((count, index) => ({ dayMs: TODAY - (index + 1) * DAY_MS, count }));

describe('what is usual', () => {
  it('is the median of the fourteen days before, without the day itself and without what is older or later', () => {
    expect(usualCount([...daysBack([...Array.from({ length: 14 }, () => 10), 9_999]), { dayMs: TODAY, count: 500 }, { dayMs: TODAY + DAY_MS, count: 500 }], TODAY)).toBe(10);
  });

  it('is not known before there are seven days; a day without a report is none', () => {
    expect(usualCount(daysBack([1, 1, 1, 1, 1, 1]), TODAY)).toBeNull();
    expect(usualCount(daysBack([1, 1, 1, 1, 1, 1, 1]), TODAY)).toBe(1);
  });

  it('is not moved by a few wild days', () => {
    fc.assert(fc.property(fc.array(fc.nat(1e9), { minLength: 3, maxLength: 6 }), (wild) => {
      expect(usualCount(daysBack([...wild, ...Array.from({ length: 14 - wild.length }, () => 10)]), TODAY)).toBe(10);
    }));
  });
});

describe('a day is above its trend', () => {
  it.each([
    ['at more than four times the usual', 41, 10, 100, true],
    ['not at four times', 40, 10, 100, false],
    ['not without a history', 1_000, null, 100, false],
    ['not below a hundredth of what is included', 99, 10, 10_000, false],
    ['not at that hundredth', 100, 10, 10_000, false],
    ['above it', 101, 10, 10_000, true],
    ['where nothing was usual, above that hundredth', 2, 0, 100, true],
    ['never where nothing was usual and nothing is included', 1_000_000, 0, null, false],
    ['never where nothing was usual and each unit is paid', 1_000_000, 0, 0, false],
    ['where all is included, by its usual alone', 41, 10, null, true],
  ])('%s', (_name, count, usual, included, expected) => {
    expect(isAboveTrend(count, usual, included)).toBe(expected);
  });
});

it('only counters have a trend', () => {
  expect(COUNTERS).toEqual(['MQTT_MESSAGES', 'MQTT_BYTES', 'HTTP_BYTES', 'API_CALLS']);
});
