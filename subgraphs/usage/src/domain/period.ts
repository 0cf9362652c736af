import type { Meter } from '@iotistic/contracts/events';
import type { BillingPeriod } from '@iotistic/contracts/usage-period';

export { type BillingPeriod, currentPeriod } from '@iotistic/contracts/usage-period';

/** What usage knows of a customer's subscription: by value, from billing's events. */
export interface SubscriptionPeriod {
  customerId: string;
  version: number;
  /** null as long as billing has named none. */
  periodStart: Date | null;
  periodEnd: Date | null;
  /** The earliest that any event named. */
  firstPeriodStart: Date | null;
  /** A meter that is missing is metered and not billed; null is unlimited. */
  included: Partial<Record<Meter, number | null>>;
  maxDevices: number | null;
  /** Of raw reports, in days; null is for ever. */
  retentionDays: number | null;
  /** Instances that the customer may have; null is unlimited. */
  maxInstances: number | null;
}

/** One that billing named, as far as it went. */
export interface NamedPeriod {
  customerId: string;
  startMs: number;
  endMs: number;
  /** When its invoice became final; null before. */
  invoicedAt: Date | null;
}

/**
 * The periods that what changed since then counts in, oldest first: those that billing named, and the present one where
 * billing has not named it yet.
 * @param named of one customer, in the order of time.
 */
export function touchedPeriods(named: readonly NamedPeriod[], current: BillingPeriod, sinceMs: number): BillingPeriod[] {
  const touched = named.filter(({ startMs, endMs }) => endMs > sinceMs && startMs < current.startMs).map((period) => asBillingPeriod(named, period));
  return [...touched, current];
}

/** With what lies before it, where it is the customer's first. */
export function asBillingPeriod(named: readonly NamedPeriod[], { startMs, endMs }: Pick<NamedPeriod, 'startMs' | 'endMs'>): BillingPeriod {
  const isFirst = named.every((period) => period.startMs >= startMs);
  return { startMs, endMs, countsFromMs: isFirst ? 0 : startMs };
}
