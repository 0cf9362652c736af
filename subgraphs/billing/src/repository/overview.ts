import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import { discountsSchema } from '../domain/discount.ts';
import type { SubscriptionCount } from '../domain/mrr.ts';
import type { BillingTables } from './tables.ts';

/** How many customers there are of each kind of subscription. */
export async function countSubscriptions(db: Db<BillingTables>): Promise<SubscriptionCount[]> {
  const { rows } = await sql<Pick<SubscriptionCount, 'plan' | 'book' | 'status'> & { discounts: string; customers: number }>`
    select plan, book, status, discounts::text as discounts, count(*) as customers from subscriptions group by 1, 2, 3, 4`.execute(db);
  return rows.map((row) => ({ plan: row.plan, book: row.book, status: row.status, discounts: discountsSchema.parse(JSON.parse(row.discounts)), customers: row.customers }));
}

export async function countTrialsEnding(db: Db<BillingTables>, from: Date, to: Date): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from subscriptions where status = 'TRIALING' and stripe_subscription_id is null and trial_ends_at > ${from} and trial_ends_at <= ${to}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Invoices that somebody still owes, or that were given up. */
export async function countUnpaidInvoices(db: Db<BillingTables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from invoices where status in ('OPEN', 'UNCOLLECTIBLE')`.execute(db);
  return rows[0]?.count ?? 0;
}
