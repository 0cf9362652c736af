import type { ScratchDatabase } from '../scratch-database.ts';

/** Bytes, but for the first. */
export interface Storage {
  /** Rows. */
  reports: number;
  reportsHeap: number;
  reportsIndexes: number;
  keys: number;
  rollups: number;
  /** Every other table of ours: instances, measurements, news, jobs. */
  others: number;
  /** Written ahead so far, whatever of it is kept. */
  wal: number;
}

/** What usage takes on disk now. */
export async function measureStorage({ query }: ScratchDatabase): Promise<Storage> {
  const [row] = await query<Record<keyof Storage, string>>(`
    with relation as (
      select c.oid, n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
    )
    select (select count(*) from usage.usage_reports) as reports,
      coalesce(sum(pg_table_size(oid)) filter (where name like 'usage.usage\\_reports\\_%'), 0) as "reportsHeap",
      coalesce(sum(pg_indexes_size(oid)) filter (where name like 'usage.usage\\_reports\\_%'), 0) as "reportsIndexes",
      coalesce(sum(pg_total_relation_size(oid)) filter (where name = 'usage.report_keys'), 0) as keys,
      coalesce(sum(pg_total_relation_size(oid)) filter (where name = 'usage.rollups_hourly'), 0) as rollups,
      coalesce(sum(pg_total_relation_size(oid)) filter (where name not like 'usage.usage\\_reports\\_%' and name not in ('usage.report_keys', 'usage.rollups_hourly')), 0) as others,
      pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as wal
    from relation`);
  if (row === undefined) throw new Error('the database did not say how large it is');
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as unknown as Storage;
}
