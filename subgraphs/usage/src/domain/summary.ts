import { METERS, type Meter } from '@iotistic/contracts/events';
import { addCounts, METER_KINDS } from './meters.ts';
import type { BillingPeriod, SubscriptionPeriod } from './period.ts';
import { HOUR_MS, type HourTotals, quantityOf } from './quantities.ts';

export interface MeterUsage {
  meter: Meter;
  used: number;
  /** null is unlimited, or not billed at all. */
  included: number | null;
  overage: number;
  utilization: number | null;
  projected: number;
}

/** Meter by meter: what was used, what was included and where it is heading. */
export function summarizeUsage(period: BillingPeriod, included: SubscriptionPeriod['included'], hours: readonly HourTotals[], now: Date): MeterUsage[] {
  const insidePeriod = hours.filter((hour) => hour.hourMs >= period.startMs);
  return METERS.map((meter) => {
    const used = quantityOf(meter, hours).quantity;
    const allowance = included[meter] ?? null;
    return {
      meter,
      used,
      included: allowance,
      overage: allowance === null ? 0 : Math.max(0, used - allowance),
      utilization: allowance === null ? null : used / Math.max(allowance, 1),
      projected: projectUsage(meter, used, quantityOf(meter, insidePeriod).quantity, period, now),
    };
  });
}

/** Counters go on at the pace of this period so far; a gauge's quantity is its highest hour, of which nothing more is known. */
function projectUsage(meter: Meter, used: number, usedInside: number, period: BillingPeriod, now: Date): number {
  const remainingMs = period.endMs - now.getTime();
  if (METER_KINDS[meter] === 'gauge' || remainingMs <= 0) return used;
  // A pace that was seen for some minutes only says nothing of a month.
  const elapsedMs = Math.max(now.getTime() - period.startMs, HOUR_MS);
  return addCounts(used, Math.round((usedInside * remainingMs) / elapsedMs));
}
