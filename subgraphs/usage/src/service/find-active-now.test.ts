import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, newTenant, prepareDatabase, reportEnding, startUnderTest, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
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

const report = (tenant: Tenant, name: string, devices: number): Promise<unknown> => usage.report(tenant.instance, name, [reportEnding(clock.now(), { activeDevices: devices, totalDevices: devices + 1 })]);
const activeNow = async (tenant: Tenant): Promise<unknown> => (await usage.customer<{ activeNow: unknown }>(tenant.user, tenant.id, 'activeNow { instances activeDevices totalDevices goneInstances }')).activeNow;
async function fleetInstances(tenant: Tenant): Promise<number | undefined> {
  const { fleetUsage } = await usage.data<{ fleetUsage: { edges: { node: { instances: number; customer: { id: string } } }[] } }>(ADMIN, '{ fleetUsage(first: 100) { edges { node { instances customer { id } } } } }');
  return fleetUsage.edges.find(({ node }) => node.customer.id === tenant.id)?.node.instances;
}

describe('what is active now', () => {
  it('is nothing of a customer that never reported', async () => {
    expect(await activeNow(newTenant())).toEqual({ instances: 0, activeDevices: 0, totalDevices: 0, goneInstances: 0 });
  });

  it('has the newest report of each instance; one that is silent for 35 days is gone with its devices, and comes back when it reports', async () => {
    const tenant = newTenant();
    await report(tenant, 'gone', 7);
    await report(tenant, 'here', 2);
    expect(await activeNow(tenant)).toEqual({ instances: 2, activeDevices: 9, totalDevices: 11, goneInstances: 0 });
    clock.advance({ days: 20 });
    await report(tenant, 'here', 3);
    clock.advance({ days: 15 });
    expect(await activeNow(tenant)).toMatchObject({ instances: 2, activeDevices: 10 });
    clock.advance({ seconds: 1 });
    expect(await activeNow(tenant)).toEqual({ instances: 1, activeDevices: 3, totalDevices: 4, goneInstances: 1 });
    expect(await fleetInstances(tenant)).toBe(1);
    await report(tenant, 'gone', 5);
    expect(await activeNow(tenant)).toEqual({ instances: 2, activeDevices: 8, totalDevices: 10, goneInstances: 0 });
    expect(await fleetInstances(tenant)).toBe(2);
  });

  it('leaves what was measured, and so what was billed, as it was', async () => {
    const tenant = newTenant();
    const from = clock.now().toISOString();
    clock.advance({ hours: 1 });
    await report(tenant, 'plant', 6);
    const to = clock.now().toISOString();
    clock.advance({ days: 90 });
    const series = await usage.customer<{ usageSeries: { quantity: number }[] }>(tenant.user, tenant.id, `usageSeries(meter: DEVICES, from: "${from}", to: "${to}", granularity: DAY) { quantity }`);
    expect(Math.max(...series.usageSeries.map(({ quantity }) => quantity))).toBe(6);
    expect(await activeNow(tenant)).toMatchObject({ instances: 0, activeDevices: 0, goneInstances: 1 });
  });
});
