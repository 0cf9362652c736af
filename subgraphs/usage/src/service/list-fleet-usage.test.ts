import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const PERIOD = { start: '2026-11-10T12:00:00.000Z', end: '2026-12-10T12:00:00.000Z' };
const FLEET = 'query ($first: Int!, $after: String) { fleetUsage(first: $first, after: $after) { edges { cursor node { utilization instances lastReportedAt customer { id } summary { meters { meter utilization } } } } pageInfo { hasNextPage endCursor } } }';
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

interface Fleet {
  edges: { cursor: string; node: { utilization: number; instances: number; lastReportedAt: string | null; customer: { id: string }; summary: { meters: { meter: string; utilization: number | null }[] } } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
const fleet = async (first: number, after: string | null = null): Promise<Fleet> => (await usage.data<{ fleetUsage: Fleet }>(ADMIN, FLEET, { first, after })).fleetUsage;

/** A customer whose plan includes ten devices and a hundred messages. */
async function using(devices: number, messages: number, names = ['plant-1']): Promise<Tenant> {
  const tenant = newTenant();
  await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, 1, PERIOD, { DEVICES: 10, MQTT_MESSAGES: 100, STORAGE_BYTES: null }));
  for (const name of names) await usage.report(tenant.instance, name, [reportEnding('2026-11-20T11:00:00.000Z', { activeDevices: devices, mqttMessagesPublished: messages })]);
  return tenant;
}

describe('the fleet', () => {
  it('is sorted by the meter that each customer uses most, page by page, each once', async () => {
    const [half, most, two] = [await using(5, 10), await using(1, 150), await using(2, 0, ['a', 'b'])];
    const unlimited = newTenant();
    await usage.report(unlimited.instance, 'plant-1', [reportEnding('2026-11-20T11:00:00.000Z', { activeDevices: 900 })]);
    await waitFor(async () => expect((await fleet(10)).edges.map(({ node }) => [node.customer.id, node.utilization])).toEqual([[most.id, 1.5], [half.id, 0.5], [two.id, 0.4], [unlimited.id, 0]]));
    const all = await fleet(10);
    expect(all.edges.map(({ node }) => node.instances)).toEqual([1, 1, 2, 1]);
    expect(all.edges[0]?.node).toMatchObject({ lastReportedAt: clock.now().toISOString() });
    expect(all.edges[0]?.node.summary.meters.find(({ meter }) => meter === 'MQTT_MESSAGES')?.utilization).toBe(1.5);
    const paged: string[] = [];
    for (let page = await fleet(1); ; page = await fleet(1, page.pageInfo.endCursor)) {
      paged.push(...page.edges.map(({ node }) => node.customer.id));
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(paged).toEqual(all.edges.map(({ node }) => node.customer.id));
  });

  it("is the operator's, in pages that make sense", async () => {
    expect(await usage.refusal(newTenant().user, FLEET, { first: 1 })).toBe('FORBIDDEN ADMIN_ONLY');
    expect(await usage.refusal(ADMIN, FLEET, { first: 101 })).toBe('INVALID_INPUT INVALID_PAGE_SIZE');
    expect(await usage.refusal(ADMIN, FLEET, { first: 1, after: 'x' })).toBe('INVALID_INPUT INVALID_CURSOR');
  });
});
