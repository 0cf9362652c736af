import type { Db, Tx } from '@iotistic/chassis/database';
import { type RawBuilder, sql } from 'kysely';
import type { UsageTables } from './tables.ts';

/** Any number: one process at a time makes partitions. */
const PARTITION_LOCK = 7_302_115;
/** For which all who report would have to wait. */
const LOCK_WAIT = '3s';

/** A month of UTC as it is written in a partition's name: `2026_11`. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7).replace('-', '_');
}

const PARTITIONS = sql`pg_inherits i join pg_class c on c.oid = i.inhrelid and i.inhparent = 'usage_reports'::regclass`;

export async function listPartitionMonths(db: Db<UsageTables>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`select c.relname as name from ${PARTITIONS}`.execute(db);
  return rows.map((row) => row.name.slice('usage_reports_'.length));
}

/** One at a time until the transaction ends. Looks into the catalogue's tables: `to_regclass` asks the connection's cache, which may not have heard yet what was made or dropped while this waited. */
async function lockPartition(tx: Tx<UsageTables>, name: string): Promise<{ exists: boolean }> {
  await sql`select pg_advisory_xact_lock(${PARTITION_LOCK})`.execute(tx);
  const { rows } = await sql<{ exists: boolean }>`select exists (select from ${PARTITIONS} where c.relname = ${name}) as exists`.execute(tx);
  return { exists: rows[0]?.exists === true };
}

/**
 * Makes the partition of that month unless it is there; until the transaction ends nobody drops one. Attached, not created in place: that would wait
 * for all who write, and have all readers wait.
 * @returns whether it was missing.
 */
export async function createPartition(tx: Tx<UsageTables>, month: string): Promise<boolean> {
  const [year = NaN, number = NaN] = month.split('_').map(Number);
  const from = new Date(Date.UTC(year, number - 1)).toISOString();
  const to = new Date(Date.UTC(year, number)).toISOString();
  const name = `usage_reports_${month}`;
  if ((await lockPartition(tx, name)).exists) return false;
  await sql`create table ${sql.id(name)} (like usage_reports including defaults)`.execute(tx);
  await sql`alter table usage_reports attach partition ${sql.id(name)} for values from (${sql.lit(from)}) to (${sql.lit(to)})`.execute(tx);
  return true;
}

/** The first millisecond after the month. */
export function endOfMonth(month: string): number {
  const [year = NaN, number = NaN] = month.split('_').map(Number);
  return Date.UTC(year, number);
}

/**
 * A month that goes is gone at once, however many reports it has. It is read once before anybody waits: one that stays is never locked,
 * and one that goes is in memory by then. Who reads or writes elsewhere waits for the lock, no longer than LOCK_WAIT, and for a second look at what came meanwhile.
 * @param receivedBefore leaves one alone that has a report of later; null asks no such thing.
 */
export async function dropPartition(tx: Tx<UsageTables>, month: string, receivedBefore: Date | null = null): Promise<number> {
  const name = `usage_reports_${month}`;
  if (!(await lockPartition(tx, name)).exists) return 0;
  const look = async (): Promise<{ count: number; isRecent: boolean }> => {
    const { rows } = await sql<{ count: number; isRecent: boolean }>`select count(*)::int as count, coalesce(bool_or(received_at >= ${receivedBefore}::timestamptz), false) as "isRecent" from ${sql.table(name)}`.execute(tx);
    return rows[0] ?? { count: 0, isRecent: false };
  };
  if ((await look()).isRecent) return 0;
  await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT)}`.execute(tx);
  // From here on nobody adds to it: who wants to finds it gone, and makes it anew.
  await sql`lock table usage_reports, ${sql.table(name)} in access exclusive mode`.execute(tx);
  const { count, isRecent } = await look();
  if (isRecent) return 0;
  await sql`drop table ${sql.table(name)}`.execute(tx);
  return count;
}

/** Deletes up to so many reports whose interval ended before; answers how many. */
export async function deleteReportsBefore(tx: Tx<UsageTables>, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from usage_reports u using (select tableoid, ctid from usage_reports where interval_end < ${before}::timestamptz limit ${limit}) old
    where u.tableoid = old.tableoid and u.ctid = old.ctid`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** How long a customer's raw reports are kept, by its row p; NULL is for ever. */
const retentionOf = (defaultDays: number): RawBuilder<number | null> => sql`case when p.version > 0 then p.retention_days else ${sql.lit(defaultDays)} end`;

/** Of all customers that have instances, in days; null where one keeps them for ever. */
export async function findLongestRetention(db: Db<UsageTables>, defaultDays: number): Promise<number | null> {
  const { rows } = await sql<{ days: number | null }>`
    select case when bool_or(days is null) then null else coalesce(max(days), ${sql.lit(defaultDays)}) end as days
    from (select distinct ${retentionOf(defaultDays)} as days from instances i left join subscription_periods p on p.customer_id = i.customer_id) kept`.execute(db);
  return rows[0]?.days ?? null;
}

/** A page of all instances, by their numbers. */
export async function listInstanceNumbers(db: Db<UsageTables>, after: number, limit: number): Promise<number[]> {
  return (await db.selectFrom('instances').select('no').where('no', '>', after).orderBy('no').limit(limit).execute()).map(({ no }) => no);
}

/** Deletes up to so many of these instances' reports that are older than their customers keep them; answers how many. */
export async function deleteReportsOfInstancesBeforeRetention(tx: Tx<UsageTables>, of: { numbers: readonly number[]; now: Date; receivedBefore: Date; defaultDays: number; limit: number }): Promise<number> {
  const { numAffectedRows } = await sql`
    with kept as (
      select i.no, ${of.now}::timestamptz - (${retentionOf(of.defaultDays)}) * interval '1 day' as since
      from instances i left join subscription_periods p on p.customer_id = i.customer_id where i.no = any(${of.numbers}::bigint[])
    ), old as (
      select u.id, u.interval_end from kept k cross join lateral (select id, interval_end from usage_reports where instance_no = k.no and interval_end < k.since and received_at < ${of.receivedBefore}::timestamptz limit ${of.limit}) u limit ${of.limit}
    )
    delete from usage_reports u using old where u.id = old.id and u.interval_end = old.interval_end`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}
