import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';
import { measureUsage } from './measure-usage.ts';

const START = '2026-11-20T12:00:00.000Z';
const PERIOD = { start: '2026-11-10T00:00:00.000Z', end: '2026-12-10T00:00:00.000Z' };
const clock = createTestClock(START);
let database: TestDatabase;
let usage: UsageUnderTest;
let second: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
  second = await startUnderTest(database.url, clock);
});
beforeEach(() => clock.set(START));
afterAll(async () => {
  await second.close();
  await usage.close();
  await database.drop();
});

interface Alert {
  id: string;
  kind: string;
  meter: string;
  threshold: number;
  used: number;
  included: number;
  periodStart: string;
  raisedAt: string;
  customer: { id: string };
}
const ALERTS = 'usageAlerts(first: 100) { edges { node { id kind meter threshold used included periodStart raisedAt customer { id } } } }';

/** Oldest first. */
async function alertsOf(tenant: Tenant): Promise<Alert[]> {
  const { usageAlerts } = await usage.customer<{ usageAlerts: { edges: { node: Alert }[] } }>(tenant.user, tenant.id, ALERTS);
  return usageAlerts.edges.map(({ node }) => node).toReversed();
}
const textsOf = async (tenant: Tenant): Promise<string[]> => (await alertsOf(tenant)).map(({ kind, meter, threshold, used, included }) => `${kind} ${meter} ${threshold}: ${used}/${included}`);
const eventsOf = async (tenant: Tenant): Promise<Json[]> => (await usage.published(tenant.id)).filter(({ name }) => name === 'usage.alert_raised').map(({ payload }) => payload);

/** Billing names what is included, and all that changed is measured. */
async function named(tenant: Tenant, version: number, included: Record<string, number | null>, maxDevices: number | null = null, period = PERIOD): Promise<void> {
  await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, version, period, included, maxDevices));
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_standings').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version }));
  await measured(tenant);
}

async function measured(tenant: Tenant): Promise<void> {
  await waitFor(async () => {
    await measureUsage({ db: usage.db, clock, restores: [] });
    expect(await usage.db.selectFrom('changed_customers').select('position').where('customer_id', '=', tenant.id).execute()).toEqual([]);
  });
}

async function used(tenant: Tenant, numbers: Json, end = '2026-11-20T11:00:00Z', instance = 'plant'): Promise<void> {
  await usage.report(tenant.instance, instance, [reportEnding(end, { intervalStart: new Date(Date.parse(end) - 60_000).toISOString(), ...numbers })]);
  await measured(tenant);
}

describe('a threshold', () => {
  it('is raised as it is reached, step by step, once each', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 100 });
    await used(tenant, { httpRequests: 79 });
    expect(await textsOf(tenant)).toEqual([]);
    await used(tenant, { httpRequests: 1 });
    await used(tenant, { httpRequests: 5 });
    expect(await textsOf(tenant)).toEqual(['INCLUDED API_CALLS 80: 80/100']);
    await used(tenant, { httpRequests: 15 });
    await used(tenant, { httpRequests: 1_000 });
    expect(await textsOf(tenant)).toEqual(['INCLUDED API_CALLS 80: 80/100', 'INCLUDED API_CALLS 100: 100/100']);
    expect((await alertsOf(tenant))[0]).toMatchObject({ customer: { id: tenant.id }, periodStart: PERIOD.start, raisedAt: START });
    expect((await eventsOf(tenant)).map(({ threshold }) => threshold)).toEqual([80, 100]);
  });

  it('is raised with the one below it when both are reached at once, and the event tells the higher', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 100 });
    await used(tenant, { httpRequests: 150 });
    const alerts = await alertsOf(tenant);
    expect(alerts.map(({ threshold }) => threshold)).toEqual([80, 100]);
    expect(await eventsOf(tenant)).toEqual([{ alertId: alerts[1]?.id, customerId: tenant.id, kind: 'INCLUDED', meter: 'API_CALLS', threshold: 100, used: 150, included: 100, periodStart: PERIOD.start, at: START }]);
  });

  it('of devices is raised against what is included and against how many there may be', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { DEVICES: 5 }, 10);
    await Promise.all([used(tenant, { activeDevices: 4 }), used(tenant, { activeDevices: 4 }, '2026-11-20T11:00:00Z', 'second-plant')]);
    expect((await textsOf(tenant)).map((text) => text.split(':')[0]).toSorted()).toEqual(['INCLUDED DEVICES 100', 'INCLUDED DEVICES 80', 'MAX_DEVICES DEVICES 80']);
  });

  it('is none where nothing is included, where all is, and where billing named nothing', async () => {
    const [paid, unlimited, unknown] = [newTenant(), newTenant(), newTenant()];
    await named(paid, 1, { API_CALLS: 0 });
    await named(unlimited, 1, { API_CALLS: null });
    for (const tenant of [paid, unlimited, unknown]) {
      await used(tenant, { httpRequests: 1_000_000 });
      expect(await textsOf(tenant)).toEqual([]);
    }
  });
});

describe('a plan change', () => {
  it('to more raises nothing before that is reached, back again nothing twice', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 100 });
    await used(tenant, { httpRequests: 100 });
    await named(tenant, 2, { API_CALLS: 200 });
    await used(tenant, { httpRequests: 59 });
    expect(await textsOf(tenant)).toHaveLength(2);
    await used(tenant, { httpRequests: 1 });
    expect((await textsOf(tenant)).slice(2)).toEqual(['INCLUDED API_CALLS 80: 160/200']);
    await named(tenant, 3, { API_CALLS: 100 });
    await used(tenant, { httpRequests: 1 });
    expect(await textsOf(tenant)).toHaveLength(3);
  });

  it('to less raises what that reaches, without a report', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 1_000 });
    await used(tenant, { httpRequests: 90 });
    await named(tenant, 2, { API_CALLS: 100 });
    expect(await textsOf(tenant)).toEqual(['INCLUDED API_CALLS 80: 90/100']);
  });
});

describe('a new period', () => {
  it('raises anew', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 100 });
    await used(tenant, { httpRequests: 100 });
    clock.set('2026-12-10T06:00:00.000Z');
    await named(tenant, 2, { API_CALLS: 100 }, null, { start: PERIOD.end, end: '2027-01-10T00:00:00.000Z' });
    expect(await textsOf(tenant)).toHaveLength(2);
    await used(tenant, { httpRequests: 85 }, '2026-12-10T05:30:00Z');
    expect((await alertsOf(tenant)).slice(2)).toMatchObject([{ threshold: 80, used: 85, periodStart: PERIOD.end }]);
  });

  it('that billing has not named yet raises by what it said last', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 100 });
    clock.set('2026-12-10T06:00:00.000Z');
    await used(tenant, { httpRequests: 100 }, '2026-12-10T05:30:00Z');
    expect(await alertsOf(tenant)).toMatchObject([{ threshold: 80, periodStart: PERIOD.end }, { threshold: 100, periodStart: PERIOD.end }]);
  });

  it('leaves the one before it what that included: late reports are measured by it, and not by the new plan', async () => {
    const [smaller, larger] = [newTenant(), newTenant()];
    for (const tenant of [smaller, larger]) {
      await named(tenant, 1, { API_CALLS: 1_000 });
      await used(tenant, { httpRequests: 500 });
    }
    clock.set('2026-11-20T12:30:00.000Z');
    const next = { start: '2026-11-20T12:00:00.000Z', end: '2026-12-20T12:00:00.000Z' };
    await named(smaller, 2, { API_CALLS: 100 }, null, next);
    await named(larger, 2, { API_CALLS: 100_000 }, null, next);
    await used(smaller, { httpRequests: 10 }, '2026-11-20T11:50:00Z');
    await used(larger, { httpRequests: 300 }, '2026-11-20T11:50:00Z');
    expect(await alertsOf(smaller)).toEqual([]);
    expect(await alertsOf(larger)).toMatchObject([{ threshold: 80, used: 800, included: 1_000, periodStart: PERIOD.start }]);
  });
});

it('two processes that measure at once raise each threshold once, and tell of it once', async () => {
  const tenants = Array.from({ length: 8 }, newTenant);
  for (const tenant of tenants) await named(tenant, 1, { API_CALLS: 100 });
  await Promise.all(tenants.flatMap((tenant) => Array.from({ length: 10 }, (_none, index) => (index % 2 === 0 ? usage : second).report(tenant.instance, `plant-${index}`, [reportEnding('2026-11-20T11:00:00Z', { httpRequests: 20 })]))));
  await Promise.all(Array.from({ length: 6 }, () => measureUsage({ db: usage.db, clock, restores: [] })));
  for (const tenant of tenants) {
    await measured(tenant);
    expect((await alertsOf(tenant)).map(({ threshold }) => threshold)).toEqual([80, 100]);
    const told = (await eventsOf(tenant)).map(({ threshold }) => threshold);
    expect([[100], [80, 100]]).toContainEqual(told);
  }
});

describe('the list of alerts', () => {
  it('comes in pages, newest first', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { API_CALLS: 100, HTTP_BYTES: 100 });
    await used(tenant, { httpRequests: 100, httpBytesSent: 100 });
    const page = async (after: string | null): Promise<{ edges: { cursor: string; node: { id: string } }[]; pageInfo: { hasNextPage: boolean } }> =>
      (await usage.data<{ _entities: { usageAlerts: never }[] }>(tenant.user, `query ($of: [_Any!]!, $after: String) { _entities(representations: $of) { ... on Customer { usageAlerts(first: 3, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage } } } } }`, { of: [{ __typename: 'Customer', id: tenant.id }], after }))._entities[0]?.usageAlerts as never;
    const first = await page(null);
    const rest = await page(first.edges.at(-1)?.cursor ?? null);
    expect([first.pageInfo.hasNextPage, rest.pageInfo.hasNextPage, rest.edges.length]).toEqual([true, false, 1]);
    expect([...first.edges, ...rest.edges].map(({ node }) => node.id)).toEqual((await alertsOf(tenant)).map(({ id }) => id).toReversed());
  });

  it('is for the customer’s people and operators', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { ${ALERTS} } } }`;
    const of = { of: [{ __typename: 'Customer', id: tenant.id }] };
    expect(await usage.refusal(tenant.instance, query, of)).toBe('FORBIDDEN NOT_FOR_INSTANCES');
    for (const caller of [other.user, ANYONE]) expect(await usage.entity(caller, 'Customer', tenant.id, ALERTS)).toBeNull();
    expect(await usage.customer(ADMIN, tenant.id, ALERTS)).toEqual({ usageAlerts: { edges: [] } });
  });
});
