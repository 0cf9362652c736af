import { METERS, type Meter, type UsageAlertKind } from '@iotistic/contracts/events';
import type { BillingPeriod, SubscriptionPeriod } from './period.ts';

/** Percent, lowest first. */
const THRESHOLDS = [80, 100] as const;

export type Allowances = Pick<SubscriptionPeriod, 'included' | 'maxDevices'>;

export interface Crossing {
  kind: UsageAlertKind;
  meter: Meter;
  /** Percent. */
  threshold: number;
  used: number;
  /** What is included, or the limit. */
  included: number;
}

/** Every threshold that these quantities reach, lowest first. What is unlimited has none, and nothing included means that each unit is paid: nothing is crossed there. */
export function crossings(quantities: Record<Meter, number>, { included, maxDevices }: Allowances): Crossing[] {
  return [...METERS.flatMap((meter) => reached('INCLUDED', meter, quantities[meter], included[meter] ?? null)), ...reached('MAX_DEVICES', 'DEVICES', quantities.DEVICES, maxDevices)];
}

function reached(kind: UsageAlertKind, meter: Meter, used: number, included: number | null): Crossing[] {
  if (included === null || included === 0) return [];
  // A hundred times a count may leave the whole numbers that a number holds.
  return THRESHOLDS.filter((threshold) => BigInt(used) * 100n >= BigInt(included) * BigInt(threshold)).map((threshold) => ({ kind, meter, threshold, used, included }));
}

/**
 * Of one customer's crossings that are new, in one period, those that are worth a letter: of each kind and meter the highest,
 * and where as many devices are included as there may be, only that there may be no more.
 */
export function worthTelling<C extends Crossing>(crossed: readonly C[]): C[] {
  const highest = crossed.filter((one) => !crossed.some((other) => other.kind === one.kind && other.meter === one.meter && other.threshold > one.threshold));
  const limit = highest.find(({ kind }) => kind === 'MAX_DEVICES');
  return highest.filter(({ kind, meter, included, threshold }) => kind === 'MAX_DEVICES' || meter !== 'DEVICES' || limit === undefined || limit.included !== included || limit.threshold < threshold);
}

/** Whether it lies before the period that billing named last: what the plan includes now says nothing of what it included then. */
export function isBeforeNamed(period: Pick<BillingPeriod, 'startMs'>, known: Pick<SubscriptionPeriod, 'periodStart'>): boolean {
  return known.periodStart !== null && period.startMs < known.periodStart.getTime();
}
