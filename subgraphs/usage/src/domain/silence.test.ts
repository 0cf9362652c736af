import fc from 'fast-check';
import { expect, it } from 'vitest';
import { allowedSilenceMs, type Arrival, gapsBetween, silentFromMs, usualIntervalMs } from './silence.ts';

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

it('a gap is what the plane was down, a jump what its clock shows beyond the time that passed; a restart is neither', () => {
  const between = (shownMs: number, passedMs: number | null, wasHeard = false) => gapsBetween({ lastMs: NOW, nowMs: NOW + shownMs, passedMs, wasHeard });
  const DAY_MS = 24 * HOUR_MS;
  const outage = (untilMs: number) => ({ fromMs: NOW, untilMs: NOW + untilMs, isOutage: true });
  expect(between(5 * MINUTE_MS, 5 * MINUTE_MS)).toEqual([]);
  expect(between(DAY_MS, DAY_MS)).toEqual([outage(DAY_MS)]);
  expect(between(DAY_MS, DAY_MS, true)).toEqual([]);
  expect(between(DAY_MS, null)).toEqual([outage(DAY_MS)]);
  expect(between(HOUR_MS, 1000)).toEqual([{ fromMs: NOW + 1000, untilMs: NOW + HOUR_MS, isOutage: false }]);
  expect(between(4 * DAY_MS, DAY_MS)).toEqual([outage(DAY_MS), { fromMs: NOW + DAY_MS, untilMs: NOW + 4 * DAY_MS, isOutage: false }]);
  expect([between(-HOUR_MS, DAY_MS), between(MINUTE_MS, DAY_MS)]).toEqual([[], []]);
});

it('no outage is forgiven for longer than it lasted and one interval more; no jump for longer than one interval, once', () => {
  const time = fc.integer({ min: 0, max: 30 * 24 * HOUR_MS });
  const gap = fc.record({ fromMs: time, lengthMs: fc.integer({ min: 1, max: 4 * 24 * HOUR_MS }), isOutage: fc.boolean() }).map(({ fromMs, lengthMs, isOutage }) => ({ fromMs, untilMs: fromMs + lengthMs, isOutage }));
  fc.assert(
    fc.property(time, fc.integer({ min: MINUTE_MS, max: 24 * HOUR_MS }), fc.array(gap, { maxLength: 8 }), (lastMs, usualMs, drawn) => {
      const gaps = drawn.toSorted((a, b) => a.untilMs - b.untilMs);
      const from = silentFromMs({ lastMs, usualMs }, gaps);
      const plain = lastMs + allowedSilenceMs(usualMs);
      const down = gaps.reduce((sum, { fromMs, untilMs, isOutage }) => sum + (isOutage ? Math.max(0, untilMs - Math.max(fromMs, lastMs)) : 0), 0);
      const firstJump = gaps.find(({ untilMs, isOutage }) => !isOutage && untilMs > lastMs)?.untilMs ?? -Infinity;
      expect(from).toBeGreaterThanOrEqual(plain + down);
      expect(from).toBeLessThanOrEqual(Math.max(plain + down + usualMs, firstJump + usualMs));
      expect(silentFromMs({ lastMs, usualMs }, gaps.filter(({ untilMs }) => untilMs <= lastMs))).toBe(plain);
    }),
  );
});
