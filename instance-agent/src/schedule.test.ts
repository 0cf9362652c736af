import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ControlPlaneError } from './control-plane.ts';
import { Schedule } from './schedule.ts';
import { createRecordingLog } from './surroundings.testkit.ts';

const HOUR_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createSchedule(fail: () => Error | null) {
  const calls: string[] = [];
  const { log, lines } = createRecordingLog();
  const schedule = new Schedule({
    intervalMs: HOUR_MS,
    log,
    collect: async () => void calls.push('collect'),
    exchange: async () => {
      calls.push('exchange');
      const error = fail();
      if (error !== null) throw error;
    },
    tend: async () => void calls.push('tend'),
  });
  schedule.start();
  const delays = () => lines.flatMap((line) => (typeof line['retryInMs'] === 'number' ? [line['retryInMs']] : []));
  return { schedule, calls, delays };
}

describe('the schedule', () => {
  it('exchanges before its first collection, then collects and exchanges at every interval', async () => {
    const { schedule, calls } = createSchedule(() => null);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual(['exchange', 'collect', 'exchange']);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    expect(calls.filter((call) => call !== 'tend')).toEqual(['exchange', 'collect', 'exchange', 'collect', 'exchange', 'collect', 'exchange']);
    schedule.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps collecting while the control plane is away, and tries again after growing random delays', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999);
    const { schedule, calls, delays } = createSchedule(() => new ControlPlaneError('unreachable', 'away'));
    await vi.advanceTimersByTimeAsync(HOUR_MS - 1);
    const seen = delays().slice(1);
    expect(seen.slice(0, 5)).toEqual([1998, 3996, 7992, 15_984, 31_968]);
    expect(Math.max(...seen)).toBeLessThanOrEqual(HOUR_MS);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(calls.filter((call) => call === 'collect')).toHaveLength(2);
    random.mockReturnValue(0);
    schedule.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits as long as the control plane asks, but not past the next interval', async () => {
    let retryAfterSeconds = 60;
    const { schedule, calls, delays } = createSchedule(() => new ControlPlaneError('refused', 'slow down', { retryAfterSeconds }));
    await vi.advanceTimersByTimeAsync(0);
    const before = calls.length;
    await vi.advanceTimersByTimeAsync(59_999);
    expect(calls.filter((call) => call === 'exchange')).toHaveLength(before - 1);
    retryAfterSeconds = 100_000;
    await vi.advanceTimersByTimeAsync(1);
    expect(delays().at(-1)).toBe(HOUR_MS);
    schedule.stop();
  });

  it('begins with short delays again after a success', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    let away = true;
    const { schedule, delays } = createSchedule(() => (away ? new ControlPlaneError('unreachable', 'away') : null));
    await vi.advanceTimersByTimeAsync(60_000);
    away = false;
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    away = true;
    const count = delays().length;
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(delays()[count]).toBe(999);
    schedule.stop();
  });

  it('goes on after a part of it failed in an unexpected way', async () => {
    let failures = 0;
    const { schedule, calls } = createSchedule(() => (failures++ < 3 ? new Error('disk full') : null));
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(calls.filter((call) => call === 'collect')).toHaveLength(2);
    schedule.stop();
    await schedule.idle();
  });
});
