import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { ReportPlace } from '../domain/cursor.ts';
import { COUNTS, type CountName, endMsOfReportId, type Report } from '../domain/report.ts';
import { arrayLiteral, idArrayLiteral } from './array-literal.ts';
import { columnOfCount } from './count-columns.ts';
import type { UsageTables } from './tables.ts';

/** A stored report, with the instance it is of. */
export type ReportRow = {
  id: string;
  customerId: string;
  instanceId: string;
  instanceName: string;
  late: boolean;
  intervalStart: Date;
  intervalEnd: Date;
  receivedAt: Date;
} & { [Name in CountName]: number };

const COLUMNS = sql.raw(`
  u.id, i.customer_id as "customerId", i.id as "instanceId", i.name as "instanceName", u.late,
  u.interval_start as "intervalStart", u.interval_end as "intervalEnd", u.received_at as "receivedAt",
  ${COUNTS.map((name) => `u.${columnOfCount(name)} as "${name}"`).join(', ')}`);

/** The row as it was just stored, without reading it. */
export function reportRowOf({ id, report, isLate }: { id: string; report: Report; isLate: boolean }, instance: { customerId: string; instanceId: string; instanceName: string }, receivedAt: Date): ReportRow {
  const counts = Object.fromEntries(COUNTS.map((name, index) => [name, report.counts[index] ?? 0])) as Record<CountName, number>;
  const { customerId, instanceId, instanceName } = instance;
  return { id, customerId, instanceId, instanceName, late: isLate, intervalStart: new Date(report.startMs), intervalEnd: new Date(report.endMs), receivedAt, ...counts };
}

/** Those of these reports that are stored, in any order. An id tells when its interval ended, so that only those months are looked at. */
export async function findReports(db: Db<UsageTables>, ids: readonly string[]): Promise<ReportRow[]> {
  const places = ids.map((id) => ({ id, endMs: endMsOfReportId(id) })).filter((place): place is ReportPlace => place.endMs !== null);
  if (places.length === 0) return [];
  const times = places.map((place) => place.endMs);
  const { rows } = await sql<ReportRow>`
    select ${COLUMNS}
    from usage_reports u join instances i on i.no = u.instance_no
    where u.id = any(${idArrayLiteral(places.map((place) => place.id))}::text[])
      and u.interval_end >= ${new Date(Math.min(...times))}::timestamptz and u.interval_end <= ${new Date(Math.max(...times))}::timestamptz`.execute(db);
  return rows;
}

export interface ReportListQuery {
  customerId: string;
  /** null for all of the customer's. */
  instanceId: string | null;
  fromMs: number;
  toMs: number;
  /** Where the page before it ended. */
  after: ReportPlace | null;
  limit: number;
}

/** Beyond every report's time. */
const END_OF_TIME_MS = Date.UTC(9999, 0);

/** The newest reports of each query, in that order; many queries cost one statement. */
export async function listReports(db: Db<UsageTables>, queries: readonly ReportListQuery[]): Promise<ReportRow[][]> {
  const before = queries.map((query) => query.after?.endMs ?? END_OF_TIME_MS);
  const { rows } = await sql<ReportRow & { query: number }>`
    select q.query, page.*
    from unnest(${listArrays(queries)}, ${queries.map((query) => query.after?.id ?? '')}::text[], ${arrayLiteral(before)}::bigint[], ${arrayLiteral(queries.map((query) => query.limit))}::bigint[])
      with ordinality as q (customer_id, instance_id, from_ms, to_ms, before_id, before_ms, page_size, query)
    cross join lateral (
      select ${COLUMNS}
      from instances i
      cross join lateral (
        select * from usage_reports r
        where r.instance_no = i.no and r.interval_end >= to_timestamp(q.from_ms / 1000.0) and r.interval_end < to_timestamp(q.to_ms / 1000.0)
          and r.interval_end >= ${new Date(Math.min(...queries.map((query) => query.fromMs)))}::timestamptz
          and r.interval_end < ${new Date(Math.max(...queries.map((query) => query.toMs)))}::timestamptz
          and (r.interval_end, r.id) < (to_timestamp(q.before_ms / 1000.0), q.before_id)
        order by r.interval_end desc, r.id desc limit q.page_size
      ) u
      where i.customer_id = q.customer_id and (q.instance_id is null or i.id = q.instance_id)
      order by u.interval_end desc, u.id desc limit q.page_size
    ) page
    order by q.query, page."intervalEnd" desc, page.id desc`.execute(db);
  const pages: ReportRow[][] = queries.map(() => []);
  for (const { query, ...row } of rows) pages[query - 1]?.push(row as ReportRow);
  return pages;
}

/** How many reports each query has, pages aside. */
export async function countReports(db: Db<UsageTables>, queries: readonly ReportListQuery[]): Promise<number[]> {
  const { rows } = await sql<{ query: number; count: number }>`
    select q.query, sum(r.count)::bigint as count
    from unnest(${listArrays(queries)}) with ordinality as q (customer_id, instance_id, from_ms, to_ms, query)
    join instances i on i.customer_id = q.customer_id and (q.instance_id is null or i.id = q.instance_id)
    cross join lateral (
      select count(*) as count from usage_reports u where u.instance_no = i.no and u.interval_end >= to_timestamp(q.from_ms / 1000.0) and u.interval_end < to_timestamp(q.to_ms / 1000.0)
    ) r
    group by q.query`.execute(db);
  const counts = queries.map(() => 0);
  for (const { query, count } of rows) counts[query - 1] = count;
  return counts;
}

function listArrays(queries: readonly ReportListQuery[]): ReturnType<typeof sql> {
  return sql`${queries.map((query) => query.customerId)}::text[], ${queries.map((query) => query.instanceId)}::text[],
    ${arrayLiteral(queries.map((query) => query.fromMs))}::bigint[], ${arrayLiteral(queries.map((query) => query.toMs))}::bigint[]`;
}

export interface MissedQuery {
  customerId: string;
  /** null for all of the customer's. */
  instanceId: string | null;
  since: Date;
  /** Reports that were received later than this are counted; of the others some may be known to the reader. */
  countedAfter: Date;
  known: readonly string[];
  limit: number;
}

/** Reports that were received from then on and are not known: the ids of the newest, oldest first, and how many there are before these. */
export async function findMissedReports(db: Db<UsageTables>, query: MissedQuery): Promise<{ ids: string[]; before: number }> {
  const { rows } = await sql<{ id: string; isCounted: boolean; counted: number }>`
    select u.id, u.received_at > ${query.countedAfter}::timestamptz as "isCounted",
      (count(*) filter (where u.received_at > ${query.countedAfter}::timestamptz) over ())::bigint as counted
    from usage_reports u join instances i on i.no = u.instance_no
    where i.customer_id = ${query.customerId} and u.received_at >= ${query.since}::timestamptz
      and (${query.instanceId}::text is null or i.id = ${query.instanceId})
      and not exists (select from unnest(${idArrayLiteral(query.known)}::text[]) as k (id) where k.id = u.id)
    order by u.received_at desc, u.id desc limit ${query.limit}`.execute(db);
  const found = rows.filter(({ isCounted }) => isCounted).length;
  return { ids: rows.map(({ id }) => id).toReversed(), before: (rows[0]?.counted ?? 0) - found };
}
