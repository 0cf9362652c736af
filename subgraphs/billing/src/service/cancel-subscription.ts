import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { cancelAtStripe } from '../clients/stripe-endings.ts';
import { isContractInForce } from '../domain/contract.ts';
import { cancelSubscription as canceled, isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { oneAtATime, readBillingCustomer } from './billing-customer.ts';
import { changeAtStripe } from './change-at-stripe.ts';
import { changeLocally } from './change-locally.ts';
import { awaitUsage } from './await-usage.ts';

const MAX_REASON = 500;

export interface CancelInput {
  customerId: string;
  atPeriodEnd?: boolean | null | undefined;
  reason?: string | null | undefined;
}

/**
 * Ends a subscription with its period, or at once, which bills what was used and credits what was paid ahead: what was not paid is
 * not credited, and stays owed. Asked again it answers the same.
 * @throws AppError NO_SUBSCRIPTION, CUSTOMER_NOT_FOUND, INVALID_TEXT, EDITED_AT_STRIPE, STRIPE_UNAVAILABLE (send it again)
 */
export async function cancelSubscription(app: BillingApp, caller: Caller, input: CancelInput): Promise<Subscription> {
  const { customerId, reason = null } = input;
  const atPeriodEnd = input.atPeriodEnd ?? true;
  if (reason !== null && reason.length > MAX_REASON) throw new AppError('INVALID_INPUT', 'INVALID_TEXT');
  if (!atPeriodEnd) await awaitUsage(app, customerId);
  return oneAtATime(app, customerId, async () => {
    const { subscription } = await readBillingCustomer(app, customerId);
    const cause = { actor: actorOf(caller), action: 'cancelSubscription', detail: [atPeriodEnd ? 'with its period' : 'at once', ...(reason === null ? [] : [reason])].join(': ') };
    if (isContractInForce(subscription) && caller.kind === 'admin') return changeLocally(app, customerId, cause, (current, now) => canceled(current, now));
    if (subscription.status === 'CANCELED' && subscription.stripeSubscriptionId !== null) return subscription;
    if (!isLiveAtStripe(subscription)) throw new AppError('CONFLICT', 'NO_SUBSCRIPTION');
    if (atPeriodEnd && subscription.cancelAtPeriodEnd) return subscription;
    const after = await changeAtStripe(app, {
      customerId,
      kind: 'cancel',
      input: { atPeriodEnd, reason, version: subscription.version },
      ...cause,
      call: (key) => cancelAtStripe(app.stripe, subscription.stripeSubscriptionId ?? '', { atPeriodEnd, comment: reason, now: app.clock.now() }, key),
      isDone: (current) => current.status === 'CANCELED' || (atPeriodEnd && current.cancelAtPeriodEnd),
    });
    return after ?? subscription;
  });
}
