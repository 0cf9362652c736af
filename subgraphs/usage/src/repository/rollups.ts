import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { HourTotals } from '../domain/quantities.ts';
import { arrayLiteral } from './array-literal.ts';
import type { UsageTables } from './tables.ts';

export interface HoursQuery {
  customerId: string;
  /** null for all of the customer's. */
  instanceId: string | null;
  fromMs: number;
  toMs: number;
}

type HourRow = { query: number; hourMs: number; reports: number } & HourTotals['values'];

const MAX = sql.lit(Number.MAX_SAFE_INTEGER);

/** The hours of each query that have reports, summed over its instances, in order of time; many queries cost one statement. */
export async function listHours(db: Db<UsageTables>, queries: readonly HoursQuery[]): Promise<HourTotals[][]> {
  const { rows } = await sql<HourRow>`
    select q.query, (extract(epoch from r.hour) * 1000)::bigint as "hourMs", sum(r.reports) as reports,
      least(sum(r.devices_peak), ${MAX}) as "DEVICES", least(sum(r.mqtt_messages), ${MAX}) as "MQTT_MESSAGES", least(sum(r.mqtt_bytes), ${MAX}) as "MQTT_BYTES",
      least(sum(r.http_bytes), ${MAX}) as "HTTP_BYTES", least(sum(r.api_calls), ${MAX}) as "API_CALLS", least(sum(r.storage_bytes_peak), ${MAX}) as "STORAGE_BYTES"
    from unnest(${queries.map((query) => query.customerId)}::text[], ${queries.map((query) => query.instanceId)}::text[],
      ${arrayLiteral(queries.map((query) => query.fromMs))}::bigint[], ${arrayLiteral(queries.map((query) => query.toMs))}::bigint[])
      with ordinality as q (customer_id, instance_id, from_ms, to_ms, query)
    join instances i on i.customer_id = q.customer_id and (q.instance_id is null or i.id = q.instance_id)
    join rollups_hourly r on r.instance_no = i.no and r.hour >= to_timestamp(q.from_ms / 1000.0) and r.hour < to_timestamp(q.to_ms / 1000.0)
    group by q.query, r.hour
    order by q.query, r.hour`.execute(db);
  const hours: HourTotals[][] = queries.map(() => []);
  for (const { query, hourMs, reports, ...values } of rows) hours[query - 1]?.push({ hourMs, reports, values });
  return hours;
}
