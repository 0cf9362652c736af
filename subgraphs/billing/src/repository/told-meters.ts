import type { Db, Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { Period } from '../domain/reconciliation.ts';
import type { BillingTables, MeteredQuantitiesTable, MeteredStatus } from './tables.ts';

/** What Stripe was told of a meter, and what became of that. */
export interface ToldMeter {
  customerId: string;
  meter: Meter;
  periodStart: Date;
  periodEnd: Date;
  /** In the meter's own unit. */
  quantity: number;
  revision: number;
  status: MeteredStatus;
  sentQuantity: number | null;
  sentRevision: number | null;
  sentAt: Date | null;
  error: string | null;
  /** How often it was sent anew since Stripe had something else. */
  repairs: number;
}

function toToldMeter(row: Selectable<MeteredQuantitiesTable>): ToldMeter {
  return { customerId: row.customer_id, meter: row.meter, periodStart: row.period_start, periodEnd: row.period_end, quantity: row.quantity, revision: row.revision, status: row.status, sentQuantity: row.sent_quantity, sentRevision: row.sent_revision, sentAt: row.sent_at, error: row.error, repairs: row.repairs };
}

/** Of one period; Stripe's seconds and our milliseconds name the same start. */
export async function listToldMeters(db: Db<BillingTables>, customerId: string, periodStart: Date): Promise<ToldMeter[]> {
  const { rows } = await sql<Selectable<MeteredQuantitiesTable>>`
    select * from metered_quantities where customer_id = ${customerId} and date_trunc('second', period_start) = date_trunc('second', ${periodStart}::timestamptz)`.execute(db);
  return rows.map(toToldMeter);
}

/** The period before that one, if anything was measured in it and its invoice is not final. */
export async function findPeriodBefore(db: Db<BillingTables>, customerId: string, start: Date): Promise<Period | null> {
  const { rows } = await sql<{ period_start: Date; period_end: Date }>`
    select period_start, period_end from metered_quantities where customer_id = ${customerId} and billed_units is null and period_start < date_trunc('second', ${start}::timestamptz) order by period_start desc limit 1`.execute(db);
  const [row] = rows;
  return row === undefined ? null : { start: row.period_start, end: row.period_end < start ? row.period_end : start };
}

export interface UnconfirmedPeriod {
  customerId: string;
  period: Period;
}

/** Periods of which Stripe was told something that it was not seen to count, and that were not looked at since then; what was sent first comes first. What an invoice was final for is settled by invoice items. */
export async function listUnconfirmed(db: Db<BillingTables>, before: { sent: Date; looked: Date; ended: Date }, except: readonly string[], limit: number): Promise<UnconfirmedPeriod[]> {
  const { rows } = await sql<{ customer_id: string; period_start: Date; period_end: Date }>`
    select customer_id, period_start, max(period_end) as period_end from metered_quantities
    where status = 'SENT' and billed_units is null and sent_at < ${before.sent} and (looked_at is null or looked_at < sent_at or looked_at < ${before.looked}) and period_end > ${before.ended} and customer_id <> all(${except}::text[])
    group by customer_id, period_start order by min(sent_at) limit ${limit}`.execute(db);
  return rows.map((row) => ({ customerId: row.customer_id, period: { start: row.period_start, end: row.period_end } }));
}

type Key = Pick<ToldMeter, 'customerId' | 'meter' | 'periodStart'>;

/** Stripe counts what it was told. Meanwhile it may have been told something newer, of which this says nothing. */
export async function markAccepted(tx: Tx<BillingTables>, { customerId, meter, periodStart, sentQuantity, sentRevision, repairs }: ToldMeter): Promise<void> {
  await byKey(tx, { customerId, meter, periodStart }).set({ status: 'ACCEPTED' }).where('status', '=', 'SENT').where('sent_revision', '=', sentRevision).where('sent_quantity', '=', sentQuantity).where('repairs', '=', repairs).execute();
}

export async function markLookedAt(tx: Tx<BillingTables>, customerId: string, periodStart: Date, now: Date): Promise<void> {
  await tx.updateTable('metered_quantities').set({ looked_at: now }).where('customer_id', '=', customerId).where('period_start', '=', periodStart).where('status', '=', 'SENT').execute();
}

/** A meter of which nothing was measured stands at nothing: that too can be told. */
export async function insertUnmeasured(tx: Tx<BillingTables>, key: Key & Pick<ToldMeter, 'periodEnd'>, now: Date): Promise<ToldMeter> {
  const row = { customer_id: key.customerId, meter: key.meter, period_start: key.periodStart, period_end: key.periodEnd, quantity: 0, revision: 0, measured_at: now, status: 'PENDING' as const, sent_quantity: null, sent_revision: null, sent_at: null, identifier: null, error: null };
  await tx
    .insertInto('metered_quantities')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return toToldMeter(await byKeyRead(tx, key));
}

/** Noted before Stripe hears of it. What is measured from now on is not said to be earlier than this. */
export async function beginRepair(tx: Tx<BillingTables>, told: ToldMeter, identifier: string, now: Date): Promise<void> {
  await byKey(tx, told)
    .set({ status: 'SENDING', identifier, sent_quantity: told.quantity, sent_revision: told.revision, sent_at: now, error: null, repairs: told.repairs + 1, measured_at: sql<Date>`greatest(measured_at, ${now})` })
    .execute();
}

function byKey(tx: Tx<BillingTables>, key: Key) {
  return tx.updateTable('metered_quantities').where('customer_id', '=', key.customerId).where('meter', '=', key.meter).where('period_start', '=', key.periodStart);
}

function byKeyRead(tx: Tx<BillingTables>, key: Key) {
  return tx.selectFrom('metered_quantities').selectAll().where('customer_id', '=', key.customerId).where('meter', '=', key.meter).where('period_start', '=', key.periodStart).executeTakeFirstOrThrow();
}
