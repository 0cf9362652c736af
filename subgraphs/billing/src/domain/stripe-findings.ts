import { isLiveAtStripe, type Subscription } from './subscription.ts';
import type { MarkFault } from './stripe-items.ts';
import { chooseStanding, isOurs, showsPlan, type StripeStanding } from './stripe-standing.ts';

/**
 * What others made at Stripe, and an operator should know of. PLAN_NOT_SHOWN: no price of the subscription says which plan it
 * is, so that the last known one stays. CUSTOMER_MISSING: Stripe has no such customer, as with the key of another account.
 */
export const STRIPE_FINDING_KINDS = ['PLAN_NOT_SHOWN', 'UNKNOWN_BOOK', 'UNKNOWN_PLAN', 'UNKNOWN_METER', 'FOREIGN_ITEM', 'FOREIGN_SUBSCRIPTION', 'CUSTOMER_DELETED', 'CUSTOMER_MISSING'] as const;
export type StripeFindingKind = (typeof STRIPE_FINDING_KINDS)[number];

export interface StripeFinding {
  kind: StripeFindingKind;
  /** Stripe's id of what it is about. */
  objectId: string;
  /** In words, with Stripe's ids alone: what others wrote there is not repeated. */
  detail: string;
}

/** A customer with more is looked at by hand anyway. */
const MAX_FINDINGS = 100;

const FAULTS: Readonly<Record<MarkFault, string>> = {
  UNKNOWN_BOOK: 'names a price book that is not known here',
  UNKNOWN_PLAN: 'names a plan that is not known here',
  UNKNOWN_METER: 'names a meter that no plan bills',
};

/** Of all that a customer has at Stripe and that has not ended: what is not ours, each thing once. */
export function findingsOf(standings: readonly StripeStanding[], subscription: Subscription): StripeFinding[] {
  const chosen = chooseStanding(standings, subscription);
  const found = standings.filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired').flatMap((standing) => ofStanding(standing, subscription, standing === chosen));
  return [...new Map(found.map((finding) => [`${finding.kind} ${finding.objectId}`, finding])).values()].slice(0, MAX_FINDINGS);
}

function ofStanding(standing: StripeStanding, subscription: Subscription, isChosen: boolean): StripeFinding[] {
  const { subscriptionId } = standing;
  if (!isOurs(standing, subscription)) return [{ kind: 'FOREIGN_SUBSCRIPTION', objectId: subscriptionId, detail: `The subscription ${subscriptionId} has no price of ours: it is left alone.` }];
  const others = (standing.others ?? []).map((item): StripeFinding => (item.fault === null ? { kind: 'FOREIGN_ITEM', objectId: item.itemId, detail: `The item ${item.itemId} of ${subscriptionId} has the price ${item.priceId}, which is none of ours: it is left alone.` } : ofFault(item.fault, item.priceId, subscriptionId)));
  const marks = standing.items.flatMap(({ fault, priceId }) => (fault === undefined || priceId === undefined ? [] : [ofFault(fault, priceId, subscriptionId)]));
  const plan: StripeFinding[] = isChosen && !showsPlan(standing) ? [{ kind: 'PLAN_NOT_SHOWN', objectId: subscriptionId, detail: `No price of ${subscriptionId} says which plan it is: ${subscription.plan} stays.` }] : [];
  return [...plan, ...others, ...marks];
}

function ofFault(fault: MarkFault, priceId: string, subscriptionId: string): StripeFinding {
  return { kind: fault, objectId: priceId, detail: `The price ${priceId}, on ${subscriptionId}, ${FAULTS[fault]}.` };
}

/** Of a customer whose customer at Stripe is not there. */
export function findingOfAbsence(absence: 'deleted' | 'missing', stripeCustomerId: string, subscription: Subscription): StripeFinding[] {
  if (absence === 'deleted') return [{ kind: 'CUSTOMER_DELETED', objectId: stripeCustomerId, detail: `${stripeCustomerId} was deleted at Stripe: the next checkout makes another.` }];
  const holds = isLiveAtStripe(subscription) ? 'its subscription stays as it was read last' : 'the next checkout makes another';
  return [{ kind: 'CUSTOMER_MISSING', objectId: stripeCustomerId, detail: `Stripe has no ${stripeCustomerId}: ${holds}. Is this the account that it was made in?` }];
}
