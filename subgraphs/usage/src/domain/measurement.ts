import { METERS, type Meter } from '@iotistic/contracts/events';
import { NO_TOTALS, quantityOf, type Totals } from './quantities.ts';

/** What a period's meters stand at: what lies before it and counts into it, and what lies in it. A meter that is missing has nothing. */
export interface PeriodTotals {
  before: Partial<Record<Meter, Totals>>;
  inside: Partial<Record<Meter, Totals>>;
}

/** What operators added to a period's meters, or took off; a meter that is missing has none. */
export type Adjustments = Partial<Record<Meter, number>>;

/** What the meter itself says of a period: what lies before it and counts into it, and what lies in it. */
export function measuredOf(meter: Meter, { before, inside }: PeriodTotals): number {
  return quantityOf(meter, [before[meter] ?? NO_TOTALS, inside[meter] ?? NO_TOTALS]).quantity;
}

/** With corrections: nothing is ever billed below nothing, and no number leaves what the schema promises. */
export function withAdjustment(measured: number, adjustment: number): number {
  return Math.min(Math.max(0, measured + adjustment), Number.MAX_SAFE_INTEGER);
}

/** What is billed of each meter of a period. Summary, events and trace all have it from here. */
export function quantitiesOf(totals: PeriodTotals, adjustments: Adjustments): Record<Meter, number> {
  return Object.fromEntries(METERS.map((meter) => [meter, withAdjustment(measuredOf(meter, totals), adjustments[meter] ?? 0)])) as Record<Meter, number>;
}
