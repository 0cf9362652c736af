import type { Recurring } from '../catalogue/catalogue-records.ts';
import type { Seconds } from '../simulation.ts';

const DAY = 86_400;

/** So many intervals after the anchor: on its day of the month, or the last where a month has no such day. */
export function intervalsAfter(anchor: Seconds, count: number, { interval, interval_count: each }: Pick<Recurring, 'interval' | 'interval_count'>): Seconds {
  const steps = count * each;
  if (interval === 'day') return anchor + steps * DAY;
  if (interval === 'week') return anchor + steps * 7 * DAY;
  const date = new Date(anchor * 1000);
  const months = date.getUTCMonth() + (interval === 'year' ? steps * 12 : steps);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), months + 1, 0)).getUTCDate();
  return Date.UTC(date.getUTCFullYear(), months, Math.min(date.getUTCDate(), lastDay), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()) / 1000;
}

/** The end of the period that begins at `start`, by the anchor that all periods are counted from. */
export function periodEnd(anchor: Seconds, start: Seconds, recurring: Pick<Recurring, 'interval' | 'interval_count'>): Seconds {
  const approximate = { day: DAY, week: 7 * DAY, month: 28 * DAY, year: 365 * DAY }[recurring.interval] * recurring.interval_count;
  for (let count = Math.max(0, Math.floor((start - anchor) / approximate) - 3); ; count += 1) {
    const end = intervalsAfter(anchor, count, recurring);
    if (end > start) return walkedBack(anchor, start, count, recurring);
  }
}

/** The start of the period that `at` is in. */
export function periodStart(anchor: Seconds, at: Seconds, recurring: Pick<Recurring, 'interval' | 'interval_count'>): Seconds {
  const end = periodEnd(anchor, at, recurring);
  let start = anchor;
  for (let count = 0; intervalsAfter(anchor, count, recurring) < end; count += 1) start = intervalsAfter(anchor, count, recurring);
  return start;
}

/** The guess may be beyond the first: a long way from the anchor months are longer than was taken for granted. */
function walkedBack(anchor: Seconds, start: Seconds, count: number, recurring: Pick<Recurring, 'interval' | 'interval_count'>): Seconds {
  let first = count;
  while (first > 0 && intervalsAfter(anchor, first - 1, recurring) > start) first -= 1;
  return intervalsAfter(anchor, first, recurring);
}
