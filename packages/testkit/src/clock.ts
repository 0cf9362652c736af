import type { MovableClock } from '@iotistic/chassis/clock';

/** A clock that stands still until it is moved. */
export interface TestClock extends MovableClock {
  /** By so many milliseconds, or by that step. */
  advance(step: number | { days?: number; hours?: number; minutes?: number; seconds?: number; ms?: number }): Date;
  set(time: Date | string): Date;
}

const MS = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, ms: 1 } as const;

export function createTestClock(start: Date | string = '2026-11-20T12:00:00.000Z'): TestClock {
  let timeMs = toMs(start);
  const moveTo = (ms: number): Date => {
    timeMs = ms;
    return new Date(timeMs);
  };
  return {
    now: () => new Date(timeMs),
    advance: (step) => moveTo(timeMs + (typeof step === 'number' ? step : (Object.keys(MS) as (keyof typeof MS)[]).reduce((sum, unit) => sum + (step[unit] ?? 0) * MS[unit], 0))),
    set: (time) => moveTo(toMs(time)),
  };
}

function toMs(time: Date | string): number {
  const ms = new Date(time).getTime();
  if (Number.isNaN(ms)) throw new TypeError(`not a time: ${String(time)}`);
  return ms;
}
