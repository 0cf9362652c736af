import type { Db } from '@iotistic/chassis/database';
import { METERS, type Meter } from '@iotistic/contracts/events';
import { type RawBuilder, sql } from 'kysely';
import type { Granularity } from '../domain/buckets.ts';
import type { Totals } from '../domain/quantities.ts';
import type { PeriodTotals } from '../domain/measurement.ts';
import { arrayLiteral } from './array-literal.ts';
import type { UsageTables } from './tables.ts';

/** Where a meter stands in rollups_hourly. */
export const COLUMN_OF_METER: Record<Meter, string> = {
  DEVICES: 'devices_peak',
  MQTT_MESSAGES: 'mqtt_messages',
  MQTT_BYTES: 'mqtt_bytes',
  HTTP_BYTES: 'http_bytes',
  API_CALLS: 'api_calls',
  STORAGE_BYTES: 'storage_bytes_peak',
};

/** A sum as the schema may tell it. */
const MAX = sql.lit(Number.MAX_SAFE_INTEGER);
const VALUE_OF_METER = sql.raw(`case q.meter ${METERS.map((meter) => `when '${meter}' then r.${COLUMN_OF_METER[meter]}`).join(' ')} end`);

/**
 * An instance's hours of that time, by the index's both columns. Left to itself the planner reads all hours that the instance
 * ever had, and throws most away: the fence (`offset 0`) makes the time a condition of the index.
 */
export function hoursBetween(from: RawBuilder<unknown>, to: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select * from rollups_hourly h where h.instance_no = i.no and h.hour >= ${from} and h.hour < ${to} offset 0`;
}

export interface SeriesQuery {
  customerId: string;
  /** null for all of the customer's. */
  instanceId: string | null;
  meter: Meter;
  granularity: Granularity;
  fromMs: number;
  toMs: number;
}

/** The totals of each query's buckets, by their start (milliseconds), without those that have no reports; many queries cost one statement. */
export async function listBucketTotals(db: Db<UsageTables>, queries: readonly SeriesQuery[]): Promise<Map<number, Totals>[]> {
  const { rows } = await sql<{ query: number; startMs: number } & Totals>`
    select query, (extract(epoch from bucket) * 1000)::bigint as "startMs", least(sum(value), ${MAX})::bigint as sum, max(value)::bigint as peak, sum(reports)::bigint as reports
    from (
      select q.query, date_trunc(q.unit, r.hour, 'UTC') as bucket, r.hour, least(sum(${VALUE_OF_METER}), ${MAX}) as value, sum(r.reports) as reports
      from unnest(${queries.map((query) => query.customerId)}::text[], ${queries.map((query) => query.instanceId)}::text[], ${queries.map((query) => query.meter)}::text[],
        ${queries.map((query) => query.granularity.toLowerCase())}::text[], ${arrayLiteral(queries.map((query) => query.fromMs))}::bigint[], ${arrayLiteral(queries.map((query) => query.toMs))}::bigint[])
        with ordinality as q (customer_id, instance_id, meter, unit, from_ms, to_ms, query)
      join instances i on i.customer_id = q.customer_id and (q.instance_id is null or i.id = q.instance_id)
      cross join lateral (${hoursBetween(sql`to_timestamp(q.from_ms / 1000.0)`, sql`to_timestamp(q.to_ms / 1000.0)`)}) r
      group by 1, 2, 3
    ) hours
    group by 1, bucket`.execute(db);
  const totals = queries.map(() => new Map<number, Totals>());
  for (const { query, startMs, ...bucket } of rows) totals[query - 1]?.set(startMs, bucket);
  return totals;
}

export interface PeriodQuery {
  customerId: string;
  countsFromMs: number;
  startMs: number;
  endMs: number;
}

const HOURLY_SUMS = sql.join(METERS.map((meter) => sql`least(sum(${sql.ref(`r.${COLUMN_OF_METER[meter]}`)}), ${MAX}) as ${sql.ref(meter)}`));
const PERIOD_TOTALS = sql.join(METERS.flatMap((meter) => [sql`least(sum(${sql.ref(meter)}), ${MAX})::bigint as ${sql.ref(`${meter}_sum`)}`, sql`max(${sql.ref(meter)})::bigint as ${sql.ref(`${meter}_peak`)}`]));

/** What each period's meters stand at, apart from one another what lies before it and what lies in it. */
export async function listPeriodTotals(db: Db<UsageTables>, queries: readonly PeriodQuery[]): Promise<PeriodTotals[]> {
  const { rows } = await sql<{ query: number; inside: boolean; reports: number } & Record<`${Meter}_${'sum' | 'peak'}`, number>>`
    select query, inside, sum(reports)::bigint as reports, ${PERIOD_TOTALS}
    from (
      select q.query, r.hour >= to_timestamp(q.start_ms / 1000.0) as inside, r.hour, sum(r.reports) as reports, ${HOURLY_SUMS}
      from unnest(${queries.map((query) => query.customerId)}::text[], ${arrayLiteral(queries.map((query) => query.countsFromMs))}::bigint[],
        ${arrayLiteral(queries.map((query) => query.startMs))}::bigint[], ${arrayLiteral(queries.map((query) => query.endMs))}::bigint[])
        with ordinality as q (customer_id, from_ms, start_ms, end_ms, query)
      join instances i on i.customer_id = q.customer_id
      cross join lateral (${hoursBetween(sql`to_timestamp(q.from_ms / 1000.0)`, sql`to_timestamp(q.end_ms / 1000.0)`)}) r
      group by 1, 2, 3
    ) hours
    group by query, inside`.execute(db);
  const totals = queries.map((): PeriodTotals => ({ before: {}, inside: {} }));
  for (const row of rows) {
    const part = totals[row.query - 1]?.[row.inside ? 'inside' : 'before'];
    for (const meter of METERS) if (part !== undefined) part[meter] = { sum: row[`${meter}_sum`], peak: row[`${meter}_peak`], reports: row.reports };
  }
  return totals;
}
