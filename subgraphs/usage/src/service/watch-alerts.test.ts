import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, type Json, newTenant, prepareDatabase, REQUEST_ID, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const PERIOD = { start: '2026-11-10T00:00:00.000Z', end: '2026-12-10T00:00:00.000Z' };
const WATCH = 'subscription ($customerId: ID!) { usageAlertRaised(customerId: $customerId) { id meter threshold used customer { id } } }';
let database: TestDatabase;
let usage: UsageUnderTest;
let second: UsageUnderTest;
let open: AsyncIterableIterator<unknown>[] = [];

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
  second = await startUnderTest(database.url, clock);
});
afterEach(async () => {
  for (const stream of open) await stream.return?.();
  open = [];
});
afterAll(async () => {
  await second.close();
  await usage.close();
  await database.drop();
});

const subscribe = (of: UsageUnderTest, caller: Tenant['user'], tenant: Tenant) => of.subgraph.executor.subscribe({ query: WATCH, variables: { customerId: tenant.id } }, { caller, requestId: REQUEST_ID });

async function watch(of: UsageUnderTest, tenant: Tenant): Promise<(count: number) => Promise<string[]>> {
  const stream = await subscribe(of, tenant.user, tenant);
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  open.push(stream);
  return async (count) => {
    const taken: string[] = [];
    while (taken.length < count) {
      const { value } = (await stream.next()) as IteratorResult<{ data?: { usageAlertRaised: Json } }>;
      const alert = value?.data?.usageAlertRaised;
      if (alert === undefined) throw new Error(JSON.stringify(value));
      taken.push(`${String(alert['meter'])} ${String(alert['threshold'])}`);
    }
    return taken;
  };
}

async function customer(): Promise<Tenant> {
  const tenant = newTenant();
  await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, 1, PERIOD, { API_CALLS: 100, HTTP_BYTES: 100, MQTT_BYTES: 100, STORAGE_BYTES: 100 }, null));
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_periods').select('version').where('customer_id', '=', tenant.id).execute()).toHaveLength(1));
  return tenant;
}
const used = (tenant: Tenant, numbers: Json, of = usage): Promise<unknown> => of.report(tenant.instance, 'plant', [reportEnding('2026-11-20T11:00:00Z', numbers)]);

describe('a live watch of alerts', () => {
  it('sees each threshold as it is reached, all of those that are reached at once, in this process and in another', async () => {
    const tenant = await customer();
    await used(tenant, { mqttBytesSent: 100 });
    await waitFor(async () => expect(await usage.db.selectFrom('usage_alerts').select('id').where('customer_id', '=', tenant.id).execute()).toHaveLength(2));
    const takes = [await watch(usage, tenant), await watch(second, tenant)];
    await used(tenant, { httpRequests: 80 });
    for (const take of takes) expect(await take(1)).toEqual(['API_CALLS 80']);
    await used(tenant, { httpRequests: 20, httpBytesSent: 100 });
    // API_CALLS comes behind HTTP_BYTES among the meters.
    for (const take of takes) expect(await take(3)).toEqual(['HTTP_BYTES 80', 'HTTP_BYTES 100', 'API_CALLS 100']);
  });

  it('sees what was raised while the bus was away, each once', async () => {
    const tenant = await customer();
    const take = await watch(second, tenant);
    await used(tenant, { httpRequests: 80 });
    expect(await take(1)).toEqual(['API_CALLS 80']);
    expect(await usage.terminate('iotistic-listener')).toBe(2);
    await used(tenant, { httpRequests: 20 });
    expect(await take(1)).toEqual(['API_CALLS 100']);
    await used(tenant, { httpBytesSent: 80 });
    await used(tenant, { storageBytes: 100 });
    expect(await take(3)).toEqual(['HTTP_BYTES 80', 'STORAGE_BYTES 80', 'STORAGE_BYTES 100']);
  });

  it('ends at once when its reader leaves, while it waits', async () => {
    const tenant = newTenant();
    const stream = (await subscribe(usage, tenant.user, tenant)) as AsyncIterableIterator<unknown>;
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  it('is for people: not for another tenant, an instance, or nobody', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const reasonOf = async (caller: Tenant['user']): Promise<unknown> => ((await subscribe(usage, caller, tenant)) as { errors?: { extensions?: Json }[] }).errors?.[0]?.extensions?.['reason'];
    expect(await Promise.all([other.user, tenant.instance, ANYONE].map(reasonOf))).toEqual(['CUSTOMER_NOT_FOUND', 'NOT_FOR_INSTANCES', 'CREDENTIAL_REQUIRED']);
    const stream = await subscribe(usage, ADMIN, tenant);
    expect(Symbol.asyncIterator in stream).toBe(true);
    if (Symbol.asyncIterator in stream) open.push(stream);
  });
});
