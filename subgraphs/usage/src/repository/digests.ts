import type { Db } from '@iotistic/chassis/database';
import { CHAIN_COUNTS } from '@iotistic/contracts/report-chain';
import type { EvidenceDigest } from '@iotistic/contracts/usage-digest';
import { sql } from 'kysely';
import { columnOfCount } from './count-columns.ts';
import type { UsageTables } from './tables.ts';

const COUNT_ARRAY = sql.raw(CHAIN_COUNTS.map((name) => `d.${columnOfCount(name)}`).join(', '));

/** An instance's digests of days that lie, or reach, within that time, oldest first, at most so many. */
export async function listDigests(db: Db<UsageTables>, of: { instanceId: string; after: Date; through: Date }, limit: number): Promise<EvidenceDigest[]> {
  const { rows } = await sql<{ from: Date; through: Date; reports: number; late: number; sequences: [number, number][]; counts: number[]; firstHash: string | null; head: string | null; hash: string }>`
    select d.from_at as from, d.through_at as through, d.reports, d.late, array[${COUNT_ARRAY}]::float8[] as counts,
      coalesce((select jsonb_agg(jsonb_build_array(lower(run), upper(run) - 1) order by run) from unnest(d.sequences) run), '[]') as sequences,
      replace(d.first_hash::text, '-', '') as "firstHash", replace(d.head::text, '-', '') as head, encode(d.hash, 'hex') as hash
    from instances i join usage_digests d on d.instance_no = i.no
    where i.id = ${of.instanceId} and d.from_at < ${of.through}::timestamptz and d.through_at > ${of.after}::timestamptz
    order by d.from_at, d.part limit ${limit}`.execute(db);
  return rows.map(({ from, through, ...digest }) => ({ from: from.toISOString(), through: through.toISOString(), ...digest }));
}

/** Of a customer in that time: how many reports its hours were made of, how many are there, and how many are in digests. */
export async function countEvidence(db: Db<UsageTables>, of: { customerId: string; after: Date; through: Date }): Promise<{ counted: number; reports: number; digested: number }> {
  const { rows } = await sql<{ counted: number; reports: number; digested: number }>`
    select coalesce(sum(h.reports), 0)::bigint as counted, coalesce(sum(u.reports), 0)::bigint as reports, coalesce(sum(d.reports), 0)::bigint as digested
    from instances i
    cross join lateral (select sum(r.reports) as reports from rollups_hourly r where r.instance_no = i.no and r.hour >= ${of.after}::timestamptz and r.hour < ${of.through}::timestamptz) h
    cross join lateral (select count(*) as reports from usage_reports r where r.instance_no = i.no and r.interval_end > ${of.after}::timestamptz and r.interval_end <= ${of.through}::timestamptz) u
    cross join lateral (select sum(r.reports) as reports from usage_digests r where r.instance_no = i.no and r.from_at >= ${of.after}::timestamptz and r.through_at <= ${of.through}::timestamptz) d
    where i.customer_id = ${of.customerId}`.execute(db);
  return rows[0] ?? { counted: 0, reports: 0, digested: 0 };
}
