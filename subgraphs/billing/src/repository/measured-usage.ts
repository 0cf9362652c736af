import type { Db } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { sql } from 'kysely';
import type { BillingTables } from './tables.ts';

/** What the meters of one period came to, each in its own unit. */
export interface MeasuredPeriod {
  start: Date;
  end: Date;
  quantities: Partial<Record<Meter, number>>;
}

/**
 * The two periods of a customer that were measured last and began by then, newest first. Stripe's seconds and our
 * milliseconds name the same start.
 */
export async function listLastMeasured(db: Db<BillingTables>, customerId: string, by: Date): Promise<MeasuredPeriod[]> {
  const { rows } = await sql<{ start: Date; end: Date; quantities: Partial<Record<Meter, number>> }>`
    select date_trunc('second', period_start) as start, max(period_end) as end,
      json_object_agg(meter, quantity) as quantities
    from metered_quantities
    where customer_id = ${customerId} and date_trunc('second', period_start) <= date_trunc('second', ${by}::timestamptz)
    group by 1 order by 1 desc limit 2`.execute(db);
  return rows;
}
