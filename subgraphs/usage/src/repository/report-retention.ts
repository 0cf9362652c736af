import type { Db, Tx } from '@iotistic/chassis/database';
import { CHAIN_COUNTS } from '@iotistic/contracts/report-chain';
import { IS_GAUGE_COUNT } from '@iotistic/contracts/usage-digest';
import { type RawBuilder, sql } from 'kysely';
import { columnOfCount } from './count-columns.ts';
import type { UsageTables } from './tables.ts';

/** Any number: one process at a time makes digests. */
const DIGEST_LOCK = 7_302_116;

/** Which reports are kept no longer. */
export interface Retention {
  now: Date;
  /** Days behind the final bill of their period, and behind their receipt. */
  evidenceDays: number;
  /** Days that reports are accepted for: a period of which billing said nothing in that time, and as long as evidence is kept, has no bill. */
  acceptedDays: number;
  /** Only those whose interval ended before; null for all. */
  endedBefore: Date | null;
}

const DAY_MS = 86_400_000;
const MAX = sql.lit(Number.MAX_SAFE_INTEGER);
const MICROSECOND = sql.lit('1 microsecond');

const daysBefore = (now: Date, days: number): RawBuilder<Date> => sql`(${now}::timestamptz - ${days}::int * interval '1 day')`;

/**
 * Up to when evidence of all that a customer used is needed no longer; the expression's customer is `i.customer_id`. That is:
 * where the first of its periods begins whose bill is not final, or not for long enough; if that is its very first one, nothing
 * is, for what lies before counts into it. Behind the last final period, where nobody bills, months count that are over for as long.
 */
function keptFrom({ now, evidenceDays, acceptedDays }: Retention): RawBuilder<Date> {
  const isFinal = sql`coalesce(b.closed_at, b.period_end + ${acceptedDays}::int * interval '1 day') <= ${daysBefore(now, evidenceDays)}`;
  const month = sql`date_trunc('month', ${daysBefore(now, evidenceDays)}, 'UTC')`;
  return sql`
    (select least(
        case when p.open = p.first then '-infinity'::timestamptz else coalesce(p.open, 'infinity'::timestamptz) end,
        greatest(${month}, (select coalesce(max(b.period_end), '-infinity'::timestamptz) from billing_periods b where b.customer_id = i.customer_id and ${isFinal} and (p.open is null or b.period_start < p.open))))
      from (select min(b.period_start) as first, min(b.period_start) filter (where not ${isFinal}) as open from billing_periods b where b.customer_id = i.customer_id) p)`;
}

/** The customers' instances among these numbers, each with the time up to which its reports may go. */
function instancesUntil(numbers: readonly number[], retention: Retention): RawBuilder<unknown> {
  const until = retention.endedBefore === null ? keptFrom(retention) : sql`least(${keptFrom(retention)}, ${retention.endedBefore}::timestamptz)`;
  return sql`select i.no, i.customer_id, ${until} as until from instances i where i.no = any(${numbers}::bigint[])`;
}

/** Of a report u whose instance may let go of what ended by k.until. What came late is evidence of the bill that it was charged on: of the period it came in. */
const mayGo = ({ now, evidenceDays }: Retention): RawBuilder<boolean> => sql`u.interval_end <= k.until and u.received_at <= ${daysBefore(now, evidenceDays)} and (not u.late or u.received_at <= k.until)`;

/** When the day (UTC) begins that the oldest report of these instances belongs to which may go; null where none may. Its end belongs to a day. */
export async function findOldestDay(db: Db<UsageTables>, numbers: readonly number[], retention: Retention): Promise<Date | null> {
  const { rows } = await sql<{ day: Date | null }>`
    with k as materialized (${instancesUntil(numbers, retention)})
    select date_trunc('day', min(oldest.interval_end) - interval ${MICROSECOND}, 'UTC') as day
    from k cross join lateral (select u.interval_end from usage_reports u where u.instance_no = k.no and ${mayGo(retention)} order by u.interval_end limit 1) oldest`.execute(db);
  return rows[0]?.day ?? null;
}

const NAMES = CHAIN_COUNTS.map(columnOfCount);
const DIGEST_COLUMNS = sql.raw(NAMES.join(', '));
const DIGEST_VALUES = sql.join(NAMES.map((name, place) => (IS_GAUGE_COUNT[place] === true ? sql`max(${sql.ref(`r.${name}`)})` : sql`least(sum(${sql.ref(`r.${name}`)}), ${MAX})::bigint`)));
/** As packages/contracts/src/usage-digest.ts orders them. */
const IN_ORDER = sql.raw(`order by r.sequence nulls first, r.interval_end, r.interval_start, ${NAMES.map((name) => `r.${name}`).join(', ')}, r.previous_hash nulls first`);
const LINE = sql.raw(`'iotistic-report/1|' || coalesce(r.sequence::text, '') || '|' || (extract(epoch from r.interval_start) * 1000)::bigint || '|' || (extract(epoch from r.interval_end) * 1000)::bigint || '|' || concat_ws(',', ${NAMES.map((name) => `r.${name}`).join(', ')}) || '|' || coalesce(replace(r.previous_hash::text, '-', ''), '')`);
/** What the report behind this one carries. */
const NEXT_HASH = sql`case when r.sequence is null or r.previous_hash is null then null else left(encode(sha256(convert_to(${LINE}, 'UTF8')), 'hex'), 32)::uuid end`;

/**
 * Puts a digest in the place of those reports of this day (UTC) and these instances that may go, in one statement: each
 * report that is deleted is in exactly one digest. What comes for the day later gets a further part. A day is cut where a
 * billing period begins or ends.
 * @returns how many reports went.
 */
export async function digestDay(tx: Tx<UsageTables>, numbers: readonly number[], day: Date, retention: Retention): Promise<number> {
  await sql`select pg_advisory_xact_lock(${DIGEST_LOCK})`.execute(tx);
  const [from, through] = [sql`${day}::timestamptz`, sql`${new Date(day.getTime() + DAY_MS)}::timestamptz`];
  const { rows } = await sql<{ reports: number }>`
    with k as materialized (${instancesUntil(numbers, retention)}), old as materialized (
      select u.id, u.interval_end, k.customer_id from k cross join lateral (
        select u.id, u.interval_end from usage_reports u
        where u.instance_no = k.no and u.interval_end > ${from} and u.interval_end <= ${through} and ${mayGo(retention)} offset 0) u
    ), removed as (
      delete from usage_reports u using old
      where u.id = old.id and u.interval_end = old.interval_end and u.interval_end > ${from} and u.interval_end <= ${through}
      returning u.*, old.customer_id
    ), cut as (
      select distinct b.customer_id, edge.at from billing_periods b cross join lateral (values (b.period_start), (b.period_end)) edge (at)
      where b.customer_id in (select customer_id from k) and edge.at > ${from} and edge.at < ${through}
      union select p.customer_id, p.period_start from subscription_periods p where p.customer_id in (select customer_id from k) and p.period_start > ${from} and p.period_start < ${through}
    ), r as (
      select removed.*,
        coalesce((select max(cut.at) from cut where cut.customer_id = removed.customer_id and cut.at < removed.interval_end), ${from}) as from_at,
        coalesce((select min(cut.at) from cut where cut.customer_id = removed.customer_id and cut.at >= removed.interval_end), ${through}) as through_at
      from removed
    ), made as (
      insert into usage_digests (instance_no, from_at, through_at, part, reports, late, sequences, ${DIGEST_COLUMNS}, first_hash, head, hash, made_at)
      select r.instance_no, r.from_at, max(r.through_at),
        coalesce((select max(d.part) from usage_digests d where d.instance_no = r.instance_no and d.from_at = r.from_at), 0) + 1,
        count(*), count(*) filter (where r.late), coalesce(range_agg(int8range(r.sequence, r.sequence, '[]')) filter (where r.sequence is not null), '{}'), ${DIGEST_VALUES},
        (array_agg(r.previous_hash ${IN_ORDER}))[1], (array_agg(${NEXT_HASH} ${IN_ORDER}))[count(*)],
        sha256(convert_to(string_agg(${LINE} || chr(10), '' ${IN_ORDER}), 'UTF8')), ${retention.now}::timestamptz
      from r group by r.instance_no, r.from_at
      returning reports
    )
    select coalesce(sum(reports), 0)::bigint as reports from made`.execute(tx);
  return rows[0]?.reports ?? 0;
}

/** Of these instances: how many reports may go, and how many others ended before that time and are needed. */
export async function countOldReports(db: Db<UsageTables>, numbers: readonly number[], retention: Retention & { endedBefore: Date }): Promise<{ mayGo: number; needed: number }> {
  const { rows } = await sql<{ mayGo: number; needed: number }>`
    with k as materialized (${instancesUntil(numbers, retention)})
    select coalesce(sum(old.may_go), 0)::bigint as "mayGo", coalesce(sum(old.reports - old.may_go), 0)::bigint as needed
    from k cross join lateral (select count(*) as reports, count(*) filter (where ${mayGo(retention)}) as may_go from usage_reports u where u.instance_no = k.no and u.interval_end < ${retention.endedBefore}::timestamptz) old`.execute(db);
  return rows[0] ?? { mayGo: 0, needed: 0 };
}
