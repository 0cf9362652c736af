import { METERS, type Meter } from '@iotistic/contracts/events';
import { median } from './median.ts';
import { METER_KINDS } from './meters.ts';

export const DAY_MS = 86_400_000;
/** A gauge stands where it stands; only counters run away. */
export const COUNTERS: readonly Meter[] = METERS.filter((meter) => METER_KINDS[meter] === 'counter');

const HISTORY_DAYS = 14;
const MIN_HISTORY_DAYS = 7;
/** How many times the median a day may have. */
const MAX_TIMES = 4;
const FLOOR_PERCENT = 1;

/** A customer's counter on one day of UTC; a day without any report is missing. */
export interface DayCount {
  dayMs: number;
  count: number;
}

/** The day's usual count: the median of the days before it; null where too few are known. */
export function usualCount(days: readonly DayCount[], dayMs: number): number | null {
  const history = days.filter((day) => day.dayMs < dayMs && day.dayMs >= dayMs - HISTORY_DAYS * DAY_MS).map(({ count }) => count);
  return history.length < MIN_HISTORY_DAYS ? null : median(history);
}

/**
 * Whether a day is far above what is usual. What is little beside the allowance never is; where there is no allowance to
 * measure by, something has to be usual at all.
 */
export function isAboveTrend(count: number, usual: number | null, included: number | null): boolean {
  if (usual === null) return false;
  const hasAllowance = included !== null && included > 0;
  if (usual === 0 && !hasAllowance) return false;
  return count > usual * MAX_TIMES && (!hasAllowance || count * 100 > included * FLOOR_PERCENT);
}
