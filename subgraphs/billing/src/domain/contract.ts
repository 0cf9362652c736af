import { AppError } from '@iotistic/contracts/errors';
import { bookAt, PRICE_BOOKS } from './price-book.ts';
import { entitlementsOf, isLiveAtStripe, revised, type Subscription } from './subscription.ts';

/** On the plan that is sold by contract, from now on and without an end; Stripe has no part in it. @throws AppError SUBSCRIPTION_EXISTS, ALREADY_ON_PLAN */
export function contractSubscription(subscription: Subscription, now: Date): Subscription {
  if (isLiveAtStripe(subscription)) throw new AppError('CONFLICT', 'SUBSCRIPTION_EXISTS');
  if (isContractInForce(subscription)) throw new AppError('CONFLICT', 'ALREADY_ON_PLAN');
  const sold = { plan: 'ENTERPRISE', book: bookAt(PRICE_BOOKS, now).key } as const;
  return revised(
    subscription,
    {
      ...sold,
      status: 'ACTIVE',
      trialEndsAt: null,
      currentPeriodStart: now,
      currentPeriodEndsAt: null,
      billingPeriodEndsAt: null,
      cancelAtPeriodEnd: false,
      entitlements: entitlementsOf({ ...sold, override: subscription.override }),
      discounts: [],
      stripeSubscriptionId: null,
      isContract: true,
    },
    now,
  );
}

export function isContractInForce({ isContract, status }: Pick<Subscription, 'isContract' | 'status'>): boolean {
  return isContract && status === 'ACTIVE';
}
