import type { Db, Tx } from '@iotistic/chassis/database';
import { type Selectable, sql } from 'kysely';
import { type BillingPeriod } from '../domain/settlement.ts';
import type { Subscription } from '../domain/subscription.ts';
import type { BillingPeriodsTable, BillingTables } from './tables.ts';

function toPeriod(row: Selectable<BillingPeriodsTable>): BillingPeriod {
  return { customerId: row.customer_id, periodStart: row.period_start, periodEnd: row.period_end, plan: row.plan, book: row.book, isTrial: row.is_trial, stripeSubscriptionId: row.stripe_subscription_id, invoiceId: row.invoice_id, settledAt: row.settled_at };
}

/** The period that a subscription's newest version names; one that ran beyond its start ended there. */
export async function saveBillingPeriod(tx: Tx<BillingTables>, { customerId, currentPeriodStart: start, billingPeriodEndsAt: end, plan, book, status, stripeSubscriptionId }: Subscription): Promise<void> {
  if (start === null) return;
  // Canceled in its first second, it has no length.
  const terms = { period_end: end !== null && end < start ? start : end, plan, book, is_trial: status === 'TRIALING', stripe_subscription_id: stripeSubscriptionId };
  // One that began later and is older was replaced: Stripe's clock is behind ours, or knows seconds only.
  await tx.deleteFrom('billing_periods').where('customer_id', '=', customerId).where('period_start', '>', start).where('settled_at', 'is', null).execute();
  await tx
    .updateTable('billing_periods')
    .set({ period_end: start })
    .where('customer_id', '=', customerId)
    .where('period_start', '<', start)
    .where((where) => where.or([where('period_end', 'is', null), where('period_end', '>', start)]))
    .execute();
  await tx
    .insertInto('billing_periods')
    .values({ customer_id: customerId, period_start: start, ...terms, invoice_id: null, settled_at: null })
    .onConflict((conflict) => conflict.columns(['customer_id', 'period_start']).doUpdateSet(terms).where('billing_periods.settled_at', 'is', null))
    .execute();
}

/** Oldest first. */
export async function listBillingPeriods(db: Db<BillingTables>, customerId: string): Promise<BillingPeriod[]> {
  return (await db.selectFrom('billing_periods').selectAll().where('customer_id', '=', customerId).orderBy('period_start').execute()).map(toPeriod);
}

export async function saveSettlement(tx: Tx<BillingTables>, { customerId, periodStart }: BillingPeriod, settled: { invoiceId: string | null; at: Date }): Promise<void> {
  await tx.updateTable('billing_periods').set({ invoice_id: settled.invoiceId, settled_at: settled.at }).where('customer_id', '=', customerId).where('period_start', '=', periodStart).execute();
}

/** Whether its invoice is final. */
export async function isPeriodSettled(db: Db<BillingTables>, customerId: string, periodStart: Date): Promise<boolean> {
  const row = await db.selectFrom('billing_periods').select('settled_at').where('customer_id', '=', customerId).where('period_start', '=', periodStart).where('settled_at', 'is not', null).executeTakeFirst();
  return row !== undefined;
}

/** Customers with a period that is over and not settled, the oldest first. @param except who is left out */
export async function listCustomersToSettle(db: Db<BillingTables>, before: Date, except: readonly string[], limit: number): Promise<string[]> {
  const rows = await db.selectFrom('billing_periods').select((select) => ['customer_id', select.fn.min('period_end').as('since')]).where('settled_at', 'is', null).where('period_end', '<', before).where(sql<boolean>`customer_id <> all(${except}::text[])`).groupBy('customer_id').orderBy('since').limit(limit).execute();
  return rows.map((row) => row.customer_id);
}
