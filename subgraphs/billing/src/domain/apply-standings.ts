import { PRICE_BOOKS, type PriceBook } from './price-book.ts';
import { isSold } from './stripe-items.ts';
import { baseItemOf, chooseStanding, grantedPeriodOf, grantingStanding, isLive, isScheduledToEnd, showsPlan, statusOf, type StripeStanding } from './stripe-standing.ts';
import { entitlementsOf, revised, type Subscription, type SubscriptionFacts } from './subscription.ts';

export interface StandingContext {
  now: Date;
  /** A deactivated customer's subscription is over since then, whatever Stripe still says. */
  deactivatedAt?: Date | null;
  books?: readonly PriceBook[];
}

/**
 * Our subscription as all that the customer has at Stripe makes it: the same object where nothing changed, else its next
 * version. It depends on Stripe's objects and on what is ours alone (a local trial, a contract, the override), not on what
 * was read before: readings that are lost, doubled or out of order leave no trace once the newest is applied. The one thing
 * that is kept is the plan of a subscription whose prices show none.
 * @param standings all of them, those that ended included
 */
export function applyStandings(subscription: Subscription, standings: readonly StripeStanding[], { now, deactivatedAt = null, books = PRICE_BOOKS }: StandingContext): Subscription {
  const chosen = chooseStanding(standings, subscription);
  const facts = chosen === null || holdsAgainst(subscription, chosen) ? {} : factsOf(subscription, standings, chosen, books);
  return revised(subscription, deactivatedAt === null ? facts : endedBy(subscription, facts, deactivatedAt), now);
}

/** What is ours alone holds against what ended at Stripe before it began; a contract in force against all that is not live. */
function holdsAgainst(subscription: Subscription, chosen: StripeStanding): boolean {
  const { stripeSubscriptionId, currentPeriodStart, isContract, status } = subscription;
  if (stripeSubscriptionId !== null || isLive(chosen)) return false;
  if (isContract && status === 'ACTIVE') return true;
  return chosen.status !== 'incomplete' && currentPeriodStart !== null && chosen.createdAt < toWholeSeconds(currentPeriodStart);
}

/** Stripe's creation times are cut to the second. */
function toWholeSeconds(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000);
}

/** What awaits its first payment, or never got it, grants nothing: plan and period stay those of what was before it. */
function factsOf(subscription: Subscription, standings: readonly StripeStanding[], chosen: StripeStanding, books: readonly PriceBook[]): Partial<SubscriptionFacts> {
  const granting = grantingStanding(standings, subscription);
  const chosenFacts = { status: statusOf(chosen), stripeSubscriptionId: chosen.subscriptionId, cancelAtPeriodEnd: chosen.status !== 'canceled' && chosen.status !== 'incomplete_expired' && isScheduledToEnd(chosen) };
  if (granting === null || holdsAgainst(subscription, granting)) return chosenFacts;
  return { ...grantOf(granting, subscription, books), ...chosenFacts };
}

function grantOf(standing: StripeStanding, subscription: Subscription, books: readonly PriceBook[]): Partial<SubscriptionFacts> {
  const { plan, book } = planOf(standing, subscription, books);
  const granted = { plan, book, entitlements: entitlementsOf({ plan, book, override: subscription.override }, books), trialEndsAt: standing.trialEnd, discounts: standing.discounts, isContract: false };
  // All of ours was taken off it: what others sell goes on, and its periods are not ours.
  const period = isLeft(standing) ? endOf(standing, subscription) : periodOf(standing);
  return { ...granted, ...period };
}

/**
 * The plan that its prices show. Where they show none that there is (a price made by hand, a book of a later version), the
 * last known one stays: who pays keeps what it has. A subscription that was not known yet says in its metadata what was sold.
 */
function planOf(standing: StripeStanding, subscription: Subscription, books: readonly PriceBook[]): Pick<Subscription, 'plan' | 'book'> {
  const base = baseItemOf(standing);
  if (base !== null && isSold(base, books)) return { plan: base.plan, book: base.book };
  const { plan, book } = standing.metadata;
  const isKnown = standing.subscriptionId === subscription.stripeSubscriptionId;
  return !isKnown && isSold({ plan, book }, books) ? { plan: plan as Subscription['plan'], book: book as string } : { plan: subscription.plan, book: subscription.book };
}

function periodOf(standing: StripeStanding): Partial<SubscriptionFacts> {
  const period = grantedPeriodOf(standing);
  return period === null ? {} : { currentPeriodStart: period.start, currentPeriodEndsAt: period.end, billingPeriodEndsAt: period.billingEnd };
}

const isLeft = (standing: StripeStanding): boolean => standing.status === 'canceled' && !showsPlan(standing);

/** Where it ended, or its period before. */
function endOf({ endedAt, canceledAt }: StripeStanding, { currentPeriodEndsAt, billingPeriodEndsAt }: Subscription): Partial<SubscriptionFacts> {
  const at = endedAt ?? canceledAt;
  const orThen = (end: Date | null): Date | null => (at !== null && (end === null || end > at) ? at : end);
  return { currentPeriodEndsAt: orThen(currentPeriodEndsAt), billingPeriodEndsAt: orThen(billingPeriodEndsAt) };
}

function endedBy(subscription: Subscription, facts: Partial<SubscriptionFacts>, deactivatedAt: Date): Partial<SubscriptionFacts> {
  const { currentPeriodEndsAt, billingPeriodEndsAt } = { ...subscription, ...facts };
  const orThen = (end: Date | null): Date => (end !== null && end < deactivatedAt ? end : deactivatedAt);
  return { ...facts, status: 'CANCELED', cancelAtPeriodEnd: false, currentPeriodEndsAt: orThen(currentPeriodEndsAt), billingPeriodEndsAt: orThen(billingPeriodEndsAt) };
}
