import { addMonths, currentPeriod } from '@iotistic/contracts/usage-period';
import type { Period } from './reconciliation.ts';
import type { Subscription } from './subscription.ts';

type Named = Pick<Subscription, 'currentPeriodStart' | 'currentPeriodEndsAt' | 'billingPeriodEndsAt'>;

/**
 * The period that usage is measured in now, by the rule that usage itself goes by. It is the subscription's own only
 * while that runs: a contract is measured by calendar months, and who has none any more by the months after its end.
 */
export function usagePeriodOf(subscription: Named, now: Date): Period {
  const { currentPeriodStart, currentPeriodEndsAt, billingPeriodEndsAt } = subscription;
  const periodEnd = billingPeriodEndsAt ?? currentPeriodEndsAt;
  const said = { periodStart: currentPeriodStart, periodEnd, firstPeriodStart: currentPeriodStart };
  const { startMs, endMs } = currentPeriod(said, now);
  return { start: new Date(startMs), end: new Date(endMs) };
}

/**
 * The period whose figures are compared with Stripe's: the newest subscription's there, also once that has ended; of a
 * customer who has none there, the one that usage is measured in.
 */
export function comparedPeriodOf(subscription: Named & Pick<Subscription, 'stripeSubscriptionId'>, now: Date): Period {
  const { stripeSubscriptionId, currentPeriodStart: start, billingPeriodEndsAt: end } = subscription;
  if (stripeSubscriptionId === null || start === null) return usagePeriodOf(subscription, now);
  return { start, end: end !== null && end > start ? end : new Date(Math.max(addMonths(start, 1), now.getTime())) };
}
