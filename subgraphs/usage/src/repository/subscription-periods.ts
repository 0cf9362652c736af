import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { SubscriptionPeriod } from '../domain/period.ts';
import type { UsageTables } from './tables.ts';

/**
 * Keeps what the highest version says, and of all versions, in whatever order they come, the earliest start. The period that
 * it replaces is kept as the one before, cut where the new one begins.
 */
export async function saveSubscriptionPeriod(tx: Tx<UsageTables>, period: Omit<SubscriptionPeriod, 'firstPeriodStart' | 'previousStart' | 'previousEnd'>): Promise<void> {
  const { customerId, version, periodStart, periodEnd, maxDevices } = period;
  await sql`
    insert into subscription_periods as kept (customer_id, version, period_start, period_end, first_period_start, included, max_devices)
    values (${customerId}, ${version}, ${periodStart}, ${periodEnd}, ${periodStart}, ${JSON.stringify(period.included)}::jsonb, ${maxDevices})
    on conflict (customer_id) do update set first_period_start = least(kept.first_period_start, excluded.first_period_start)`.execute(tx);
  await sql`
    update subscription_periods
    set previous_start = case when period_start < ${periodStart}::timestamptz then period_start else previous_start end,
      previous_end = case when period_start < ${periodStart}::timestamptz then least(period_end, ${periodStart}::timestamptz) else previous_end end,
      version = ${version}, period_start = ${periodStart}, period_end = ${periodEnd}, included = ${JSON.stringify(period.included)}::jsonb, max_devices = ${maxDevices}
    where customer_id = ${customerId} and version < ${version}`.execute(tx);
}

export async function findSubscriptionPeriods(db: Db<UsageTables>, customerIds: readonly string[]): Promise<SubscriptionPeriod[]> {
  const rows = await db.selectFrom('subscription_periods').selectAll().where('customer_id', 'in', customerIds).execute();
  return rows.map((row) => ({
    customerId: row.customer_id,
    version: row.version,
    periodStart: row.period_start,
    periodEnd: row.period_end,
    firstPeriodStart: row.first_period_start,
    previousStart: row.previous_start,
    previousEnd: row.previous_end,
    included: row.included,
    maxDevices: row.max_devices,
  }));
}
