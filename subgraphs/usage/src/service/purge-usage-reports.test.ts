import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, newTenant, prepareDatabase, reportEnding, startUnderTest, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const DAY_MS = 86_400_000;
const PURGE = 'mutation ($days: Int!) { purgeUsageReports(input: { olderThanDays: $days }) { deleted } }';
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

const daysAgo = (days: number) => reportEnding(new Date(clock.now().getTime() - days * DAY_MS), { reportId: `of-${days}-days-ago`, mqttMessagesPublished: 10 });
const purge = async (days: number): Promise<number> => (await usage.data<{ purgeUsageReports: { deleted: number } }>(ADMIN, PURGE, { days })).purgeUsageReports.deleted;
const SERIES = `usageSeries(meter: MQTT_MESSAGES, from: "2025-12-01T00:00:00Z", to: "2026-12-01T00:00:00Z", granularity: MONTH) { quantity }`;
const stateOf = async (id: string): Promise<{ reports: number; messages: number }> => {
  const { usageReports, usageSeries } = await usage.customer<{ usageReports: { totalCount: number }; usageSeries: { quantity: number }[] }>(ADMIN, id, `usageReports { totalCount } ${SERIES}`);
  return { reports: usageReports.totalCount, messages: usageSeries.reduce((sum, { quantity }) => sum + quantity, 0) };
};

describe('purging', () => {
  it('takes raw reports by whole months and by the day, and leaves what they came to', async () => {
    const { id, instance } = newTenant();
    const ages = [1, 89, 91, 92, 150, 300];
    await usage.report(instance, 'plant-1', ages.map(daysAgo));
    expect(await stateOf(id)).toEqual({ reports: 6, messages: 60 });
    expect(await purge(90)).toBe(4);
    expect(await stateOf(id)).toEqual({ reports: 2, messages: 60 });
    expect(await purge(90)).toBe(0);
    expect(await usage.customer(ADMIN, id, 'intake { accepted } latestUsage { activeDevices }')).toMatchObject({ intake: { accepted: 6 }, latestUsage: { activeDevices: 1 } });
  });

  it('lets nothing be counted a second time, nor a late report be lost for want of its month', async () => {
    const { id, instance } = newTenant();
    await usage.report(instance, 'plant-1', [daysAgo(200)]);
    expect(await purge(100)).toBe(1);
    expect(await usage.report(instance, 'plant-1', [daysAgo(200)])).toMatchObject({ accepted: 0, duplicates: 1 });
    expect(await usage.report(instance, 'plant-1', [daysAgo(201)])).toMatchObject({ accepted: 1 });
    expect(await stateOf(id)).toEqual({ reports: 1, messages: 20 });
  });

  it('while others report takes only what is old', async () => {
    const { id, instance } = newTenant();
    await usage.report(instance, 'plant-1', [daysAgo(120), daysAgo(121)]);
    const [deleted] = await Promise.all([purge(119), ...Array.from({ length: 20 }, (_each, index) => usage.report(instance, 'plant-1', [daysAgo(index)]))]);
    expect(deleted).toBeGreaterThanOrEqual(2);
    expect(await stateOf(id)).toEqual({ reports: 20, messages: 220 });
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
    for (const { id } of tenants) expect((await stateOf(id)).messages).toBe(40);
  });

  it('is for the operator, of days that make sense', async () => {
    expect(await usage.refusal(newTenant().user, PURGE, { days: 90 })).toBe('FORBIDDEN ADMIN_ONLY');
    for (const days of [0, -1, 3_651]) expect(await usage.refusal(ADMIN, PURGE, { days })).toBe('INVALID_INPUT INVALID_RETENTION');
  });
});
