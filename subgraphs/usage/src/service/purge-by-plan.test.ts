import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const DAY_MS = 86_400_000;
/** From the receipt to the purge. */
const WAITS_DAYS = 15;
let database: TestDatabase;
let usage: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

async function named(tenant: Tenant, limits: Record<string, number | null>): Promise<void> {
  const told = subscriptionChanged(tenant.id, 1, { start: '2026-11-10T00:00:00.000Z', end: '2026-12-10T00:00:00.000Z' });
  await usage.deliver('subscription.changed', { ...told, entitlements: { features: {}, limits, included: {} } });
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_periods').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version: 1 }));
}

async function customerOf(plan: { dataRetentionDays: number | null } | null): Promise<Tenant> {
  const tenant = newTenant();
  if (plan !== null) await named(tenant, plan);
  await usage.report(tenant.instance, 'plant-1', [16, 29, 31, 89, 91, 364, 366].map((days) => reportEnding(new Date(clock.now().getTime() - (days - WAITS_DAYS) * DAY_MS), { reportId: `of-${days}`, mqttMessagesPublished: 1 })));
  return tenant;
}

async function keptOf({ id }: Tenant): Promise<{ kept: number; measured: number }> {
  const { usageReports, usageSeries } = await usage.customer<{ usageReports: { totalCount: number }; usageSeries: { quantity: number }[] }>(ADMIN, id, 'usageReports { totalCount } usageSeries(meter: MQTT_MESSAGES, from: "2025-11-01T00:00:00Z", to: "2027-02-01T00:00:00Z", granularity: MONTH) { quantity }');
  return { kept: usageReports.totalCount, measured: usageSeries.reduce((sum, { quantity }) => sum + quantity, 0) };
}

describe('raw reports', () => {
  it('of an old month that came late stay for now, and whoever reads it is not waited for', async () => {
    const tenant = newTenant();
    await usage.report(tenant.instance, 'plant-1', [reportEnding(new Date(clock.now().getTime() - 200 * DAY_MS), { mqttMessagesPublished: 1 })]);
    const backup = await usage.pool.connect();
    await backup.query('begin; lock table usage_reports in access share mode');
    await usage.subgraph.runScheduled();
    await backup.query('rollback');
    backup.release();
    expect(await usage.platform.metrics.text()).not.toMatch(/^iotistic_scheduled_runs_total.*"failed".* [1-9]/m);
    expect(await keptOf(tenant)).toEqual({ kept: 1, measured: 1 });
  });

  it('are kept as long as each customer’s plan says, ninety days where nothing is known, and what they came to stays', async () => {
    const [starter, professional, unknown] = [await customerOf({ dataRetentionDays: 30 }), await customerOf({ dataRetentionDays: 365 }), await customerOf(null)];
    await usage.subgraph.runScheduled();
    expect(await keptOf(starter)).toEqual({ kept: 7, measured: 7 });
    clock.advance({ days: WAITS_DAYS });
    await usage.subgraph.runScheduled();
    expect(await Promise.all([starter, professional, unknown].map(keptOf))).toEqual([{ kept: 2, measured: 7 }, { kept: 6, measured: 7 }, { kept: 4, measured: 7 }]);
    // Nobody keeps the month of the oldest.
    const { rows } = await usage.pool.query<{ name: string }>("select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relname like 'usage_reports_2025_1%'");
    expect(rows.map(({ name }) => name)).not.toContain('usage_reports_2025_10');
    const enterprise = await customerOf({ dataRetentionDays: null });
    clock.advance({ days: WAITS_DAYS });
    await usage.subgraph.runScheduled();
    expect(await keptOf(enterprise)).toEqual({ kept: 7, measured: 7 });
    // Its newest are thirty days old by now.
    expect(await keptOf(starter)).toEqual({ kept: 0, measured: 7 });
  });
});
