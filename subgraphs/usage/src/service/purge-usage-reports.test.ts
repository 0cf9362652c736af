import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const DAY_MS = 86_400_000;
const PURGE = 'mutation ($days: Int, $dryRun: Boolean) { purgeUsageReports(input: { olderThanDays: $days, dryRun: $dryRun }) { dryRun olderThanDays deleted kept } }';
let database: TestDatabase;
let usage: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
  // The nightly run, which comes soon after each start, is over.
  await waitFor(async () => expect(await usage.platform.metrics.text()).toMatch(/^iotistic_scheduled_runs_total.*"digest-old-reports".*"done".* 1$/m));
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

interface Purge {
  dryRun: boolean;
  olderThanDays: number;
  deleted: number;
  kept: number;
}

const daysAgo = (days: number) => reportEnding(new Date(clock.now().getTime() - days * DAY_MS), { reportId: `of-${days}-days-ago`, mqttMessagesPublished: 10 });
const purge = async (days?: number, dryRun?: boolean): Promise<Purge> => (await usage.data<{ purgeUsageReports: Purge }>(ADMIN, PURGE, { days, dryRun })).purgeUsageReports;
const SERIES = `usageSeries(meter: MQTT_MESSAGES, from: "2025-12-01T00:00:00Z", to: "2028-12-01T00:00:00Z", granularity: MONTH) { quantity }`;
const stateOf = async (id: string): Promise<{ reports: number; messages: number }> => {
  const { usageReports, usageSeries } = await usage.customer<{ usageReports: { totalCount: number }; usageSeries: { quantity: number }[] }>(ADMIN, id, `usageReports { totalCount } ${SERIES}`);
  return { reports: usageReports.totalCount, messages: usageSeries.reduce((sum, { quantity }) => sum + quantity, 0) };
};
/** With reports of these ages, of a customer that has no bills; received so long ago. */
async function customerWith(ages: readonly number[], receivedDaysAgo = 0): Promise<Tenant> {
  const tenant = newTenant();
  await usage.report(tenant.instance, 'plant-1', ages.map(daysAgo));
  await usage.db.updateTable('usage_reports').set({ received_at: new Date(clock.now().getTime() - receivedDaysAgo * DAY_MS) }).where('instance_no', 'in', usage.db.selectFrom('instances').select('no').where('customer_id', '=', tenant.id)).execute();
  return tenant;
}

describe('purging', () => {
  it('without an age says what it would delete, and what evidence needs, and deletes nothing', async () => {
    const { id } = await customerWith([1, 95, 150, 300], 101);
    const young = await customerWith([95, 300]);
    // 95 days ago is in a month that has not been over for a hundred days; the young ones were received today.
    expect(await purge()).toEqual({ dryRun: true, olderThanDays: 90, deleted: 2, kept: 3 });
    expect(await purge(90, true)).toEqual({ dryRun: true, olderThanDays: 90, deleted: 2, kept: 3 });
    expect(await stateOf(id)).toEqual({ reports: 4, messages: 40 });
    expect(await purge(undefined, false)).toEqual({ dryRun: false, olderThanDays: 90, deleted: 2, kept: 3 });
    expect(await purge()).toMatchObject({ deleted: 0, kept: 3 });
    expect([await stateOf(id), await stateOf(young.id)]).toEqual([{ reports: 2, messages: 40 }, { reports: 2, messages: 20 }]);
  });

  it('takes those over the age that it was given, no others, and leaves what they came to', async () => {
    const { id, instance } = await customerWith([1, 110, 150, 300], 101);
    expect(await purge(200)).toMatchObject({ dryRun: false, deleted: 1 });
    expect(await stateOf(id)).toEqual({ reports: 3, messages: 40 });
    expect(await purge(1)).toMatchObject({ deleted: 1 });
    expect(await usage.customer(ADMIN, id, 'intake { accepted } latestUsage { activeDevices }')).toMatchObject({ intake: { accepted: 4 }, latestUsage: { activeDevices: 1 } });
    expect(await usage.report(instance, 'plant-1', [daysAgo(300)])).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await usage.report(instance, 'plant-1', [daysAgo(301)])).toMatchObject({ accepted: 1 });
    expect(await stateOf(id)).toEqual({ reports: 3, messages: 50 });
  });

  it('of a bill that is not final takes nothing, however old it is', async () => {
    const { id } = await customerWith([210, 240, 340], 205);
    const period = { start: new Date(clock.now().getTime() - 230 * DAY_MS).toISOString(), end: new Date(clock.now().getTime() - 200 * DAY_MS).toISOString() };
    await usage.deliver('subscription.changed', subscriptionChanged(id, 1, period));
    await waitFor(async () => expect(await usage.db.selectFrom('billing_periods').select('version').where('customer_id', '=', id).execute()).toHaveLength(1));
    await purge(1);
    // What lies before the first period counts into it.
    expect(await stateOf(id)).toEqual({ reports: 3, messages: 30 });
    await usage.deliver('period.invoiced', { customerId: id, periodStart: period.start, periodEnd: period.end, invoiceId: 'invc_1', at: new Date(clock.now().getTime() - 99 * DAY_MS).toISOString() });
    await waitFor(async () => expect(await usage.db.selectFrom('billing_periods').select('invoice_id').where('customer_id', '=', id).where('closed_at', 'is not', null).execute()).toHaveLength(1));
    await purge(1);
    expect(await stateOf(id)).toEqual({ reports: 3, messages: 30 });
    clock.advance({ days: 1 });
    await purge(1);
    expect(await stateOf(id)).toEqual({ reports: 0, messages: 30 });
  });

  it('while others report takes only what is old', async () => {
    const old = await customerWith([170, 171], 101);
    const { id, instance } = newTenant();
    await Promise.all([purge(119), ...Array.from({ length: 20 }, (_each, index) => usage.report(instance, 'plant-1', [daysAgo(150 + index)]))]);
    expect([await stateOf(old.id), await stateOf(id)]).toEqual([{ reports: 0, messages: 20 }, { reports: 20, messages: 200 }]);
  });

  it('over and over, takes months from under nobody who reports into them just then', async () => {
    let purges = 0;
    let isOver = false;
    const purging = (async () => {
      for (; !isOver; purges += 1) await purge(60);
    })();
    const tenants = Array.from({ length: 30 }, newTenant);
    for (const { instance } of tenants) expect(await usage.report(instance, 'plant-1', [91, 122, 150, 300].map(daysAgo))).toMatchObject({ accepted: 4 });
    isOver = true;
    await purging;
    expect(purges).toBeGreaterThan(1);
    for (const { id } of tenants) expect(await stateOf(id)).toEqual({ reports: 4, messages: 40 });
  });

  it('is for the operator, of days that make sense', async () => {
    expect(await usage.refusal(newTenant().user, PURGE, { days: 90 })).toBe('FORBIDDEN ADMIN_ONLY');
    for (const days of [0, -1, 3_651]) expect(await usage.refusal(ADMIN, PURGE, { days })).toBe('INVALID_INPUT INVALID_RETENTION');
  });
});
