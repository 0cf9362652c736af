/** A period that usage is measured in. Hours count into it by their start. */
export interface BillingPeriod {
  startMs: number;
  endMs: number;
  /** From when on usage counts: earlier than the start in a customer's first period, which takes what lies before it. */
  countsFromMs: number;
}

/** What billing says of a subscription's period. */
export interface SaidPeriod {
  /** Null as long as billing has named none. */
  periodStart: Date | null;
  /** Null has no end, as a contract's. */
  periodEnd: Date | null;
  /** The earliest that billing ever named. */
  firstPeriodStart: Date | null;
}

/**
 * The period that the present lies in: the one that billing named; once that is over, the months that follow it, until
 * billing names the next; the calendar month (UTC) for a customer that billing has not named any for. One that has no
 * end, as a contract's, is counted by calendar months, the first of them from its start. Usage measures by it, and
 * billing finds what was measured by its start.
 */
export function currentPeriod(known: SaidPeriod | null, now: Date): BillingPeriod {
  if (known === null || known.periodStart === null || known.periodEnd === null || known.periodStart >= known.periodEnd)
    return calendarMonth(known, now);
  const startMs = known.periodStart.getTime();
  const endMs = known.periodEnd.getTime();
  if (now.getTime() >= endMs) return monthSince(known.periodEnd, now);
  const isFirst = known.firstPeriodStart === null || known.firstPeriodStart >= known.periodStart;
  return { startMs, endMs, countsFromMs: isFirst ? 0 : startMs };
}

function calendarMonth(known: SaidPeriod | null, now: Date): BillingPeriod {
  const startMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
  const endMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  const beganMs = known?.periodEnd === null ? (known.periodStart?.getTime() ?? startMs) : startMs;
  if (beganMs <= startMs || beganMs >= endMs) return { startMs, endMs, countsFromMs: startMs };
  const isFirst = known?.firstPeriodStart === null || (known?.firstPeriodStart?.getTime() ?? beganMs) >= beganMs;
  return { startMs: beganMs, endMs, countsFromMs: isFirst ? startMs : beganMs };
}

function monthSince(anchor: Date, now: Date): BillingPeriod {
  let months = (now.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + now.getUTCMonth() - anchor.getUTCMonth();
  if (addMonths(anchor, months) > now.getTime()) months -= 1;
  const startMs = addMonths(anchor, months);
  return { startMs, endMs: addMonths(anchor, months + 1), countsFromMs: startMs };
}

/** The same day so many months later, or the last of that month where it has no such day. */
export function addMonths(anchor: Date, months: number): number {
  const year = anchor.getUTCFullYear();
  const month = anchor.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const day = Math.min(anchor.getUTCDate(), lastDay);
  const [hours, minutes] = [anchor.getUTCHours(), anchor.getUTCMinutes()];
  return Date.UTC(year, month, day, hours, minutes, anchor.getUTCSeconds(), anchor.getUTCMilliseconds());
}
