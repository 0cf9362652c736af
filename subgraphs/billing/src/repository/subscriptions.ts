import type { Db, Tx } from '@iotistic/chassis/database';
import { entitlementsSchema } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import { discountsSchema } from '../domain/discount.ts';
import { entitlementOverrideSchema } from '../domain/entitlement-override.ts';
import type { Subscription } from '../domain/subscription.ts';
import { saveBillingPeriod } from './billing-periods.ts';
import type { BillingTables, SubscriptionsTable } from './tables.ts';

/** What is stored about a customer: its subscription once the sign-up was handled, and whether it was deactivated. */
export interface Standing {
  subscription: Subscription | null;
  deactivatedAt: Date | null;
}

type Row = Selectable<SubscriptionsTable>;

function toSubscription(row: Row): Subscription {
  return {
    id: row.id,
    customerId: row.customer_id,
    plan: row.plan,
    status: row.status,
    trialEndsAt: row.trial_ends_at,
    currentPeriodStart: row.current_period_start,
    currentPeriodEndsAt: row.current_period_ends_at,
    cancelAtPeriodEnd: row.cancel_at_period_end,
    entitlements: entitlementsSchema.parse(row.entitlements),
    book: row.book,
    override: row.override === null ? null : entitlementOverrideSchema.parse(row.override),
    discounts: discountsSchema.parse(row.discounts),
    stripeSubscriptionId: row.stripe_subscription_id,
    isContract: row.is_contract,
    billingPeriodEndsAt: row.billing_period_ends_at,
    version: row.version,
    updatedAt: row.updated_at,
  };
}

/** In the order of the ids. */
export async function listStandings(db: Db<BillingTables>, customerIds: readonly string[]): Promise<Standing[]> {
  const [subscriptions, deactivated] = await Promise.all([
    db.selectFrom('subscriptions').selectAll().where(sql<boolean>`customer_id = any(${customerIds})`).execute(),
    db.selectFrom('customers').select(['id', 'deactivated_at']).where(sql<boolean>`id = any(${customerIds})`).where('deactivated_at', 'is not', null).execute(),
  ]);
  const subscriptionOf = new Map(subscriptions.map((row) => [row.customer_id, toSubscription(row)]));
  const deactivatedAt = new Map(deactivated.map((row) => [row.id, row.deactivated_at]));
  return customerIds.map((id) => ({ subscription: subscriptionOf.get(id) ?? null, deactivatedAt: deactivatedAt.get(id) ?? null }));
}

/** In the order of the ids; null for one that is not known. */
export async function listSubscriptions(db: Db<BillingTables>, ids: readonly string[]): Promise<(Subscription | null)[]> {
  const rows = await db.selectFrom('subscriptions').selectAll().where(sql<boolean>`id = any(${ids})`).execute();
  const byId = new Map(rows.map((row) => [row.id, toSubscription(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** Of a customer that the transaction has locked. */
export async function findSubscription(tx: Db<BillingTables>, customerId: string): Promise<Subscription | null> {
  const row = await tx.selectFrom('subscriptions').selectAll().where('customer_id', '=', customerId).executeTakeFirst();
  return row === undefined ? null : toSubscription(row);
}

/** Writes it, and the period that it names, unless the same or a later version is stored; answers whether it did. */
export async function saveSubscription(tx: Tx<BillingTables>, subscription: Subscription): Promise<boolean> {
  const row = {
    id: subscription.id,
    customer_id: subscription.customerId,
    plan: subscription.plan,
    status: subscription.status,
    trial_ends_at: subscription.trialEndsAt,
    current_period_start: subscription.currentPeriodStart,
    current_period_ends_at: subscription.currentPeriodEndsAt,
    cancel_at_period_end: subscription.cancelAtPeriodEnd,
    entitlements: JSON.stringify(subscription.entitlements),
    book: subscription.book,
    override: subscription.override === null ? null : JSON.stringify(subscription.override),
    discounts: JSON.stringify(subscription.discounts),
    stripe_subscription_id: subscription.stripeSubscriptionId,
    is_contract: subscription.isContract,
    billing_period_ends_at: subscription.billingPeriodEndsAt,
    version: subscription.version,
    updated_at: subscription.updatedAt,
  };
  const { id: _id, customer_id: _customerId, ...rest } = row;
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('subscriptions')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(rest).where('subscriptions.version', '<', subscription.version))
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows !== 1n) return false;
  await saveBillingPeriod(tx, subscription);
  return true;
}

/** Customers whose local trial is over. @param except who is left out */
export async function listEndedTrials(db: Db<BillingTables>, now: Date, except: readonly string[], limit: number): Promise<string[]> {
  const rows = await db.selectFrom('subscriptions').select('customer_id').where('status', '=', 'TRIALING').where('stripe_subscription_id', 'is', null).where('trial_ends_at', '<=', now).where(sql<boolean>`customer_id <> all(${except}::text[])`).orderBy('trial_ends_at').limit(limit).execute();
  return rows.map((row) => row.customer_id);
}

export interface EndingTrial {
  subscription: Subscription;
  email: string | null;
  name: string;
}

/** Trials that end within that time, Stripe's included, a page at a time: the soonest first, those after that subscription. */
export async function listEndingTrials(db: Db<BillingTables>, within: { from: Date; to: Date }, after: { endsAt: Date; id: string } | null, limit: number): Promise<EndingTrial[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .innerJoin('customers', 'customers.id', 'subscriptions.customer_id')
    .selectAll('subscriptions')
    .select(['customers.email', 'customers.license_name'])
    .where('status', '=', 'TRIALING')
    .where('trial_ends_at', '>', within.from)
    .where('trial_ends_at', '<=', within.to)
    .$if(after !== null, (query) => query.where(sql<boolean>`(trial_ends_at, subscriptions.id) > (${after?.endsAt}::timestamptz, ${after?.id})`))
    .orderBy('trial_ends_at')
    .orderBy('subscriptions.id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ subscription: toSubscription(row), email: row.email, name: row.license_name ?? '' }));
}

/** Of every subscription there is. */
export async function raiseVersions(tx: Tx<BillingTables>, by: number): Promise<void> {
  await tx.updateTable('subscriptions').set((row) => ({ version: row('version', '+', by) })).execute();
}

/** Subscriptions with the names that their licenses bear, by customer, a page at a time. */
export async function listNamedSubscriptions(db: Db<BillingTables>, after: string, limit: number): Promise<{ subscription: Subscription; licenseName: string }[]> {
  const rows = await db.selectFrom('subscriptions').innerJoin('customers', 'customers.id', 'subscriptions.customer_id').selectAll('subscriptions').select('customers.license_name').where('subscriptions.customer_id', '>', after).orderBy('subscriptions.customer_id').limit(limit).execute();
  return rows.map((row) => ({ subscription: toSubscription(row), licenseName: row.license_name ?? '' }));
}
