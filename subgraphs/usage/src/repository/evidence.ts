import type { Db } from '@iotistic/chassis/database';
import { CHAIN_COUNTS } from '@iotistic/contracts/report-chain';
import type { EvidenceReport } from '@iotistic/contracts/usage-evidence';
import { sql } from 'kysely';
import { columnOfCount } from './count-columns.ts';
import type { UsageTables } from './tables.ts';

const COUNT_ARRAY = sql.raw(CHAIN_COUNTS.map((name) => `u.${columnOfCount(name)}`).join(', '));

/** An instance's reports whose interval ends behind one time and not behind the other, oldest first, at most so many. */
export async function listReportsForEvidence(db: Db<UsageTables>, of: { instanceId: string; after: Date; through: Date }, limit: number): Promise<EvidenceReport[]> {
  const { rows } = await sql<{ sequence: number | null; start: Date; end: Date; counts: number[]; previousHash: string | null; late: boolean }>`
    select u.sequence, u.interval_start as start, u.interval_end as end, array[${COUNT_ARRAY}]::float8[] as counts, replace(u.previous_hash::text, '-', '') as "previousHash", u.late
    from instances i join usage_reports u on u.instance_no = i.no
    where i.id = ${of.instanceId} and u.interval_end > ${of.after}::timestamptz and u.interval_end <= ${of.through}::timestamptz
    order by u.interval_end, u.id limit ${limit}`.execute(db);
  return rows.map(({ sequence, start, end, counts, previousHash, late }) => ({ sequence, intervalStart: start.toISOString(), intervalEnd: end.toISOString(), counts, previousHash, late }));
}
