import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
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
 * Drops the partition of a month that has no reports any more. It is looked at before anybody waits: one that has some is
 * never locked. Who reads or writes elsewhere waits for the lock, no longer than LOCK_WAIT, and for a second look at what came meanwhile.
 * @returns whether it was dropped.
 */
export async function dropEmptyPartition(tx: Tx<UsageTables>, month: string): Promise<boolean> {
  const name = `usage_reports_${month}`;
  if (!(await lockPartition(tx, name)).exists) return false;
  const isEmpty = async (): Promise<boolean> => (await sql<{ isEmpty: boolean }>`select not exists (select from ${sql.table(name)}) as "isEmpty"`.execute(tx)).rows[0]?.isEmpty === true;
  if (!(await isEmpty())) return false;
  await sql`set local lock_timeout = ${sql.lit(LOCK_WAIT)}`.execute(tx);
  // From here on nobody adds to it: who wants to finds it gone, and makes it anew.
  await sql`lock table usage_reports, ${sql.table(name)} in access exclusive mode`.execute(tx);
  if (!(await isEmpty())) return false;
  await sql`drop table ${sql.table(name)}`.execute(tx);
  return true;
}

/** A page of all instances, by their numbers. */
export async function listInstanceNumbers(db: Db<UsageTables>, after: number, limit: number): Promise<number[]> {
  return (await db.selectFrom('instances').select('no').where('no', '>', after).orderBy('no').limit(limit).execute()).map(({ no }) => no);
}
