import { METERS, type Meter } from '@iotistic/contracts/events';
import { addCounts, METER_KINDS } from './meters.ts';
import type { BillingPeriod, SubscriptionPeriod } from './period.ts';
import { type Adjustments, type PeriodTotals, quantitiesOf } from './measurement.ts';
import { HOUR_MS, NO_TOTALS, quantityOf } from './quantities.ts';

export interface MeterUsage {
  meter: Meter;
  /** With what operators adjusted. */
  used: number;
  adjusted: number;
  /** null is unlimited, or not billed at all. */
  included: number | null;
  overage: number;
  utilization: number | null;
  projected: number;
}

/** Meter by meter: what was used, what was included and where it is heading. */
export function summarizeUsage(period: BillingPeriod, included: SubscriptionPeriod['included'], totals: PeriodTotals, now: Date, adjustments: Adjustments = {}): MeterUsage[] {
  const quantities = quantitiesOf(totals, adjustments);
  return METERS.map((meter) => {
    const inside = totals.inside[meter] ?? NO_TOTALS;
    const used = quantities[meter];
    const allowance = included[meter] ?? null;
    return {
      meter,
      used,
      adjusted: adjustments[meter] ?? 0,
      included: allowance,
      overage: allowance === null ? 0 : Math.max(0, used - allowance),
      utilization: allowance === null ? null : used / Math.max(allowance, 1),
      projected: projectUsage(meter, used, quantityOf(meter, [inside]).quantity, period, now),
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
