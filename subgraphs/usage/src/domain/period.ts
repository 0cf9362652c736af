import type { Meter } from '@iotistic/contracts/events';

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

/** Hours count into it by their start. */
export interface BillingPeriod {
  startMs: number;
  endMs: number;
  /** From when on usage counts: earlier than the start in a customer's first period, which takes what lies before it (SPEC 7). */
  countsFromMs: number;
}

/**
 * The period that the present lies in: the one that billing named; once that is over, the months that follow it, until
 * billing names the next; the calendar month (UTC) for a customer that billing has not named any for. One that has no end, as
 * a contract's, is counted by calendar months, the first of them from its start.
 */
export function currentPeriod(known: Pick<SubscriptionPeriod, 'periodStart' | 'periodEnd' | 'firstPeriodStart'> | null, now: Date): BillingPeriod {
  if (known === null || known.periodStart === null || known.periodEnd === null || known.periodStart >= known.periodEnd) {
    const startMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    const endMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    const beganMs = known?.periodEnd === null ? (known.periodStart?.getTime() ?? startMs) : startMs;
    if (beganMs <= startMs || beganMs >= endMs) return { startMs, endMs, countsFromMs: startMs };
    const isFirst = known?.firstPeriodStart === null || (known?.firstPeriodStart?.getTime() ?? beganMs) >= beganMs;
    return { startMs: beganMs, endMs, countsFromMs: isFirst ? startMs : beganMs };
  }
  const startMs = known.periodStart.getTime();
  const endMs = known.periodEnd.getTime();
  if (now.getTime() >= endMs) return monthSince(known.periodEnd, now);
  const isFirst = known.firstPeriodStart === null || known.firstPeriodStart >= known.periodStart;
  return { startMs, endMs, countsFromMs: isFirst ? 0 : startMs };
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

function monthSince(anchor: Date, now: Date): BillingPeriod {
  let months = (now.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + now.getUTCMonth() - anchor.getUTCMonth();
  if (addMonths(anchor, months) > now.getTime()) months -= 1;
  const startMs = addMonths(anchor, months);
  return { startMs, endMs: addMonths(anchor, months + 1), countsFromMs: startMs };
}

/** The same day so many months later, or the last of that month where it has no such day. */
function addMonths(anchor: Date, months: number): number {
  const year = anchor.getUTCFullYear();
  const month = anchor.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(anchor.getUTCDate(), lastDay), anchor.getUTCHours(), anchor.getUTCMinutes(), anchor.getUTCSeconds(), anchor.getUTCMilliseconds());
}
