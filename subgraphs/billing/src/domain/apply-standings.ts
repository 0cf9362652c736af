import { PRICE_BOOKS, type PriceBook } from './price-book.ts';
import { baseItemOf, chooseStanding, grantedPeriodOf, grantingStanding, isLive, isScheduledToEnd, statusOf, type StripeStanding } from './stripe-standing.ts';
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
 * was read before: readings that are lost, doubled or out of order leave no trace once the newest is applied.
 * @param standings all of them, those that ended included
 */
export function applyStandings(subscription: Subscription, standings: readonly StripeStanding[], { now, deactivatedAt = null, books = PRICE_BOOKS }: StandingContext): Subscription {
  const chosen = chooseStanding(standings);
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
  const granting = grantingStanding(standings);
  const chosenFacts = { status: statusOf(chosen), stripeSubscriptionId: chosen.subscriptionId, cancelAtPeriodEnd: chosen.status !== 'canceled' && chosen.status !== 'incomplete_expired' && isScheduledToEnd(chosen) };
  if (granting === null || holdsAgainst(subscription, granting)) return chosenFacts;
  return { ...grantOf(granting, subscription, books), ...chosenFacts };
}

function grantOf(standing: StripeStanding, { override }: Subscription, books: readonly PriceBook[]): Partial<SubscriptionFacts> {
  const item = baseItemOf(standing);
  if (item === null) return {};
  const { start, end, billingEnd } = grantedPeriodOf(standing);
  const { plan, book } = item;
  return {
    plan,
    book,
    trialEndsAt: standing.trialEnd,
    currentPeriodStart: start,
    currentPeriodEndsAt: end,
    billingPeriodEndsAt: billingEnd,
    entitlements: entitlementsOf({ plan, book, override }, books),
    discounts: standing.discounts,
    isContract: false,
  };
}

function endedBy(subscription: Subscription, facts: Partial<SubscriptionFacts>, deactivatedAt: Date): Partial<SubscriptionFacts> {
  const { currentPeriodEndsAt, billingPeriodEndsAt } = { ...subscription, ...facts };
  const orThen = (end: Date | null): Date => (end !== null && end < deactivatedAt ? end : deactivatedAt);
  return { ...facts, status: 'CANCELED', cancelAtPeriodEnd: false, currentPeriodEndsAt: orThen(currentPeriodEndsAt), billingPeriodEndsAt: orThen(billingPeriodEndsAt) };
}
