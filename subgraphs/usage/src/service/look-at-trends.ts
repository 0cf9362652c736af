import type { Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { dayText, quantityText } from '@iotistic/contracts/meter-text';
import type { SubscriptionPeriod } from '../domain/period.ts';
import { COUNTERS, DAY_MS, type DayCount, isAboveTrend, usualCount } from '../domain/trend.ts';
import type { NewAnomaly } from '../repository/anomalies.ts';
import { type DayRange, listDayCounts, sumUpDays } from '../repository/daily-counters.ts';
import type { Activity } from '../repository/instance-watch.ts';
import { findSubscriptionPeriods } from '../repository/subscription-periods.ts';
import type { UsageTables } from '../repository/tables.ts';

/** A day that is further back is history. */
const JUDGED_DAYS = 7;
/** What is judged, and the fortnight before it. */
const KEPT_DAYS = 22;
const CUSTOMERS_AT_ONCE = 200;

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;

/** Finds days, complete or running, that are far above what is usual, of those who reported: only the days that changed are summed up anew. */
export async function lookAtTrends(tx: Tx<UsageTables>, activities: readonly Activity[], now: Date): Promise<NewAnomaly[]> {
  const todayMs = dayOf(now.getTime());
  const ranges = changedDays(activities, todayMs - KEPT_DAYS * DAY_MS);
  const found: NewAnomaly[] = [];
  for (let first = 0; first < ranges.length; first += CUSTOMERS_AT_ONCE) found.push(...(await judgeRanges(tx, ranges.slice(first, first + CUSTOMERS_AT_ONCE), todayMs, now)));
  return found;
}

async function judgeRanges(tx: Tx<UsageTables>, ranges: readonly DayRange[], todayMs: number, now: Date): Promise<NewAnomaly[]> {
  await sumUpDays(tx, ranges, todayMs - KEPT_DAYS * DAY_MS);
  const customerIds = ranges.map(({ customerId }) => customerId);
  const counts = await listDayCounts(tx, customerIds);
  const known = new Map((await findSubscriptionPeriods(tx, customerIds)).map((period) => [period.customerId, period]));
  return ranges.flatMap(({ customerId, fromMs, toMs }) =>
    COUNTERS.flatMap((meter) => {
      const days = counts.get(customerId)?.[meter] ?? [];
      const judged = days.filter(({ dayMs }) => dayMs >= Math.max(fromMs, todayMs - JUDGED_DAYS * DAY_MS) && dayMs < toMs);
      return judged.flatMap((day) => judgeDay(customerId, meter, day, days, known.get(customerId), now));
    }),
  );
}

/** A whole hour's end still belongs to the hour before it. */
function changedDays(activities: readonly Activity[], keptFromMs: number): DayRange[] {
  const ranges = new Map<string, DayRange>();
  for (const { customerId, firstEndMs, lastEndMs } of activities) {
    const known = ranges.get(customerId);
    const fromMs = Math.max(keptFromMs, Math.min(dayOf(firstEndMs - 1), known?.fromMs ?? Infinity));
    const toMs = Math.max(dayOf(lastEndMs - 1) + DAY_MS, known?.toMs ?? 0);
    if (fromMs < toMs) ranges.set(customerId, { customerId, fromMs, toMs });
  }
  return [...ranges.values()];
}

function judgeDay(customerId: string, meter: Meter, { dayMs, count }: DayCount, days: readonly DayCount[], known: SubscriptionPeriod | undefined, now: Date): NewAnomaly[] {
  const usual = usualCount(days, dayMs);
  if (usual === null || !isAboveTrend(count, usual, known?.included[meter] ?? null)) return [];
  const day = new Date(dayMs).toISOString().slice(0, 10);
  const detail = `${quantityText(meter, count)} on ${dayText(new Date(dayMs))} (UTC); usual on the days before was ${quantityText(meter, Math.round(usual))}.`;
  return [{ customerId, instanceId: null, kind: 'ABOVE_TREND', meter, subject: `${customerId}:${meter}:${day}`, detail, seenAt: new Date(Math.min(now.getTime(), dayMs + DAY_MS)) }];
}
