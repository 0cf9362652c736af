import { METERS, type Meter } from '@iotistic/contracts/events';
import { METER_COUNTS } from '@iotistic/contracts/usage-evidence';
import { addMonths } from '@iotistic/contracts/usage-period';
import type { Quantities } from './invoice-preview.ts';

/** Which usage plans are compared by. */
export type QuoteBasis = 'SO_FAR' | 'PROJECTED' | 'LAST_PERIOD';

/** What was measured in one period. */
export interface MeasuredUsage {
  start: Date;
  /** Where the period ends, or ended. */
  end: Date;
  quantities: Quantities;
}

export interface KnownUsage {
  current: MeasuredUsage;
  /** The period before it; null in a customer's first. */
  last: MeasuredUsage | null;
}

const DAY_MS = 86_400_000;
/** Of the month: before it is over, what was used so far says little of what is to come. */
const EARLY_PART = 0.25;

/** The quantities that plans are compared by. Where there is no last period, LAST_PERIOD is PROJECTED, and says so. */
export function usageBy(basis: QuoteBasis, known: KnownUsage, now: Date): { basis: QuoteBasis; quantities: Quantities } {
  if (basis === 'SO_FAR') return { basis, quantities: known.current.quantities };
  if (basis === 'LAST_PERIOD' && known.last !== null) return { basis, quantities: known.last.quantities };
  return { basis: 'PROJECTED', quantities: projectUsage(known, now) };
}

/**
 * What a month from the period's start is expected to come to. A month, since that is what a plan is paid for: a trial
 * of 14 days and the first days of a contract are scaled up to one.
 * - A gauge (devices, storage) is billed at its peak: it stays at the peak so far.
 * - A counter grows with time: its part of the month is scaled up to the whole. The first day counts as a whole day,
 *   so that an hour of traffic is not taken 700 times.
 * - In the first quarter of the month both are at least what the last period came to, as a month: part of a period, or
 *   instances that have not reported yet, must not make a small plan win.
 * Whole numbers, counters rounded up; what would be more stays at 2^53 - 1.
 */
export function projectUsage({ current, last }: KnownUsage, now: Date): Quantities {
  const monthMs = monthFrom(current.start);
  const goneMs = Math.min(Math.max(now.getTime() - current.start.getTime(), DAY_MS), monthMs);
  const isEarly = now.getTime() - current.start.getTime() < monthMs * EARLY_PART;
  // Of its own month: February's 28 days are a whole one.
  const lastMonthMs = last === null ? 0 : monthFrom(last.start);
  const lastMs = last === null ? 0 : Math.max(last.end.getTime() - last.start.getTime(), DAY_MS);
  return Object.fromEntries(
    METERS.map((meter) => {
      const soFar = scaled(meter, current.quantities[meter] ?? 0, goneMs, monthMs);
      const before = isEarly && last !== null ? scaled(meter, last.quantities[meter] ?? 0, lastMs, lastMonthMs) : 0;
      return [meter, Math.max(soFar, before)];
    }),
  );
}

function monthFrom(start: Date): number {
  return addMonths(start, 1) - start.getTime();
}

/** Of a counter, what it comes to in `wholeMs` when it came to this in `partMs`. */
function scaled(meter: Meter, quantity: number, partMs: number, wholeMs: number): number {
  if (METER_COUNTS[meter].kind === 'gauge' || partMs >= wholeMs) return quantity;
  const part = BigInt(partMs);
  const whole = (BigInt(quantity) * BigInt(wholeMs) + part - 1n) / part;
  return whole > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(whole);
}
