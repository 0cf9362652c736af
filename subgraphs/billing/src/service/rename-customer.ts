import type { EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { changed } from '../domain/subscription.ts';
import { lockCustomer } from '../repository/customers.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';
import { copyCustomer } from './copy-customer.ts';

/** Keeps billing's copy of the customer; a new license name is a new version, since the license carries it. */
export async function renameCustomer(app: Pick<BillingApp, 'db' | 'clock' | 'live' | 'work'>, customer: EventPayload<'customer.updated'>): Promise<void> {
  let stripeCustomerId: string | null = null;
  const renamed = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customer.customerId);
    ({ stripeCustomerId } = known);
    const { licenseName, renamed: isNew } = await copyCustomer(tx, known, customer);
    const subscription = await findSubscription(tx, customer.customerId);
    if (!isNew || subscription === null) return null;
    return changeSubscription(tx, changed(subscription, new Date(customer.updatedAt)), licenseName, { actor: 'billing', reason: 'customer renamed' }, app.clock.now());
  });
  await tellSubscriptionChanged(app, renamed);
  if (stripeCustomerId !== null) await app.work.add('rename-at-stripe', newId('req'), { customerId: customer.customerId });
}
