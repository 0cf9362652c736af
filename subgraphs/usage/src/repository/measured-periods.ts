import type { Tx } from '@iotistic/chassis/database';
import { METERS, type Meter } from '@iotistic/contracts/events';
import { sql } from 'kysely';
import type { UsageTables } from './tables.ts';

export interface MeasuredPeriod {
  customerId: string;
  periodStart: Date;
  periodEnd: Date;
  revision: number;
  quantities: Record<Meter, number>;
}

/** @param since the earliest time that changed; null for the present period alone. */
export async function addChangedCustomer(tx: Tx<UsageTables>, customerId: string, since: Date | null): Promise<void> {
  await tx.insertInto('changed_customers').values({ customer_id: customerId, since }).execute();
}

export interface ChangedCustomer {
  customerId: string;
  /** Infinity where nothing but the present period changed. */
  sinceMs: number;
}

/**
 * Takes whose usage changed, the oldest first; each of them is this transaction's alone until it ends. Who is being measured
 * elsewhere is left for later.
 */
export async function takeChangedCustomers(tx: Tx<UsageTables>, limit: number): Promise<{ customers: ChangedCustomer[]; hasMore: boolean }> {
  const { rows } = await sql<{ customerId: string; since: Date | null; looked: number }>`
    with oldest as materialized (
      select customer_id from changed_customers order by position limit ${limit}
    ), waiting as (
      select distinct customer_id from oldest
    ), taken as materialized (
      select customer_id from waiting where pg_try_advisory_xact_lock(hashtextextended('usage:measure:' || customer_id, 0))
    ), gone as (
      delete from changed_customers c using taken t where c.customer_id = t.customer_id returning c.customer_id, c.since
    )
    select customer_id as "customerId", min(since) as since, (select count(*) from oldest) as looked from gone group by 1`.execute(tx);
  return { customers: rows.map(({ customerId, since }) => ({ customerId, sinceMs: since?.getTime() ?? Infinity })), hasMore: rows[0]?.looked === limit };
}

/** The first of those whose usage changed goes behind all others. @returns who that is. */
export async function putBackFirstChanged(tx: Tx<UsageTables>): Promise<string | null> {
  const { rows } = await sql<{ customerId: string }>`
    with first as (
      delete from changed_customers where position = (select min(position) from changed_customers) returning customer_id, since
    )
    insert into changed_customers (customer_id, since) select customer_id, since from first returning customer_id as "customerId"`.execute(tx);
  return rows[0]?.customerId ?? null;
}

/** What was measured last of these customers: of each period, and the highest revision of each customer. */
export async function listMeasuredPeriods(tx: Tx<UsageTables>, customerIds: readonly string[]): Promise<MeasuredPeriod[]> {
  const rows = await tx.selectFrom('measured_periods').selectAll().where(sql<boolean>`customer_id = any(${customerIds}::text[])`).execute();
  return rows.map((row) => ({ customerId: row.customer_id, periodStart: row.period_start, periodEnd: row.period_end, revision: row.revision, quantities: row.quantities }));
}

export async function saveMeasuredPeriods(tx: Tx<UsageTables>, periods: readonly MeasuredPeriod[], at: Date): Promise<void> {
  if (periods.length === 0) return;
  await tx
    .insertInto('measured_periods')
    .values(periods.map((period) => ({ customer_id: period.customerId, period_start: period.periodStart, period_end: period.periodEnd, revision: period.revision, quantities: JSON.stringify(period.quantities), measured_at: at })))
    .onConflict((conflict) =>
      conflict.columns(['customer_id', 'period_start']).doUpdateSet((row) => ({
        period_end: row.ref('excluded.period_end'),
        revision: row.ref('excluded.revision'),
        quantities: row.ref('excluded.quantities'),
        measured_at: row.ref('excluded.measured_at'),
      })),
    )
    .execute();
}

export function sameQuantities(one: Record<Meter, number>, other: Record<Meter, number>): boolean {
  return METERS.every((meter) => one[meter] === other[meter]);
}

/** Of all periods that were measured. */
export async function raiseRevisions(tx: Tx<UsageTables>, by: number): Promise<void> {
  await tx.updateTable('measured_periods').set((row) => ({ revision: row('revision', '+', by) })).execute();
}
