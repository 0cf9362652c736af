import type { Db } from '@iotistic/chassis/database';
import type { PageRequest } from '@iotistic/chassis/page';
import { sql } from 'kysely';
import type { UsageTables } from './tables.ts';

export interface FleetRow {
  customerId: string;
  /** Of the meter that is used most, as it was measured last; 0 where nothing is limited. */
  utilization: number;
  lastReportedAt: Date | null;
  /** Those that are active now. */
  instances: number;
}

/** Where a row stands: by utilization, highest first, then by id. */
export type FleetKey = [utilization: number, customerId: string];

/** From what was measured last: it costs what there are customers, and nothing for their reports. One row more than asked for where there is one. */
export async function listFleetPage(db: Db<UsageTables>, request: PageRequest<FleetKey>, { now, activeSince }: { now: Date; activeSince: Date }): Promise<FleetRow[]> {
  const [utilization, customerId] = request.after ?? [null, null];
  const { rows } = await sql<FleetRow>`
    select fleet.* from (
      select c.customer_id as "customerId", c.last_reported_at as "lastReportedAt", c.instances, coalesce(most.used, 0)::float8 as utilization
      from (select customer_id, max(last_reported_at) as last_reported_at, count(*) filter (where last_reported_at >= ${activeSince}::timestamptz)::int as instances from instances group by customer_id) c
      left join subscription_periods p on p.customer_id = c.customer_id
      left join lateral (
        select quantities from measured_periods m where m.customer_id = c.customer_id and m.period_start <= ${now}::timestamptz and m.period_end > ${now}::timestamptz order by m.period_start desc limit 1
      ) measured on true
      left join lateral (
        select max((measured.quantities ->> key)::numeric / greatest(value::numeric, 1)) as used from jsonb_each_text(p.included::jsonb) where value is not null
      ) most on true
    ) fleet
    where ${utilization}::float8 is null or fleet.utilization < ${utilization}::float8 or (fleet.utilization = ${utilization}::float8 and fleet."customerId" > ${customerId}::text)
    order by fleet.utilization desc, fleet."customerId" limit ${request.first + 1}`.execute(db);
  return rows;
}
