import { isLive, showsPlan, type StripeStanding } from './stripe-standing.ts';
import type { Subscription } from './subscription.ts';

/** A subscription at Stripe that is to end at once, and how loudly that is said. */
export interface SurplusEnd {
  subscriptionId: string;
  /** `error`: somebody would pay twice. `info`: the account was closed, which is the normal case. */
  level: 'info' | 'error';
}

/** What a customer pays for twice, or after its account was closed; what shows no plan of ours is left alone. Nothing of a customer whose sign-up was not heard of. */
export function surplusOf(subscription: Pick<Subscription, 'status' | 'stripeSubscriptionId'> | null, standings: readonly StripeStanding[]): SurplusEnd[] {
  if (subscription === null) return [];
  const live = standings.filter((standing) => isLive(standing) && showsPlan(standing));
  const isClosed = subscription.status === 'CANCELED' && live.some(({ subscriptionId }) => subscriptionId === subscription.stripeSubscriptionId);
  const surplus = isClosed ? live : live.filter(({ subscriptionId }) => subscriptionId !== subscription.stripeSubscriptionId);
  return surplus.map(({ subscriptionId }) => ({ subscriptionId, level: isClosed ? 'info' : 'error' }));
}
