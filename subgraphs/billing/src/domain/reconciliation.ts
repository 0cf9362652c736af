import type { Meter } from '@iotistic/contracts/events';
import { z } from 'zod';
import { BILLED_METERS } from './stripe-meters.ts';
import { isLiveAtStripe, type Subscription } from './subscription.ts';

/** Why what was reported is not what Stripe has; the gravest first. */
export const RECONCILIATION_CAUSES = ['REJECTED', 'STRIPE_LOST', 'STRIPE_HAS_MORE', 'SENDING_UNKNOWN', 'NOT_AT_STRIPE', 'WAITING'] as const;
export type ReconciliationCause = (typeof RECONCILIATION_CAUSES)[number];

export const reconciledMeterSchema = z.object({
  meter: z.enum(BILLED_METERS as [Meter, ...Meter[]]),
  reported: z.number().int(),
  sent: z.number().int(),
  /** What is reported and not sent: reported = sent + pending, always. Below 0 after a correction. */
  pending: z.number().int(),
  stripe: z.number().int(),
  cause: z.enum(RECONCILIATION_CAUSES).nullable(),
  explanation: z.string().nullable(),
});
/** One meter of a period, all of it in the units that Stripe bills. */
export type ReconciledMeter = z.output<typeof reconciledMeterSchema>;

export interface Period {
  start: Date;
  end: Date;
}

export interface Reconciliation {
  customerId: string;
  periodStart: Date;
  periodEnd: Date;
  checkedAt: Date;
  /** Since when readings have found a difference; null where there is none. */
  differsSince: Date | null;
  balanced: boolean;
  meters: readonly ReconciledMeter[];
}

/** Whether Stripe bills the customer: not yet, no more, or by a contract outside it. */
export type PlaceAtStripe = 'billed' | 'not_yet' | 'ended' | 'contract';

/** What both sides say of one meter, in billed units. */
export interface MeterReading {
  meter: Meter;
  reported: number;
  /** What Stripe was told last, whatever it said to that. */
  sent: number;
  /** null where it has nothing. */
  stripe: number | null;
  /** How the telling went; null where nothing was ever measured. */
  status: 'PENDING' | 'SENDING' | 'SENT' | 'ACCEPTED' | 'REJECTED' | 'UNBILLED' | null;
  /** When it was told last. */
  sentAt: Date | null;
  /** Stripe's word for its refusal. */
  error: string | null;
}

/** Stripe counts what it took a while later. */
const COUNTED_WITHIN_MS = 5 * 60_000;
/** Two readings of the same that lie so far apart show that it does not move. */
const LASTS_MS = 4 * 60_000;

export function placeAtStripe(subscription: Subscription, stripeCustomerId: string | null): PlaceAtStripe {
  if (stripeCustomerId !== null && isLiveAtStripe(subscription)) return 'billed';
  if (subscription.isContract) return 'contract';
  return subscription.stripeSubscriptionId === null ? 'not_yet' : 'ended';
}

export function reconcileMeter(reading: MeterReading, place: PlaceAtStripe, now: Date): ReconciledMeter {
  const { meter, reported, sent } = reading;
  const stripe = reading.stripe ?? 0;
  const cause = stripe === reported ? null : causeOf(reading, place, now);
  // Others may send fractions: shown whole, compared as they are.
  return { meter, reported, sent, pending: reported - sent, stripe: Math.round(stripe), cause, explanation: cause === null ? null : EXPLANATIONS[cause](reading, place) };
}

function causeOf({ status, sentAt, reported, stripe }: MeterReading, place: PlaceAtStripe, now: Date): ReconciliationCause {
  if (place !== 'billed') return 'NOT_AT_STRIPE';
  if (status === 'REJECTED') return 'REJECTED';
  if (status === 'PENDING') return 'WAITING';
  // Read in the turn of who tells Stripe: nobody is at it now.
  if (status === 'SENDING') return 'SENDING_UNKNOWN';
  if (status === 'SENT' && sentAt !== null && now.getTime() - sentAt.getTime() <= COUNTED_WITHIN_MS) return 'WAITING';
  return (stripe ?? 0) < reported ? 'STRIPE_LOST' : 'STRIPE_HAS_MORE';
}

const EXPLANATIONS: Readonly<Record<ReconciliationCause, (reading: MeterReading, place: PlaceAtStripe) => string>> = {
  REJECTED: ({ error, reported, stripe }) => `Stripe refused ${reported} (${error ?? 'without a code'}) and has ${stripe ?? 'nothing'}.`,
  STRIPE_LOST: ({ sent, stripe }) => `Stripe took ${sent} and has ${stripe ?? 'nothing'}: it lost what it was told, or could not count it.`,
  STRIPE_HAS_MORE: ({ sent, stripe }) => `Stripe has ${stripe ?? 'nothing'} and was told ${sent}: somebody else sends events for this customer, or a correction was lost.`,
  SENDING_UNKNOWN: ({ sent }) => `Telling Stripe ${sent} was begun, and how that ended is not known: it is told again, or read back.`,
  NOT_AT_STRIPE: (_reading, place) => PLACES[place],
  WAITING: ({ status }) => (status === 'SENT' ? 'Stripe was told a moment ago, and counts with a delay.' : 'It is measured, and Stripe is about to be told.'),
};

const PLACES: Readonly<Record<PlaceAtStripe, string>> = {
  billed: 'Stripe bills it.',
  not_yet: 'The customer has no subscription at Stripe yet: nothing of this is billed.',
  ended: 'The subscription at Stripe has ended: what is measured since then is not billed.',
  contract: 'The customer is billed by contract, outside Stripe.',
};

/** The gravest of the meters; null where all agree. */
export function gravestCause(meters: readonly Pick<ReconciledMeter, 'cause'>[]): ReconciliationCause | null {
  return RECONCILIATION_CAUSES.find((cause) => meters.some((meter) => meter.cause === cause)) ?? null;
}

/** What sending anew repairs: the rest is on its way, or cannot be told at all. */
export function isRepairable(cause: ReconciliationCause | null): boolean {
  return cause === 'REJECTED' || cause === 'STRIPE_LOST' || cause === 'STRIPE_HAS_MORE' || cause === 'SENDING_UNKNOWN';
}

/** Pushes see to it, every few seconds. */
function goesByItself(cause: ReconciliationCause): boolean {
  return cause === 'WAITING' || cause === 'SENDING_UNKNOWN';
}

/** Whether somebody must look: a cause that does not go by itself, or one that should have and did not, with Stripe's figure where it was. */
export function needsLook(current: Pick<Reconciliation, 'meters' | 'checkedAt'>, before: Pick<Reconciliation, 'meters' | 'checkedAt'> | null): boolean {
  return current.meters.some(({ cause }) => cause !== null && !goesByItself(cause)) || isStuck(current, before);
}

function isStuck(current: Pick<Reconciliation, 'meters' | 'checkedAt'>, before: Pick<Reconciliation, 'meters' | 'checkedAt'> | null): boolean {
  if (before === null || current.checkedAt.getTime() - before.checkedAt.getTime() < LASTS_MS) return false;
  return current.meters.some(({ meter, cause, stripe }) => cause !== null && before.meters.some((earlier) => earlier.meter === meter && earlier.cause !== null && earlier.stripe === stripe));
}

const MINUTE_MS = 60_000;

/**
 * The windows, of whole minutes as Stripe reads them, that may stand for a period that begins or ends within one: the
 * widest first. A period's first and last minute may hold what another period was told.
 */
export function readableWindows({ start, end }: Period): Period[] {
  const rounded = (date: Date, round: (value: number) => number): Date => new Date(round(date.getTime() / MINUTE_MS) * MINUTE_MS);
  const starts = [rounded(start, Math.floor), rounded(start, Math.ceil)];
  const ends = [rounded(end, Math.ceil), rounded(end, Math.floor)];
  const windows = starts.flatMap((from) => ends.map((to) => ({ start: from, end: to })));
  return windows.filter((one, index) => one.start < one.end && windows.findIndex((other) => other.start.getTime() === one.start.getTime() && other.end.getTime() === one.end.getTime()) === index);
}
