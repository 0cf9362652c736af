import type { Db, Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import { DRAFT_MS } from '../domain/settlement.ts';
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
  /** What the period's own invoice counted, in the price's units; null before it is final. */
  billedUnits: number | null;
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
    billedUnits: row.billed_units,
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

/** Keeps what the highest revision says of each meter; what Stripe refused it was not told. @returns whether anything is new. */
export async function saveMeasured(tx: Tx<BillingTables>, measured: Measured, meters: readonly Meter[]): Promise<boolean> {
  const rows = meters.map((meter) => ({ customer_id: measured.customerId, meter, period_start: measured.periodStart, period_end: measured.periodEnd, quantity: measured.quantities[meter] ?? 0, revision: measured.revision, measured_at: measured.measuredAt, status: 'PENDING' as const }));
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('metered_quantities')
    .values(rows.map((row) => ({ ...row, sent_quantity: null, sent_revision: null, sent_at: null, identifier: null, error: null, billed_units: null })))
    .onConflict((conflict) =>
      conflict
        .columns(['customer_id', 'meter', 'period_start'])
        .doUpdateSet((row) => ({ period_end: row.ref('excluded.period_end'), quantity: row.ref('excluded.quantity'), revision: row.ref('excluded.revision'), measured_at: sql<Date>`greatest(metered_quantities.measured_at, excluded.measured_at)`, status: sql<MeteredStatus>`case when metered_quantities.status = 'SENDING' then 'SENDING' else 'PENDING' end`, sent_quantity: sql<number | null>`case when metered_quantities.status = 'REJECTED' then null else metered_quantities.sent_quantity end` }))
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

/** What the period's own invoice counted, in billed units; null before it is final. */
export async function findBilledUnits(db: Db<BillingTables>, key: Key): Promise<number | null> {
  const row = await db.selectFrom('metered_quantities').select('billed_units').where('customer_id', '=', key.customerId).where('meter', '=', key.meter).where('period_start', '=', key.periodStart).executeTakeFirst();
  return row?.billed_units ?? null;
}

/** What was not told to Stripe yet, oldest period first. */
export async function listUnsent(db: Db<BillingTables>, customerId: string): Promise<MeteredQuantity[]> {
  const rows = await db.selectFrom('metered_quantities').selectAll().where('customer_id', '=', customerId).where('status', 'in', ['PENDING', 'SENDING']).orderBy('period_start').execute();
  return rows.map(toQuantity);
}

/** Customers of whom something was measured since then and not told; what waits for its period's invoice to become final is none of it. @param except who is left out */
export async function listCustomersToMeter(db: Db<BillingTables>, times: { since: Date; now: Date }, except: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql<{ customer_id: string }>`
    select q.customer_id from metered_quantities q
    join customers c on c.id = q.customer_id and c.stripe_customer_id is not null
    left join billing_periods b on b.customer_id = q.customer_id and b.period_start = q.period_start
    where q.status in ('PENDING', 'SENDING') and q.measured_at >= ${times.since} and q.customer_id <> all(${except}::text[])
      and (b.settled_at is not null or b.period_end is null or b.period_end > ${new Date(times.now.getTime() - DRAFT_MS)})
    group by q.customer_id order by min(q.measured_at), q.customer_id limit ${limit}`.execute(db);
  return rows.map((row) => row.customer_id);
}

/** What Stripe could be told by now, and what of it was measured before `stuckBefore`. What waits for an invoice to become final is none of it. */
export async function countUnsent(db: Db<BillingTables>, now: Date, stuckBefore: Date): Promise<{ pending: number; stuck: number }> {
  const { rows } = await sql<{ pending: number; stuck: number }>`
    select count(*) as pending, count(*) filter (where q.measured_at < ${stuckBefore}) as stuck from metered_quantities q
    join customers c on c.id = q.customer_id and c.stripe_customer_id is not null
    left join billing_periods b on b.customer_id = q.customer_id and b.period_start = q.period_start
    where q.status in ('PENDING', 'SENDING') and (b.settled_at is not null or b.period_end is null or b.period_end > ${new Date(now.getTime() - DRAFT_MS)})`.execute(db);
  return rows[0] ?? { pending: 0, stuck: 0 };
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

/** Nobody bills it. */
export async function markUnbilled(tx: Tx<BillingTables>, key: Key): Promise<void> {
  await byKey(tx, key).set({ status: 'UNBILLED' }).execute();
}

/** The period's invoice is final and counted these units; what differs is looked at anew. */
export async function saveBilledUnits(tx: Tx<BillingTables>, period: { customerId: string; periodStart: Date }, units: ReadonlyMap<Meter, number>, meters: readonly Meter[]): Promise<void> {
  for (const meter of meters) await byKey(tx, { ...period, meter }).set({ billed_units: units.get(meter) ?? 0, status: 'PENDING' }).execute();
}

/** What was billed of it beside a later invoice stands for it now. */
export async function markTruedUp(tx: Tx<BillingTables>, key: Key, sending: { quantity: number; revision: number }, now: Date): Promise<void> {
  await byKey(tx, key).set({ status: sql<MeteredStatus>`case when revision = ${sending.revision} then 'SENT' else 'PENDING' end`, sent_quantity: sending.quantity, sent_revision: sending.revision, sent_at: now, error: null }).execute();
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
