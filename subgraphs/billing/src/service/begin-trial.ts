import { floorAfter } from '@iotistic/chassis/restores';
import type { EventPayload } from '@iotistic/contracts/events';
import type { BillingApp } from '../app.ts';
import { cancelSubscription, trialFor } from '../domain/subscription.ts';
import { lockCustomer } from '../repository/customers.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';
import { copyCustomer } from './copy-customer.ts';

/**
 * A new customer gets one trial, ever: a second delivery of the same sign-up changes nothing. For a customer whose
 * deactivation was heard of first, the trial is over as it begins.
 */
export async function beginTrial(app: Pick<BillingApp, 'db' | 'clock' | 'config' | 'live' | 'restores'>, customer: EventPayload<'customer.signed_up'>): Promise<void> {
  const trial = trialFor({ customerId: customer.customerId, createdAt: new Date(customer.createdAt) }, app.config.TRIAL_DAYS);
  const started = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customer.customerId);
    const { licenseName } = await copyCustomer(tx, known, customer);
    if ((await findSubscription(tx, customer.customerId)) !== null) return null;
    const first = { ...trial, version: trial.version + floorAfter(app.restores) };
    const subscription = known.deactivatedAt === null ? first : cancelSubscription(first, known.deactivatedAt);
    return changeSubscription(tx, subscription, licenseName, { actor: 'billing', reason: 'trial started' }, app.clock.now());
  });
  await tellSubscriptionChanged(app, started);
}
