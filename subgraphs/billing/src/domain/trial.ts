import { AppError } from '@iotistic/contracts/errors';
import type { PlanKey } from '@iotistic/contracts/events';
import { bookAt, PRICE_BOOKS } from './price-book.ts';
import { entitlementsOf, isLiveAtStripe, revised, type Subscription } from './subscription.ts';

const DAY_MS = 86_400_000;
const MAX_TRIAL_DAYS = 365;

/** A trial of ours, without a card: Stripe knows nothing of it. */
export function isLocalTrial({ status, stripeSubscriptionId }: Pick<Subscription, 'status' | 'stripeSubscriptionId'>): boolean {
  return status === 'TRIALING' && stripeSubscriptionId === null;
}

/** A local trial whose time is over is PAUSED, Stripe's word for a trial that ended without a card. Its period ended with it, whenever we come to say so. */
export function endTrial(subscription: Subscription, now: Date): Subscription {
  if (!isLocalTrial(subscription) || subscription.trialEndsAt === null || subscription.trialEndsAt > now) return subscription;
  return revised(subscription, { status: 'PAUSED' }, now);
}

/**
 * An operator's trial of any plan, from now on; it takes the place of a trial that is under way, or over.
 * @throws AppError INVALID_DAYS, SUBSCRIPTION_EXISTS, TRIAL_ALREADY_USED (nothing is tried that was bought before)
 */
export function grantTrial(subscription: Subscription, trial: { plan: PlanKey; days: number }, now: Date): Subscription {
  if (!Number.isInteger(trial.days) || trial.days < 1 || trial.days > MAX_TRIAL_DAYS) throw new AppError('INVALID_INPUT', 'INVALID_DAYS');
  if (isLiveAtStripe(subscription) || (subscription.isContract && subscription.status === 'ACTIVE')) throw new AppError('CONFLICT', 'SUBSCRIPTION_EXISTS');
  if (subscription.isContract || (subscription.stripeSubscriptionId !== null && subscription.status === 'CANCELED')) throw new AppError('CONFLICT', 'TRIAL_ALREADY_USED');
  const trialEndsAt = new Date(now.getTime() + trial.days * DAY_MS);
  const sold = { plan: trial.plan, book: bookAt(PRICE_BOOKS, now).key };
  return revised(
    subscription,
    {
      ...sold,
      status: 'TRIALING',
      trialEndsAt,
      currentPeriodStart: now,
      currentPeriodEndsAt: trialEndsAt,
      billingPeriodEndsAt: trialEndsAt,
      cancelAtPeriodEnd: false,
      entitlements: entitlementsOf({ ...sold, override: subscription.override }),
      discounts: [],
      stripeSubscriptionId: null,
    },
    now,
  );
}
