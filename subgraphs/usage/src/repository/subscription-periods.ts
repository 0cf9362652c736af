import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { SubscriptionPeriod } from '../domain/period.ts';
import type { UsageTables } from './tables.ts';

/** Keeps what the highest version says, and of all versions, in whatever order they come, the earliest start. */
export async function saveSubscriptionPeriod(tx: Tx<UsageTables>, period: Omit<SubscriptionPeriod, 'firstPeriodStart'>): Promise<void> {
  const { customerId, version, periodStart, periodEnd, maxDevices } = period;
  await sql`
    insert into subscription_periods as kept (customer_id, version, period_start, period_end, first_period_start, included, max_devices, retention_days, max_instances)
    values (${customerId}, ${version}, ${periodStart}, ${periodEnd}, ${periodStart}, ${JSON.stringify(period.included)}::jsonb, ${maxDevices}, ${period.retentionDays}, ${period.maxInstances})
    on conflict (customer_id) do update set first_period_start = least(kept.first_period_start, excluded.first_period_start)`.execute(tx);
  await sql`
    update subscription_periods
    set version = ${version}, period_start = ${periodStart}, period_end = ${periodEnd}, included = ${JSON.stringify(period.included)}::jsonb, max_devices = ${maxDevices}, retention_days = ${period.retentionDays},
      max_instances = ${period.maxInstances}
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
    included: row.included,
    maxDevices: row.max_devices,
    retentionDays: row.retention_days,
    maxInstances: row.max_instances,
  }));
}
