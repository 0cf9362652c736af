import type { Db, Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { InvoiceStatus } from '../domain/invoice.ts';
import type { TrueUp } from '../domain/true-up.ts';
import type { BillingTables, TrueUpsTable } from './tables.ts';

function toTrueUp(row: Selectable<TrueUpsTable>): TrueUp {
  return { id: row.id, customerId: row.customer_id, meter: row.meter, periodStart: row.period_start, fromUnits: row.from_units, toUnits: row.to_units, amount: row.amount, currency: row.currency, description: row.description, status: row.status, stripeItemId: row.stripe_item_id, createdAt: row.created_at, attemptedAt: row.attempted_at };
}

export async function insertTrueUp(tx: Tx<BillingTables>, trueUp: TrueUp): Promise<void> {
  await tx
    .insertInto('true_ups')
    .values({ id: trueUp.id, customer_id: trueUp.customerId, meter: trueUp.meter, period_start: trueUp.periodStart, from_units: trueUp.fromUnits, to_units: trueUp.toUnits, amount: trueUp.amount, currency: trueUp.currency, description: trueUp.description, status: trueUp.status, stripe_item_id: trueUp.stripeItemId, created_at: trueUp.createdAt, attempted_at: trueUp.attemptedAt, error: null })
    .execute();
}

/** Of one meter in one period, oldest first. */
export async function listTrueUps(db: Db<BillingTables>, of: { customerId: string; meter: Meter; periodStart: Date }): Promise<TrueUp[]> {
  const rows = await db.selectFrom('true_ups').selectAll().where('customer_id', '=', of.customerId).where('meter', '=', of.meter).where('period_start', '=', of.periodStart).orderBy('created_at').orderBy('id').execute();
  return rows.map(toTrueUp);
}

/** In the order of the ids; null for one that is not known. */
export async function findTrueUps(db: Db<BillingTables>, ids: readonly string[]): Promise<(TrueUp | null)[]> {
  const rows = await db.selectFrom('true_ups').selectAll().where(sql<boolean>`id = any(${ids})`).execute();
  const byId = new Map(rows.map((row) => [row.id, toTrueUp(row)]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** null while it is on no invoice that we know. */
export async function findInvoiceOfTrueUp(db: Db<BillingTables>, id: string): Promise<string | null> {
  return (await db.selectFrom('invoice_lines').select('invoice_id').where('true_up_id', '=', id).executeTakeFirst())?.invoice_id ?? null;
}

/** What Stripe was not told yet, oldest first. */
export async function listUnsentTrueUps(db: Db<BillingTables>, customerId: string): Promise<TrueUp[]> {
  return (await db.selectFrom('true_ups').selectAll().where('customer_id', '=', customerId).where('status', '=', 'PENDING').orderBy('created_at').orderBy('id').execute()).map(toTrueUp);
}

/** What waits at Stripe for the next invoice: told, and on none of the invoices that we know. */
export async function listWaitingTrueUps(db: Db<BillingTables>, customerId: string): Promise<TrueUp[]> {
  const { rows } = await sql<Selectable<TrueUpsTable>>`
    select t.* from true_ups t where t.customer_id = ${customerId} and t.status = 'SENT' and not exists (select from invoice_lines l where l.true_up_id = t.id) order by t.created_at, t.id`.execute(db);
  return rows.map(toTrueUp);
}

/** Before Stripe is asked; the first time counts. */
export async function markAttempted(tx: Tx<BillingTables>, id: string, now: Date): Promise<void> {
  await sql`update true_ups set attempted_at = coalesce(attempted_at, ${now}) where id = ${id}`.execute(tx);
}

export async function markTrueUpSent(tx: Tx<BillingTables>, id: string, stripeItemId: string): Promise<void> {
  await tx.updateTable('true_ups').set({ status: 'SENT', stripe_item_id: stripeItemId, error: null }).where('id', '=', id).execute();
}

export async function markTrueUpRejected(tx: Tx<BillingTables>, id: string, error: string): Promise<void> {
  await tx.updateTable('true_ups').set({ status: 'REJECTED', error }).where('id', '=', id).execute();
}

/** How the invoice stands that billed a period; null where none is known. */
export async function findPeriodInvoiceStatus(db: Db<BillingTables>, customerId: string, periodStart: Date): Promise<InvoiceStatus | null> {
  const row = await db.selectFrom('billing_periods as p').innerJoin('invoices as i', 'i.id', 'p.invoice_id').select('i.status').where('p.customer_id', '=', customerId).where('p.period_start', '=', periodStart).executeTakeFirst();
  return row?.status ?? null;
}

/** Customers with something that Stripe was not told, the oldest first; a credit waits until the invoice that it takes back is paid. @param except who is left out */
export async function listCustomersToTrueUp(db: Db<BillingTables>, except: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql<{ customer_id: string }>`
    select customer_id from true_ups t where status = 'PENDING' and customer_id <> all(${except}::text[])
      and not (amount < 0 and exists (select from billing_periods p join invoices i on i.id = p.invoice_id where p.customer_id = t.customer_id and p.period_start = t.period_start and i.status in ('DRAFT', 'OPEN')))
    group by customer_id order by min(created_at), customer_id limit ${limit}`.execute(db);
  return rows.map((row) => row.customer_id);
}
