import type { Db } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { ActiveNow } from '../domain/active.ts';
import type { UsageTables } from './tables.ts';

/** A report's interval may be so long, and lie so far back when it comes. */
const REACH = sql.lit('190 days');

/**
 * Of each of these customers that has an instance which ever reported. It costs what instances they have.
 * @param since when the last report of an active one was received at the earliest.
 */
export async function countActive(db: Db<UsageTables>, customerIds: readonly string[], since: Date): Promise<Map<string, ActiveNow>> {
  const { rows } = await sql<ActiveNow & { customerId: string }>`
    select i.customer_id as "customerId", count(*) filter (where i.last_reported_at >= ${since}::timestamptz)::int as instances,
      coalesce(sum(newest.active_devices), 0)::bigint as "activeDevices", coalesce(sum(newest.total_devices), 0)::bigint as "totalDevices",
      count(*) filter (where i.last_reported_at < ${since}::timestamptz)::int as "goneInstances"
    from instances i
    left join lateral (
      select u.active_devices, u.total_devices from usage_reports u
      where u.instance_no = i.no and u.interval_end > ${since}::timestamptz - interval ${REACH}
      order by u.interval_end desc, u.id desc limit 1
    ) newest on i.last_reported_at >= ${since}::timestamptz
    where i.customer_id = any(${[...new Set(customerIds)]}::text[]) and i.last_reported_at is not null
    group by i.customer_id`.execute(db);
  return new Map(rows.map(({ customerId, ...active }) => [customerId, active]));
}
