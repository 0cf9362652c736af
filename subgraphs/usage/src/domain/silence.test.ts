import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allowedSilenceMs, type Arrival, usualIntervalMs } from './silence.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW = Date.UTC(2026, 10, 20, 12);

/** So many reports, each of that length, each received at its end or with the end of its batch. */
function arrivals(count: number, lengthMs: number, batch = 1): Arrival[] {
  return Array.from({ length: count }, (_none, index) => {
    const endMs = NOW - index * lengthMs;
    return { startMs: endMs - lengthMs, endMs, receivedMs: NOW - Math.floor(index / batch) * batch * lengthMs };
  });
}

it('three usual intervals may pass, and fifteen minutes at least', () => {
  expect([MINUTE_MS, 5 * MINUTE_MS, 6 * MINUTE_MS, HOUR_MS].map((usual) => allowedSilenceMs(usual) / MINUTE_MS)).toEqual([15, 15, 18, 180]);
});

it('what is usual is the length of the reports, also of the first alone', () => {
  expect([usualIntervalMs([]), usualIntervalMs(arrivals(1, HOUR_MS)), usualIntervalMs(arrivals(20, HOUR_MS))]).toEqual([null, HOUR_MS, HOUR_MS]);
});

it('who sends many short reports now and then is waited for that long', () => {
  expect(usualIntervalMs(arrivals(30, MINUTE_MS, 10))).toBe(10 * MINUTE_MS);
});

it('a backlog that comes at once does not make an instance seem hasty', () => {
  const backlog = arrivals(20, HOUR_MS).map((arrival, index) => ({ ...arrival, receivedMs: NOW - Math.floor(index / 5) * 1_000 }));
  expect(usualIntervalMs(backlog)).toBe(HOUR_MS);
});

it('is the same in any order, and never less than half of the reports cover', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ endMs: fc.integer({ min: 0, max: NOW }), length: fc.integer({ min: 1, max: HOUR_MS }), receivedMs: fc.integer({ min: 0, max: NOW }) }), { minLength: 1, maxLength: 30 }), (drawn) => {
      const last = drawn.map(({ endMs, length, receivedMs }) => ({ startMs: endMs - length, endMs, receivedMs }));
      const usual = usualIntervalMs(last) ?? 0;
      expect(usualIntervalMs(last.toReversed())).toBe(usual);
      expect(drawn.filter(({ length }) => length <= usual).length * 2).toBeGreaterThanOrEqual(drawn.length);
    }),
  );
});
