import type { Db, Tx } from '@iotistic/chassis/database';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { gravestCause, type Period, type Reconciliation, type ReconciliationCause, reconciledMeterSchema } from '../domain/reconciliation.ts';
import type { BillingTables, ReconciliationsTable } from './tables.ts';

/** As it is stored: with what is done about it. */
export interface StoredReconciliation extends Reconciliation {
  /** The causes that an operator was told of. */
  alerted: readonly ReconciliationCause[];
}

/** Newest difference first. */
export type ReconciliationKey = [differsSince: string, customerId: string, periodStart: string];

const storedMeters = z.array(reconciledMeterSchema);

function toReconciliation(row: Selectable<ReconciliationsTable>): StoredReconciliation {
  return {
    customerId: row.customer_id,
    periodStart: row.period_start,
    periodEnd: row.period_end,
    checkedAt: row.checked_at,
    differsSince: row.differs_since,
    balanced: row.cause === null,
    meters: storedMeters.parse(row.meters),
    alerted: row.alerted as ReconciliationCause[],
  };
}

/** The last reading of the period, until the transaction ends nobody else's to change. */
export async function lockReconciliation(tx: Tx<BillingTables>, customerId: string, periodStart: Date): Promise<StoredReconciliation | null> {
  const row = await tx.selectFrom('reconciliations').selectAll().where('customer_id', '=', customerId).where('period_start', '=', periodStart).forUpdate().executeTakeFirst();
  return row === undefined ? null : toReconciliation(row);
}

/** @param nextCheckAt null: nothing can change any more. */
export async function saveReconciliation(tx: Tx<BillingTables>, { alerted, ...read }: StoredReconciliation, nextCheckAt: Date | null): Promise<void> {
  const row = { period_end: read.periodEnd, checked_at: read.checkedAt, cause: gravestCause(read.meters), meters: JSON.stringify(read.meters), differs_since: read.differsSince, next_check_at: nextCheckAt, alerted: [...alerted] };
  await tx
    .insertInto('reconciliations')
    .values({ customer_id: read.customerId, period_start: read.periodStart, ...row })
    .onConflict((conflict) => conflict.columns(['customer_id', 'period_start']).doUpdateSet(row))
    .execute();
}

/** What was read stays as it is from here on. */
export async function endChecks(tx: Tx<BillingTables>, customerId: string, periodStart: Date): Promise<void> {
  await tx.updateTable('reconciliations').set({ next_check_at: null }).where('customer_id', '=', customerId).where('period_start', '=', periodStart).execute();
}

/** The invoice is final: what it lacks is billed beside a later one, and nothing is to be told to Stripe's meter any more. */
export async function settleReconciliation(tx: Tx<BillingTables>, customerId: string, periodStart: Date): Promise<void> {
  await tx.updateTable('reconciliations').set({ next_check_at: null, cause: null, differs_since: null }).where('customer_id', '=', customerId).where('period_start', '=', periodStart).execute();
}

/** At most so many: what is left goes with the next call. */
export async function dropReconciliations(tx: Tx<BillingTables>, endedBefore: Date, limit: number): Promise<void> {
  await sql`
    delete from reconciliations where (customer_id, period_start) in (select customer_id, period_start from reconciliations where period_end < ${endedBefore} limit ${limit})`.execute(tx);
}

export interface DuePeriod {
  customerId: string;
  /** null: the customer's present one, which was never read. */
  period: Period | null;
}

/** Periods that are to be read again, and customers billed by Stripe whose present one never was; the longest due first. */
export async function listDuePeriods(db: Db<BillingTables>, now: Date, except: readonly string[], limit: number): Promise<DuePeriod[]> {
  const { rows } = await sql<{ customer_id: string; period_start: Date | null; period_end: Date | null }>`
    select * from ((select s.customer_id, null::timestamptz as period_start, null::timestamptz as period_end, s.current_period_start as due_at
      from subscriptions s join customers c on c.id = s.customer_id
      where c.stripe_customer_id is not null and s.stripe_subscription_id is not null and s.status not in ('CANCELED', 'INCOMPLETE_EXPIRED') and s.current_period_start is not null
        and not exists (select from reconciliations r where r.customer_id = s.customer_id and r.period_start = s.current_period_start))
    union all
    (select customer_id, period_start, period_end, next_check_at as due_at from reconciliations where next_check_at <= ${now})) as due
    where customer_id <> all(${except}::text[])
    order by due_at, customer_id limit ${limit}`.execute(db);
  return rows.map((row) => ({ customerId: row.customer_id, period: row.period_start === null || row.period_end === null ? null : { start: row.period_start, end: row.period_end } }));
}

/** What differs, the newest difference first. */
export async function listDifferingPage(db: Db<BillingTables>, request: PageRequest<ReconciliationKey>): Promise<Page<Reconciliation>> {
  let query = db.selectFrom('reconciliations').selectAll().where('cause', 'is not', null).orderBy('differs_since', 'desc').orderBy('customer_id', 'desc').orderBy('period_start', 'desc').limit(request.first + 1);
  if (request.after !== null) {
    const [differsSince, customerId, periodStart] = request.after;
    query = query.where(sql<boolean>`(differs_since, customer_id, period_start) < (${differsSince}::timestamptz, ${customerId}, ${periodStart}::timestamptz)`);
  }
  return toPage((await query.execute()).map(toReconciliation), request, (one): ReconciliationKey => [(one.differsSince ?? one.checkedAt).toISOString(), one.customerId, one.periodStart.toISOString()]);
}

/** How many periods differ, by cause, and how many of them an operator was told of. */
export async function countDiffering(db: Db<BillingTables>): Promise<{ cause: ReconciliationCause; periods: number; alerted: number }[]> {
  const { rows } = await sql<{ cause: ReconciliationCause; periods: number; alerted: number }>`
    select cause, count(*) as periods, count(*) filter (where cause = any(alerted)) as alerted from reconciliations where cause is not null group by cause`.execute(db);
  return rows;
}
