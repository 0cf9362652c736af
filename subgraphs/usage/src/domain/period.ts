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
  /** The period before the one named, as far as it went before that began. */
  previousStart: Date | null;
  previousEnd: Date | null;
  /** A meter that is missing is metered and not billed; null is unlimited. */
  included: Partial<Record<Meter, number | null>>;
  maxDevices: number | null;
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
 * billing names the next; the calendar month (UTC) for a customer that billing has not named any for.
 */
export function currentPeriod(known: Pick<SubscriptionPeriod, 'periodStart' | 'periodEnd' | 'firstPeriodStart'> | null, now: Date): BillingPeriod {
  if (known === null || known.periodStart === null || known.periodEnd === null || known.periodStart >= known.periodEnd) {
    const startMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    return { startMs, endMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1), countsFromMs: startMs };
  }
  const startMs = known.periodStart.getTime();
  const endMs = known.periodEnd.getTime();
  if (now.getTime() >= endMs) return monthSince(known.periodEnd, now);
  const isFirst = known.firstPeriodStart === null || known.firstPeriodStart >= known.periodStart;
  return { startMs, endMs, countsFromMs: isFirst ? 0 : startMs };
}

type KnownPeriods = Pick<SubscriptionPeriod, 'periodStart' | 'periodEnd' | 'firstPeriodStart' | 'previousStart' | 'previousEnd'>;

/** How long an invoice stays a draft after its period: until then what is reported for that period still counts in it. */
const DRAFT_MS = 3_600_000;

/** The periods that reports of now may change: the present one, and the one before it while its invoice is a draft. */
export function openPeriods(known: KnownPeriods | null, now: Date): BillingPeriod[] {
  const current = currentPeriod(known, now);
  const before = periodBefore(known, current);
  return before !== null && now.getTime() < before.endMs + DRAFT_MS ? [before, current] : [current];
}

function periodBefore(known: KnownPeriods | null, current: BillingPeriod): BillingPeriod | null {
  if (known === null || known.periodStart === null || known.periodEnd === null) return null;
  const countsFrom = (start: Date): number => (known.firstPeriodStart === null || known.firstPeriodStart >= start ? 0 : start.getTime());
  // Billing has not named the next one yet.
  if (current.startMs >= known.periodEnd.getTime() && current.startMs !== known.periodStart.getTime()) {
    return known.periodStart < known.periodEnd ? { startMs: known.periodStart.getTime(), endMs: known.periodEnd.getTime(), countsFromMs: countsFrom(known.periodStart) } : null;
  }
  const { previousStart, previousEnd } = known;
  if (previousStart === null || previousEnd === null) return null;
  return { startMs: previousStart.getTime(), endMs: previousEnd.getTime(), countsFromMs: countsFrom(previousStart) };
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
