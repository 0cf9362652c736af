import { METERS, type Meter } from '@iotistic/contracts/events';
import { addCounts, METER_KINDS } from './meters.ts';
import type { BillingPeriod, SubscriptionPeriod } from './period.ts';
import { HOUR_MS, NO_TOTALS, quantityOf, type Totals } from './quantities.ts';

export interface MeterUsage {
  meter: Meter;
  used: number;
  /** null is unlimited, or not billed at all. */
  included: number | null;
  overage: number;
  utilization: number | null;
  projected: number;
}

/** What a period's meters stand at: what lies before it and counts into it, and what lies in it. A meter that is missing has nothing. */
export interface PeriodTotals {
  before: Partial<Record<Meter, Totals>>;
  inside: Partial<Record<Meter, Totals>>;
}

/** Meter by meter: what was used, what was included and where it is heading. */
export function summarizeUsage(period: BillingPeriod, included: SubscriptionPeriod['included'], totals: PeriodTotals, now: Date): MeterUsage[] {
  return METERS.map((meter) => {
    const inside = totals.inside[meter] ?? NO_TOTALS;
    const used = quantityOf(meter, [totals.before[meter] ?? NO_TOTALS, inside]).quantity;
    const allowance = included[meter] ?? null;
    return {
      meter,
      used,
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
