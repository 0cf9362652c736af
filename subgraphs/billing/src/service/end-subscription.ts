import type { EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { cancelSubscription } from '../domain/subscription.ts';
import { lockCustomer, saveDeactivation } from '../repository/customers.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';

/** A deactivated customer's subscription ends then. Heard of before the sign-up, it is remembered, and start-trial ends it. */
export async function endSubscription(app: Pick<BillingApp, 'db' | 'clock' | 'live' | 'work'>, deactivation: EventPayload<'customer.deactivated'>): Promise<void> {
  const at = new Date(deactivation.at);
  let stripeCustomerId: string | null = null;
  const ended = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, deactivation.customerId);
    ({ stripeCustomerId } = known);
    if (known.deactivatedAt !== null) return null;
    await saveDeactivation(tx, deactivation.customerId, at);
    const subscription = await findSubscription(tx, deactivation.customerId);
    if (subscription === null) return null;
    const canceled = cancelSubscription(subscription, at);
    return changeSubscription(tx, canceled, known.licenseName ?? '', { actor: deactivation.actor, reason: deactivation.reason }, app.clock.now());
  });
  await tellSubscriptionChanged(app, ended);
  if (stripeCustomerId !== null) await app.work.add('close-at-stripe', newId('req'), { customerId: deactivation.customerId });
}
