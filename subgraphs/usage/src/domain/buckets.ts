import { AppError } from '@iotistic/contracts/errors';
import { HOUR_MS } from './quantities.ts';

export type Granularity = 'HOUR' | 'DAY' | 'MONTH';

/** From `startMs` on, up to and without `endMs`. */
export interface Bucket {
  startMs: number;
  endMs: number;
}

export const MAX_BUCKETS = 10_000;
const SHORTEST_MS: Record<Granularity, number> = { HOUR: HOUR_MS, DAY: 24 * HOUR_MS, MONTH: 28 * 24 * HOUR_MS };

function floorTo(granularity: Granularity, ms: number): number {
  if (granularity !== 'MONTH') return Math.floor(ms / SHORTEST_MS[granularity]) * SHORTEST_MS[granularity];
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function next(granularity: Granularity, ms: number): number {
  if (granularity !== 'MONTH') return ms + SHORTEST_MS[granularity];
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/**
 * Every bucket that the range touches, whole, in UTC.
 * @throws AppError INVALID_RANGE where the range is empty, reaches before 1970 or touches more than 10,000.
 */
export function bucketsOf(from: Date, to: Date, granularity: Granularity): Bucket[] {
  const fromMs = from.getTime();
  const toMs = to.getTime();
  if (!(fromMs < toMs) || fromMs < 0) throw new AppError('INVALID_INPUT', 'INVALID_RANGE');
  if ((toMs - fromMs) / SHORTEST_MS[granularity] > MAX_BUCKETS + 2) throw tooMany();
  const buckets: Bucket[] = [];
  for (let startMs = floorTo(granularity, fromMs); startMs < toMs; startMs = next(granularity, startMs)) buckets.push({ startMs, endMs: next(granularity, startMs) });
  if (buckets.length > MAX_BUCKETS) throw tooMany();
  return buckets;
}

function tooMany(): AppError {
  return new AppError('INVALID_INPUT', 'INVALID_RANGE', `The range has more than ${MAX_BUCKETS} points: ask for less, or for a coarser granularity.`);
}
