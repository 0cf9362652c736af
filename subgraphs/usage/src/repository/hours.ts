import type { Db } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { sql } from 'kysely';
import { COLUMN_OF_METER, hoursBetween } from './rollups.ts';
import type { UsageTables } from './tables.ts';

/** One hour of a meter: the customer's value, and of it one instance's. */
export interface HourOfMeter {
  hourMs: number;
  /** The sum over the instances. */
  total: number;
  reports: number;
  /** Of the instance that was asked for; 0 where none was. */
  own: number;
  ownReports: number;
}

/** The hours of a meter from then on, up to and without `endMs`: those with reports, in order. */
export async function listHours(db: Db<UsageTables>, of: { customerId: string; meter: Meter; fromMs: number; endMs: number; instanceId: string | null }): Promise<HourOfMeter[]> {
  const value = sql.ref(`r.${COLUMN_OF_METER[of.meter]}`);
  const { rows } = await sql<HourOfMeter>`
    select (extract(epoch from r.hour) * 1000)::bigint as "hourMs", least(sum(${value}), ${sql.lit(Number.MAX_SAFE_INTEGER)})::bigint as total, sum(r.reports)::bigint as reports,
      coalesce(sum(${value}) filter (where i.id = ${of.instanceId}::text), 0)::bigint as own, coalesce(sum(r.reports) filter (where i.id = ${of.instanceId}::text), 0)::bigint as "ownReports"
    from instances i cross join lateral (${hoursBetween(sql`to_timestamp(${of.fromMs}::bigint / 1000.0)`, sql`to_timestamp(${of.endMs}::bigint / 1000.0)`)}) r
    where i.customer_id = ${of.customerId}
    group by r.hour order by r.hour`.execute(db);
  return rows;
}
