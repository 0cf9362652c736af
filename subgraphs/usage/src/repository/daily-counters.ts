import type { Db, Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { sql } from 'kysely';
import type { DayCount } from '../domain/trend.ts';
import { arrayLiteral } from './array-literal.ts';
import { hoursBetween } from './rollups.ts';
import type { UsageTables } from './tables.ts';

export interface DayRange {
  customerId: string;
  /** From the beginning of that day up to that of this one. Milliseconds. */
  fromMs: number;
  toMs: number;
}

const MAX = sql.lit(Number.MAX_SAFE_INTEGER);

/** Sums up these days anew, from rollups; of a customer that is summed up for the first time all from `keptFromMs` on. */
export async function sumUpDays(tx: Tx<UsageTables>, ranges: readonly DayRange[], keptFromMs: number): Promise<void> {
  if (ranges.length === 0) return;
  // Worked out once for each customer, by the index: not for each instance, and not by reading everybody's days.
  await sql`
    with asked as materialized (
      select a.customer_id, to_timestamp(a.to_ms / 1000.0) as to_day,
        to_timestamp(case when (select true from daily_counters d where d.customer_id = a.customer_id limit 1) then a.from_ms else ${keptFromMs}::bigint end / 1000.0) as from_day
      from unnest(${ranges.map(({ customerId }) => customerId)}::text[], ${arrayLiteral(ranges.map(({ fromMs }) => fromMs))}::bigint[], ${arrayLiteral(ranges.map(({ toMs }) => toMs))}::bigint[]) as a (customer_id, from_ms, to_ms)
    )
    insert into daily_counters as kept (customer_id, day, mqtt_messages, mqtt_bytes, http_bytes, api_calls)
    select q.customer_id, date_trunc('day', r.hour, 'UTC'), least(sum(r.mqtt_messages), ${MAX}), least(sum(r.mqtt_bytes), ${MAX}), least(sum(r.http_bytes), ${MAX}), least(sum(r.api_calls), ${MAX})
    from asked q
    join instances i on i.customer_id = q.customer_id
    cross join lateral (${hoursBetween(sql`q.from_day`, sql`q.to_day`)}) r
    group by 1, 2
    on conflict (customer_id, day) do update set mqtt_messages = excluded.mqtt_messages, mqtt_bytes = excluded.mqtt_bytes, http_bytes = excluded.http_bytes, api_calls = excluded.api_calls`.execute(tx);
  await sql`delete from daily_counters where customer_id = any(${ranges.map(({ customerId }) => customerId)}::text[]) and day < to_timestamp(${keptFromMs} / 1000.0)`.execute(tx);
}

/** The days that are kept of each customer, meter by meter. */
export async function listDayCounts(db: Db<UsageTables>, customerIds: readonly string[]): Promise<Map<string, Partial<Record<Meter, DayCount[]>>>> {
  const rows = await db.selectFrom('daily_counters').selectAll().where(sql<boolean>`customer_id = any(${customerIds}::text[])`).orderBy('day').execute();
  const counts = new Map<string, Partial<Record<Meter, DayCount[]>>>();
  for (const row of rows) {
    const meters = counts.get(row.customer_id) ?? {};
    counts.set(row.customer_id, meters);
    const values: Partial<Record<Meter, number>> = { MQTT_MESSAGES: row.mqtt_messages, MQTT_BYTES: row.mqtt_bytes, HTTP_BYTES: row.http_bytes, API_CALLS: row.api_calls };
    for (const [meter, count] of Object.entries(values) as [Meter, number][]) (meters[meter] ??= []).push({ dayMs: row.day.getTime(), count });
  }
  return counts;
}
