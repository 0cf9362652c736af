import type { Meter, PlanKey, SubscriptionStatus } from '@iotistic/contracts/events';
import type { Discount } from './discount.ts';

/** One price of a subscription at Stripe that is ours; what is not ours is left out. */
export interface StandingItem {
  priceLookupKey: string | null;
  plan: PlanKey;
  book: string;
  /** Null for the base price. */
  meter: Meter | null;
  periodStart: Date;
  periodEnd: Date;
}

export interface StandingInvoice {
  id: string;
  status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  /** Why Stripe made it: `subscription_create`, `subscription_cycle`, … */
  billingReason: string | null;
  finalizedAt: Date | null;
  /** What mails say of it: what is owed, and where it can be paid. */
  amountDue?: { amount: number; currency: string };
  hostedUrl?: string | null;
}

/** How a subscription stands at Stripe: what we read of it, in a shape of our own. */
export interface StripeStanding {
  subscriptionId: string;
  createdAt: Date;
  status: Lowercase<SubscriptionStatus>;
  items: readonly StandingItem[];
  trialEnd: Date | null;
  cancelAt: Date | null;
  cancelAtPeriodEnd: boolean;
  canceledAt: Date | null;
  endedAt: Date | null;
  latestInvoice: StandingInvoice | null;
  /**
   * Its oldest invoice that is finalized and neither paid nor void: since when it is past due. Null where there is none or
   * nobody asked: then the latest invoice says it. Past due, unpaid and canceled after months of failure need it: each
   * month makes its own latest invoice.
   */
  oldestUnpaidInvoice: StandingInvoice | null;
  discounts: readonly Discount[];
  metadata: Readonly<Record<string, string>>;
}

/** Live: it may grant something now. Open: its first payment is awaited. Past: it ended. Void: it never began. */
type StandingRank = 'live' | 'open' | 'past' | 'void';
const RANKS: readonly StandingRank[] = ['live', 'open', 'past', 'void'];

/** Of all that a customer ever had at Stripe, the one that says how it stands: what is live before what has ended, then the latest. Null where nothing is ours. */
export function chooseStanding(standings: readonly StripeStanding[]): StripeStanding | null {
  const [chosen] = standings.filter(({ items }) => items.length > 0).toSorted((a, b) => RANKS.indexOf(rankOf(a)) - RANKS.indexOf(rankOf(b)) || latestFirst(a, b));
  return chosen ?? null;
}

/** The one whose plan and period hold: the chosen one, but for one that never was paid. Null where none ever began. */
export function grantingStanding(standings: readonly StripeStanding[]): StripeStanding | null {
  return chooseStanding(standings.filter((standing) => grantsAnything(standing)));
}

function grantsAnything(standing: StripeStanding): boolean {
  return ['live', 'past'].includes(rankOf(standing));
}

/** By creation; Stripe's clock has whole seconds, so that the id must decide between two of one second. */
function latestFirst(a: StripeStanding, b: StripeStanding): number {
  return b.createdAt.getTime() - a.createdAt.getTime() || (a.subscriptionId < b.subscriptionId ? 1 : -1);
}

function rankOf({ status, latestInvoice }: StripeStanding): StandingRank {
  if (status === 'incomplete') return 'open';
  if (status === 'incomplete_expired') return 'void';
  if (status !== 'canceled') return 'live';
  return latestInvoice?.billingReason === 'subscription_create' && latestInvoice.status !== 'paid' ? 'void' : 'past';
}

export function isLive(standing: StripeStanding): boolean {
  return rankOf(standing) === 'live';
}

export function statusOf({ status }: StripeStanding): SubscriptionStatus {
  return status.toUpperCase() as SubscriptionStatus;
}

/** Both ways in which Stripe says it. */
export function isScheduledToEnd({ cancelAt, cancelAtPeriodEnd }: StripeStanding): boolean {
  return cancelAt !== null || cancelAtPeriodEnd;
}

/** The item whose plan holds: the base price, else whichever there is. */
export function baseItemOf({ items }: StripeStanding): StandingItem | null {
  return items.find(({ meter }) => meter === null) ?? items[0] ?? null;
}

export interface GrantedPeriod {
  start: Date;
  /** Where what was paid for ends. */
  end: Date;
  /** Where Stripe's own period ends, or ended with the subscription. */
  billingEnd: Date;
}

/**
 * The period that is granted, from Stripe's objects alone: webhooks that come late, or never, end in the same one. Past
 * due, it ended when the first unpaid invoice was finalized; that stays so when the subscription ends over it, so that
 * nobody gains time by not paying.
 */
export function grantedPeriodOf(standing: StripeStanding): GrantedPeriod {
  // Usage counts in the period of the meters: a base price by the year began its own long before.
  const metered = standing.items.filter(({ meter }) => meter !== null);
  const start = earliest((metered.length > 0 ? metered : standing.items).map(({ periodStart }) => periodStart));
  const ended = standing.status === 'canceled' ? (standing.endedAt ?? standing.canceledAt) : null;
  const billingEnd = earliest([...standing.items.map(({ periodEnd }) => periodEnd), ...(ended === null ? [] : [ended])]);
  return { start: earliest([start, billingEnd]), end: earliest([billingEnd, ...limitsOf(standing, start)]), billingEnd };
}

function limitsOf(standing: StripeStanding, periodStart: Date): Date[] {
  switch (standing.status) {
    case 'past_due':
    case 'unpaid':
      return [unpaidSince(standing) ?? periodStart];
    case 'canceled':
      return [standing.endedAt ?? standing.canceledAt, unpaidSince(standing)].filter((limit) => limit !== null);
    case 'paused':
      return endedWithTrial(standing, periodStart) && standing.trialEnd !== null ? [standing.trialEnd] : [];
    default:
      return [];
  }
}

function unpaidSince({ oldestUnpaidInvoice, latestInvoice }: StripeStanding): Date | null {
  const dates = [oldestUnpaidInvoice, latestInvoice].map((invoice) => (invoice !== null && (invoice.status === 'open' || invoice.status === 'uncollectible') ? invoice.finalizedAt : null)).filter((date) => date !== null);
  return dates.length === 0 ? null : earliest(dates);
}

/** A trial that ended without a card, not a paid subscription that was paused later. */
function endedWithTrial({ trialEnd, latestInvoice }: StripeStanding, periodStart: Date): boolean {
  if (trialEnd === null || trialEnd < periodStart) return false;
  return !(latestInvoice?.status === 'paid' && latestInvoice.finalizedAt !== null && latestInvoice.finalizedAt >= trialEnd);
}

function earliest(dates: readonly Date[]): Date {
  return new Date(Math.min(...dates.map((date) => date.getTime())));
}
