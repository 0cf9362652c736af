import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { resumeAtStripe } from '../clients/stripe-subscriptions.ts';
import { isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { oneAtATime, readBillingCustomer, refuseDeactivated } from './billing-customer.ts';
import { changeAtStripe } from './change-at-stripe.ts';

/**
 * Takes back a cancellation at the period's end.
 * @throws AppError NO_SUBSCRIPTION, NOT_ENDING, CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, STRIPE_UNAVAILABLE (send it again)
 */
export async function resumeSubscription(app: BillingApp, caller: Caller, { customerId }: { customerId: string }): Promise<Subscription> {
  return oneAtATime(app, customerId, async () => {
    const customer = await readBillingCustomer(app, customerId);
    refuseDeactivated(customer);
    const { subscription } = customer;
    if (!isLiveAtStripe(subscription)) throw new AppError('CONFLICT', 'NO_SUBSCRIPTION');
    if (!subscription.cancelAtPeriodEnd) throw new AppError('CONFLICT', 'NOT_ENDING');
    const after = await changeAtStripe(app, {
      customerId,
      kind: 'resume',
      input: { version: subscription.version },
      actor: actorOf(caller),
      action: 'resumeSubscription',
      detail: null,
      call: (key) => resumeAtStripe(app.stripe, subscription.stripeSubscriptionId ?? '', key),
      isDone: (current) => !current.cancelAtPeriodEnd && current.status !== 'CANCELED',
    });
    return after ?? subscription;
  });
}
