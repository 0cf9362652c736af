import type { Db, Tx } from '@iotistic/chassis/database';
import { type RawBuilder, sql } from 'kysely';
import type { ReportTrace } from '../domain/reporters.ts';
import type { Arrival } from '../domain/silence.ts';
import { arrayLiteral } from './array-literal.ts';
import type { UsageTables } from './tables.ts';

export interface Watch {
  /** What was received until then was looked at; null before the first look. */
  receivedUntil: Date | null;
  lookedAt: Date | null;
}

/** How far the look got. Held until the transaction ends: looks come one after another, and so do what they raise. */
export async function lockWatch(tx: Tx<UsageTables>): Promise<Watch> {
  const row = await tx.selectFrom('anomaly_watch').selectAll().forUpdate().executeTakeFirstOrThrow();
  return { receivedUntil: row.received_until, lookedAt: row.looked_at };
}

export async function saveWatch(tx: Tx<UsageTables>, watch: Partial<Watch>): Promise<void> {
  const { receivedUntil, lookedAt } = watch;
  await tx
    .updateTable('anomaly_watch')
    .set({ ...(receivedUntil === undefined ? {} : { received_until: receivedUntil }), ...(lookedAt === undefined ? {} : { looked_at: lookedAt }) })
    .execute();
}

export async function saveStanding(tx: Tx<UsageTables>, { customerId, version, isOver }: { customerId: string; version: number; isOver: boolean }): Promise<void> {
  await sql`
    insert into subscription_standings as kept (customer_id, version, is_over) values (${customerId}, ${version}, ${isOver})
    on conflict (customer_id) do update set version = excluded.version, is_over = excluded.is_over where kept.version < excluded.version`.execute(tx);
}

/** Silent are those that are not looked at again before they report. */
export async function countWatchedInstances(db: Db<UsageTables>): Promise<{ reporting: number; silent: number }> {
  const { rows } = await sql<{ reporting: number; silent: number }>`select count(due_at) as reporting, count(*) - count(due_at) as silent from watched_instances`.execute(db);
  return rows[0] ?? { reporting: 0, silent: 0 };
}

/** What an instance reported in a stretch of time. */
export interface Activity {
  instanceNo: number;
  instanceId: string;
  instanceName: string;
  customerId: string;
  reports: number;
  /** Of the earliest and of the latest interval. Milliseconds. */
  firstEndMs: number;
  lastEndMs: number;
}

/** Who reported since then, up to `until` where it is given. It costs what was received, whatever is stored. */
export async function listActivity(db: Db<UsageTables>, since: Date, until: Date | null): Promise<Activity[]> {
  const { rows } = await sql<Activity>`
    select i.no as "instanceNo", i.id as "instanceId", i.name as "instanceName", i.customer_id as "customerId", r.reports,
      (extract(epoch from r.first_end) * 1000)::bigint as "firstEndMs", (extract(epoch from r.last_end) * 1000)::bigint as "lastEndMs"
    from (
      select instance_no, count(*)::int as reports, min(interval_end) as first_end, max(interval_end) as last_end from usage_reports
      where received_at >= ${since}::timestamptz ${until === null ? sql`` : sql`and received_at < ${until}::timestamptz`} group by instance_no
    ) r
    join instances i on i.no = r.instance_no`.execute(db);
  return rows;
}

/** Of a backlog its ends are enough to see a second reporter. */
const MAX_TRACES = 100;
const NEIGHBOURS = 8;
/** Longer than the longest interval: a report that ends later than that after another does not overlap it. */
const REACH = sql.lit('62 days');

/** The reports of each instance around those that are new, each once, in the order of the instances. */
export async function listTraces(tx: Tx<UsageTables>, activities: readonly Activity[]): Promise<ReportTrace[][]> {
  const near = (condition: RawBuilder<unknown>, direction: 'asc' | 'desc', limit: RawBuilder<unknown>): RawBuilder<unknown> =>
    sql`(select r.id, r.interval_start, r.interval_end, r.received_at, r.sequence from usage_reports r where r.instance_no = c.no and ${condition} order by r.interval_end ${sql.raw(direction)} limit ${limit})`;
  const many = sql`c.new_ones + ${sql.lit(NEIGHBOURS)}`;
  const few = sql`${sql.lit(NEIGHBOURS)}`;
  // The planner takes an instance for one with few reports in that reach: it would read them all, and sort them.
  await sql`set local enable_sort = off`.execute(tx);
  const { rows } = await sql<ReportTrace & { nth: number }>`
    select c.nth, t.id, (extract(epoch from t.interval_start) * 1000)::bigint as "startMs", (extract(epoch from t.interval_end) * 1000)::bigint as "endMs",
      (extract(epoch from t.received_at) * 1000)::bigint as "receivedMs", t.sequence
    from (
      select no, least(reports, ${sql.lit(MAX_TRACES)}) as new_ones, (reports > 1)::int as has_more, to_timestamp(first_ms / 1000.0) as first_end, to_timestamp(last_ms / 1000.0) as last_end, nth
      from unnest(${arrayLiteral(activities.map((one) => one.instanceNo))}::bigint[], ${arrayLiteral(activities.map((one) => one.reports))}::int[],
        ${arrayLiteral(activities.map((one) => one.firstEndMs))}::bigint[], ${arrayLiteral(activities.map((one) => one.lastEndMs))}::bigint[]) with ordinality as a (no, reports, first_ms, last_ms, nth)
    ) c
    cross join lateral (
      ${near(sql`r.interval_end <= c.last_end and r.interval_end > c.last_end - interval ${REACH}`, 'desc', many)}
      union all ${near(sql`r.interval_end > c.last_end and r.interval_end < c.last_end + interval ${REACH}`, 'asc', few)}
      union all ${near(sql`r.interval_end >= c.first_end and r.interval_end < c.first_end + interval ${REACH}`, 'asc', sql`c.has_more * (${many})`)}
      union all ${near(sql`r.interval_end < c.first_end and r.interval_end > c.first_end - interval ${REACH}`, 'desc', sql`c.has_more * ${few}`)}
    ) t`.execute(tx);
  await sql`set local enable_sort = on`.execute(tx);
  const traces = activities.map(() => new Map<string, ReportTrace>());
  for (const { nth, ...trace } of rows) traces[nth - 1]?.set(trace.id, trace);
  return traces.map((ofInstance) => [...ofInstance.values()]);
}

export interface Suspicion {
  instanceNo: number;
  sequence: number;
  reportId: string;
}

/** For each suspicion another report with that sequence, however old; null where there is none. It reads all reports of the instance. */
export async function findOlderUses(db: Db<UsageTables>, suspicions: readonly Suspicion[]): Promise<({ id: string; endMs: number } | null)[]> {
  if (suspicions.length === 0) return [];
  const { rows } = await sql<{ nth: number; id: string; endMs: number }>`
    select s.nth, r.id, (extract(epoch from r.interval_end) * 1000)::bigint as "endMs"
    from unnest(${arrayLiteral(suspicions.map((one) => one.instanceNo))}::bigint[], ${arrayLiteral(suspicions.map((one) => one.sequence))}::bigint[], ${suspicions.map((one) => one.reportId)}::text[])
      with ordinality as s (no, sequence, id, nth)
    cross join lateral (select id, interval_end from usage_reports u where u.instance_no = s.no and u.sequence = s.sequence and u.id <> s.id limit 1) r`.execute(db);
  const found = new Map(rows.map(({ nth, ...use }) => [nth, use]));
  return suspicions.map((_one, index) => found.get(index + 1) ?? null);
}

/** From now on their silence is noticed. */
export async function watchInstances(tx: Tx<UsageTables>, instanceNos: readonly number[], dueAt: Date): Promise<void> {
  if (instanceNos.length === 0) return;
  await sql`insert into watched_instances (instance_no, due_at) select no, ${dueAt}::timestamptz from unnest(${arrayLiteral(instanceNos)}::bigint[]) as a (no) on conflict do nothing`.execute(tx);
}

export interface DueInstance {
  instanceNo: number;
  instanceId: string;
  instanceName: string;
  customerId: string;
  lastReportedAt: Date;
  /** Of a customer whose subscription is over, or without a network: nobody waits for its reports. */
  isUnwatched: boolean;
  arrivals: Arrival[];
}

const MAX_ARRIVALS = 30;

/** Those whose time has come, with their last reports. */
export async function listDueInstances(db: Db<UsageTables>, now: Date, limit: number): Promise<DueInstance[]> {
  const { rows } = await sql<DueInstance>`
    select due.*, coalesce(last.arrivals, '[]') as arrivals
    from (
      select i.no as "instanceNo", i.id as "instanceId", i.name as "instanceName", i.customer_id as "customerId", i.last_reported_at as "lastReportedAt", (coalesce(s.is_over, false) or k.instance_id is not null) as "isUnwatched"
      from (select instance_no, due_at from watched_instances where due_at <= ${now}::timestamptz order by due_at limit ${limit}) w
      join instances i on i.no = w.instance_no
      left join subscription_standings s on s.customer_id = i.customer_id
      left join instance_keys k on k.instance_id = i.id
    ) due
    cross join lateral (
      select json_agg(json_build_object('startMs', round(extract(epoch from r.interval_start) * 1000), 'endMs', round(extract(epoch from r.interval_end) * 1000), 'receivedMs', round(extract(epoch from r.received_at) * 1000))) as arrivals
      from (select interval_start, interval_end, received_at from usage_reports u where u.instance_no = due."instanceNo" order by u.interval_end desc limit ${MAX_ARRIVALS}) r
    ) last`.execute(db);
  return rows;
}

/** When each is looked at again; null while it is silent. */
export async function saveDueTimes(tx: Tx<UsageTables>, due: readonly { instanceNo: number; dueAt: Date | null }[]): Promise<void> {
  if (due.length === 0) return;
  await sql`
    update watched_instances w set due_at = to_timestamp(d.due_ms / 1000.0)
    from unnest(${arrayLiteral(due.map(({ instanceNo }) => instanceNo))}::bigint[], ${arrayLiteral(due.map(({ dueAt }) => dueAt?.getTime() ?? null))}::bigint[]) as d (no, due_ms) where w.instance_no = d.no`.execute(tx);
}
