import type { Db, Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { BillingTables, MeteredQuantitiesTable, MeteredStatus } from './tables.ts';

export interface MeteredQuantity {
  customerId: string;
  meter: Meter;
  periodStart: Date;
  periodEnd: Date;
  /** In the meter's own unit. */
  quantity: number;
  revision: number;
  measuredAt: Date;
  status: MeteredStatus;
  sentQuantity: number | null;
  sentRevision: number | null;
  sentAt: Date | null;
  identifier: string | null;
}

function toQuantity(row: Selectable<MeteredQuantitiesTable>): MeteredQuantity {
  return {
    customerId: row.customer_id,
    meter: row.meter,
    periodStart: row.period_start,
    periodEnd: row.period_end,
    quantity: row.quantity,
    revision: row.revision,
    measuredAt: row.measured_at,
    status: row.status,
    sentQuantity: row.sent_quantity,
    sentRevision: row.sent_revision,
    sentAt: row.sent_at,
    identifier: row.identifier,
  };
}

export interface Measured {
  customerId: string;
  periodStart: Date;
  periodEnd: Date;
  revision: number;
  measuredAt: Date;
  quantities: Partial<Record<Meter, number>>;
}

/** Keeps what the highest revision says of each meter. @returns whether anything is new. */
export async function saveMeasured(tx: Tx<BillingTables>, measured: Measured, meters: readonly Meter[]): Promise<boolean> {
  const rows = meters.map((meter) => ({ customer_id: measured.customerId, meter, period_start: measured.periodStart, period_end: measured.periodEnd, quantity: measured.quantities[meter] ?? 0, revision: measured.revision, measured_at: measured.measuredAt, status: 'PENDING' as const }));
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('metered_quantities')
    .values(rows.map((row) => ({ ...row, sent_quantity: null, sent_revision: null, sent_at: null, identifier: null, error: null })))
    .onConflict((conflict) =>
      conflict
        .columns(['customer_id', 'meter', 'period_start'])
        .doUpdateSet((row) => ({ period_end: row.ref('excluded.period_end'), quantity: row.ref('excluded.quantity'), revision: row.ref('excluded.revision'), measured_at: sql<Date>`greatest(metered_quantities.measured_at, excluded.measured_at)`, status: sql<MeteredStatus>`case when metered_quantities.status = 'SENDING' then 'SENDING' else 'PENDING' end` }))
        .whereRef('metered_quantities.revision', '<', 'excluded.revision'),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows > 0n;
}

/** 0 for one of whom nothing was ever measured. */
export async function findLatestRevision(db: Db<BillingTables>, customerId: string): Promise<number> {
  const row = await db.selectFrom('metered_quantities').select((select) => select.fn.max('revision').as('revision')).where('customer_id', '=', customerId).executeTakeFirst();
  return row?.revision ?? 0;
}

/** What was not told to Stripe yet, oldest period first. */
export async function listUnsent(db: Db<BillingTables>, customerId: string): Promise<MeteredQuantity[]> {
  const rows = await db.selectFrom('metered_quantities').selectAll().where('customer_id', '=', customerId).where('status', 'in', ['PENDING', 'SENDING']).orderBy('period_start').execute();
  return rows.map(toQuantity);
}

/** Customers that have a subscription at Stripe, and something that was measured since then and not told. */
export async function listCustomersToMeter(db: Db<BillingTables>, since: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ customer_id: string }>`
    select distinct q.customer_id from metered_quantities q join subscriptions s on s.customer_id = q.customer_id
    where q.status in ('PENDING', 'SENDING') and q.measured_at >= ${since} and s.stripe_subscription_id is not null and s.status not in ('CANCELED', 'INCOMPLETE_EXPIRED') limit ${limit}`.execute(db);
  return rows.map((row) => row.customer_id);
}

type Key = Pick<MeteredQuantity, 'customerId' | 'meter' | 'periodStart'>;

/** Noted before Stripe hears of it. */
export async function markSending(tx: Tx<BillingTables>, key: Key, sending: { quantity: number; revision: number; identifier: string }, now: Date): Promise<void> {
  await byKey(tx, key).set({ status: 'SENDING', identifier: sending.identifier, sent_quantity: sending.quantity, sent_revision: sending.revision, sent_at: now, error: null }).execute();
}

/** What was measured meanwhile is to be sent after it. */
export async function markSent(tx: Tx<BillingTables>, key: Key, revision: number): Promise<void> {
  await byKey(tx, key).set({ status: sql<MeteredStatus>`case when revision = ${revision} then 'SENT' else 'PENDING' end` }).execute();
}

/** Nothing to tell: it stands at Stripe as it stands here. */
export async function markUnchanged(tx: Tx<BillingTables>, key: Key, revision: number): Promise<void> {
  await byKey(tx, key).where('revision', '=', revision).set({ status: 'SENT', sent_revision: revision }).execute();
}

export async function markRejected(tx: Tx<BillingTables>, key: Key, error: string): Promise<void> {
  await byKey(tx, key).set({ status: 'REJECTED', error }).execute();
}

/** By the identifiers that Stripe names afterwards. @returns how many are ours. */
export async function rejectIdentifier(tx: Tx<BillingTables>, identifier: string, error: string): Promise<string[]> {
  const rows = await tx.updateTable('metered_quantities').set({ status: 'REJECTED', error }).where('identifier', '=', identifier).returning('customer_id').execute();
  return rows.map((row) => row.customer_id);
}

function byKey(tx: Tx<BillingTables>, key: Key) {
  return tx.updateTable('metered_quantities').where('customer_id', '=', key.customerId).where('meter', '=', key.meter).where('period_start', '=', key.periodStart);
}

/** What the meters of a period stand at; Stripe's seconds and our milliseconds name the same start. */
export async function listPeriodQuantities(db: Db<BillingTables>, customerId: string, periodStart: Date): Promise<MeteredQuantity[]> {
  const { rows } = await sql<Selectable<MeteredQuantitiesTable>>`
    select * from metered_quantities where customer_id = ${customerId} and date_trunc('second', period_start) = date_trunc('second', ${periodStart}::timestamptz)`.execute(db);
  return rows.map(toQuantity);
}

export async function countUnsent(db: Db<BillingTables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from metered_quantities q join subscriptions s on s.customer_id = q.customer_id
    where q.status in ('PENDING', 'SENDING') and s.stripe_subscription_id is not null and s.status not in ('CANCELED', 'INCOMPLETE_EXPIRED')`.execute(db);
  return rows[0]?.count ?? 0;
}
