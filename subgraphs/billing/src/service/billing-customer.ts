import { whenHeardOf } from '@iotistic/chassis/heard-of';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { ensureStripeCustomer, readStripeCustomer } from '../clients/stripe-customers.ts';
import { isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { findCustomer, type KnownCustomer, linkStripeCustomer, lockCustomer, replaceStripeCustomer } from '../repository/customers.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { syncCustomer } from './sync-customer.ts';

export interface BillingCustomer extends KnownCustomer {
  subscription: Subscription;
}

/**
 * A customer with its subscription. Who signed up this moment may not be heard of yet and is waited for.
 * @throws AppError CUSTOMER_NOT_FOUND
 */
export async function getBillingCustomer(app: Pick<BillingApp, 'db'>, customerId: string): Promise<BillingCustomer> {
  const customer = await whenHeardOf(async () => {
    const [known, subscription] = await Promise.all([findCustomer(app.db, customerId), findSubscription(app.db, customerId)]);
    return known === null || subscription === null ? null : { ...known, subscription };
  });
  if (customer === null) throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
  return customer;
}

/**
 * The same, as Stripe knows it this moment: a webhook may be on its way, or lost, and what is decided on an older reading could
 * sell twice. Within the customer's turn.
 * @throws AppError CUSTOMER_NOT_FOUND, STRIPE_UNAVAILABLE
 */
export async function readBillingCustomer(app: Parameters<typeof syncCustomer>[0], customerId: string): Promise<BillingCustomer> {
  const customer = await getBillingCustomer(app, customerId);
  if (customer.stripeCustomerId === null) return customer;
  await syncCustomer(app, customerId, { actor: 'billing', reason: 'read before a change' });
  return getBillingCustomer(app, customerId);
}

/** @throws AppError CUSTOMER_DEACTIVATED */
export function refuseDeactivated(customer: KnownCustomer): void {
  if (customer.deactivatedAt !== null) throw new AppError('CONFLICT', 'CUSTOMER_DEACTIVATED');
}

/** One change of a customer at a time, in all processes: what is read before it still holds when it is made. */
export function oneAtATime<T>(app: Pick<BillingApp, 'exclusive'>, customerId: string, work: () => Promise<T>): Promise<T> {
  return app.exclusive.run(`customer:${customerId}`, work);
}

/**
 * The customer's at Stripe, made when there is none, or when the one that was there is gone. While a subscription is believed to
 * run at one that this account does not have, nothing is made: the key may be another account's.
 * @throws AppError MISSING_AT_STRIPE, STRIPE_UNAVAILABLE
 */
export async function ensureLinkedCustomer(app: Pick<BillingApp, 'db' | 'stripe'>, customer: BillingCustomer): Promise<string> {
  const { id, stripeCustomerId: gone, subscription } = customer;
  const found = gone === null ? 'missing' : await readStripeCustomer(app.stripe, gone);
  if (typeof found !== 'string') return found.id;
  if (gone !== null && found === 'missing' && isLiveAtStripe(subscription)) throw new AppError('CONFLICT', 'MISSING_AT_STRIPE');
  const made = await ensureStripeCustomer(app.stripe, { customerId: id, email: customer.email, name: customer.licenseName, instead: gone });
  return app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, id);
    return gone === null ? linkStripeCustomer(tx, id, made) : replaceStripeCustomer(tx, id, gone, made);
  });
}
