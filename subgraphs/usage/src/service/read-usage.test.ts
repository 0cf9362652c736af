import { createTestClock } from '@iotistic/testkit/clock';
import { instanceId } from '@iotistic/contracts/ids';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const NOW = '2026-11-20T12:00:00.000Z';
const clock = createTestClock(NOW);
let database: TestDatabase;
let usage: UsageUnderTest;
let tenant: Tenant;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
});
beforeEach(() => {
  clock.set(NOW);
  tenant = newTenant();
});
afterAll(async () => {
  await usage.close();
  await database.drop();
});

interface Page {
  edges: { cursor: string; node: Json }[];
  pageInfo: Json;
  totalCount: number;
}

/** The field of the tenant's customer, as its user reads it. */
const read = async <T>(field: string): Promise<T> => Object.values(await usage.customer<Record<string, T>>(tenant.user, tenant.id, field))[0] as T;
const refusal = (field: string, caller = tenant.user): Promise<unknown> =>
  usage.refusal(caller, `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { ${field} } } }`, { of: [{ __typename: 'Customer', id: tenant.id }] });
const page = (args: string): Promise<Page> => read<Page>(`usageReports(${args}) { edges { cursor node { activeDevices intervalEnd instance { name } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }`);
const devicesOf = ({ edges }: Page): unknown[] => edges.map(({ node }) => node['activeDevices']);

describe('a customer’s reports', () => {
  it('come newest interval first, in pages that new reports do not shift, over months and instances', async () => {
    const ends = ['2026-08-31T23:59:59.999Z', '2026-09-01T00:00:00.000Z', '2026-10-15T00:00:00Z', '2026-11-01T00:00:00Z', '2026-11-20T10:00:00Z'];
    for (const [index, end] of ends.entries()) await usage.report(tenant.instance, `plant-${index % 2}`, [reportEnding(end, { activeDevices: index })]);
    const first = await page('first: 2');
    expect(devicesOf(first)).toEqual([4, 3]);
    expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: first.edges[0]?.cursor, endCursor: first.edges[1]?.cursor } });
    await usage.report(tenant.instance, 'plant-0', [reportEnding('2026-11-20T11:00:00Z', { activeDevices: 99 })]);
    const next = await page(`first: 2, after: "${first.edges[1]?.cursor}"`);
    expect(devicesOf(next)).toEqual([2, 1]);
    const last = await page(`first: 2, after: "${next.edges[1]?.cursor}"`);
    expect(devicesOf(last)).toEqual([0]);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it('of one moment are all shown, whatever the page size', async () => {
    await usage.report(tenant.instance, 'plant', Array.from({ length: 7 }, (_none, activeDevices) => reportEnding('2026-11-20T10:00:00Z', { activeDevices })));
    const seen: unknown[] = [];
    for (let after = ''; ; ) {
      const shown = await page(`first: 3${after}`);
      seen.push(...devicesOf(shown));
      if (shown.pageInfo['hasNextPage'] !== true) break;
      after = `, after: "${String(shown.pageInfo['endCursor'])}"`;
    }
    expect(seen).toHaveLength(7);
    expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
  });

  it('are found by instance and by the time of their interval’s end, from inclusive, to exclusive', async () => {
    await usage.report(tenant.instance, 'one', [reportEnding('2026-11-20T08:00:00Z', { activeDevices: 1 }), reportEnding('2026-11-20T09:00:00Z', { activeDevices: 2 })]);
    await usage.report(tenant.instance, 'two', [reportEnding('2026-11-20T09:00:00Z', { activeDevices: 3 })]);
    expect(devicesOf(await page('instance: "one"'))).toEqual([2, 1]);
    const ranged = await page('from: "2026-11-20T08:00:00Z", to: "2026-11-20T09:00:00Z"');
    expect([devicesOf(ranged), ranged.totalCount]).toEqual([[1], 1]);
    expect(await page('instance: "two", to: "2026-11-20T09:00:00Z"')).toMatchObject({ edges: [], totalCount: 0, pageInfo: { startCursor: null, endCursor: null, hasNextPage: false } });
  });

  it('are none for a customer that never reported', async () => {
    expect(await page('first: 100')).toMatchObject({ edges: [], totalCount: 0 });
    expect(await usage.customer(tenant.user, tenant.id, 'latestUsage { id } intake { received accepted late duplicates rejected }')).toEqual({ latestUsage: null, intake: { received: 0, accepted: 0, late: 0, duplicates: 0, rejected: 0 } });
  });

  it.each([
    ['first: 0', 'INVALID_INPUT INVALID_PAGE_SIZE'],
    ['first: 101', 'INVALID_INPUT INVALID_PAGE_SIZE'],
    ['after: "rubbish"', 'INVALID_INPUT INVALID_CURSOR'],
    ['after: ""', 'INVALID_INPUT INVALID_CURSOR'],
    [`after: "${Buffer.from('["cust_1"]').toString('base64url')}"`, 'INVALID_INPUT INVALID_CURSOR'],
    ['from: "2026-11-20T09:00:00Z", to: "2026-11-20T09:00:00Z"', 'INVALID_INPUT INVALID_RANGE'],
    ['instance: "never heard of"', 'NOT_FOUND INSTANCE_NOT_FOUND'],
  ])('refuse %s', async (args, reason) => {
    expect(await refusal(`usageReports(${args}) { totalCount }`)).toBe(reason);
  });
});

describe('a series', () => {
  it('has every bucket of the range, empty ones too, in each granularity, of all instances or of one', async () => {
    await usage.report(tenant.instance, 'one', [reportEnding('2026-11-19T10:00:00Z', { mqttMessagesPublished: 10, activeDevices: 3 }), reportEnding('2026-11-19T11:00:00Z', { mqttMessagesReceived: 5, activeDevices: 2 })]);
    await usage.report(tenant.instance, 'two', [reportEnding('2026-11-19T09:30:00Z', { mqttMessagesPublished: 1, activeDevices: 4 }), reportEnding('2026-11-20T10:00:00Z', { mqttMessagesPublished: 100, activeDevices: 1 })]);
    const series = (args: string): Promise<Json[]> => read<Json[]>(`usageSeries(${args}) { start end quantity peak reports }`);
    const range = 'from: "2026-11-18T12:00:00Z", to: "2026-11-20T12:00:00Z"';
    expect(await series(`meter: MQTT_MESSAGES, ${range}`)).toEqual([
      { start: '2026-11-18T00:00:00.000Z', end: '2026-11-19T00:00:00.000Z', quantity: 0, peak: 0, reports: 0 },
      { start: '2026-11-19T00:00:00.000Z', end: '2026-11-20T00:00:00.000Z', quantity: 16, peak: 11, reports: 3 },
      { start: '2026-11-20T00:00:00.000Z', end: '2026-11-21T00:00:00.000Z', quantity: 100, peak: 100, reports: 1 },
    ]);
    expect((await series(`meter: DEVICES, ${range}`)).map((point) => point['quantity'])).toEqual([0, 7, 1]);
    expect((await series(`meter: DEVICES, instance: "one", ${range}`)).map((point) => point['quantity'])).toEqual([0, 3, 0]);
    expect((await series('meter: DEVICES, granularity: HOUR, from: "2026-11-19T08:00:00Z", to: "2026-11-19T12:00:00Z"')).map((point) => point['quantity'])).toEqual([0, 7, 2, 0]);
    expect(await series('meter: MQTT_MESSAGES, granularity: MONTH, from: "2026-10-31T00:00:00Z", to: "2026-11-02T00:00:00Z"')).toMatchObject([
      { start: '2026-10-01T00:00:00.000Z', quantity: 0 },
      { start: '2026-11-01T00:00:00.000Z', end: '2026-12-01T00:00:00.000Z', quantity: 116, reports: 4 },
    ]);
  });

  it('that many ask for at once gives each its own', async () => {
    const tenants = Array.from({ length: 12 }, newTenant);
    await Promise.all(tenants.map(({ instance }, index) => usage.report(instance, 'plant', [reportEnding('2026-11-19T10:00:00Z', { httpRequests: index })])));
    const answers = await Promise.all(tenants.map(({ user, id }) => usage.customer<{ usageSeries: Json[]; latestUsage: Json; usageReports: { totalCount: number } }>(user, id, 'usageSeries(meter: API_CALLS, from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z") { quantity } latestUsage { httpRequests } usageReports { totalCount edges { node { httpRequests } } }')));
    expect(answers).toEqual(tenants.map((_tenant, httpRequests) => ({ usageSeries: [{ quantity: httpRequests }], latestUsage: { httpRequests }, usageReports: { totalCount: 1, edges: [{ node: { httpRequests } }] } })));
  });

  it.each([
    ['from: "2026-11-20T00:00:00Z", to: "2026-11-20T00:00:00Z"', 'INVALID_INPUT INVALID_RANGE'],
    ['from: "2026-11-20T00:00:00Z", to: "2026-11-19T00:00:00Z"', 'INVALID_INPUT INVALID_RANGE'],
    ['from: "2020-01-01T00:00:00Z", to: "2026-11-19T00:00:00Z", granularity: HOUR', 'INVALID_INPUT INVALID_RANGE'],
    ['from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z", instance: "other"', 'NOT_FOUND INSTANCE_NOT_FOUND'],
  ])('refuses %s', async (args, reason) => {
    expect(await refusal(`usageSeries(meter: DEVICES, ${args}) { quantity }`)).toBe(reason);
  });
});

describe('the summary', () => {
  const summary = (): Promise<{ periodStart: string; periodEnd: string; meters: (Json & { meter: string })[] }> => read('usageSummary { periodStart periodEnd meters { meter used included overage utilization projected } }');
  const meter = async (name: string): Promise<Json | undefined> => (await summary()).meters.find((entry) => entry.meter === name);

  it('is of the calendar month until billing names a period', async () => {
    expect(await summary()).toMatchObject({ periodStart: '2026-11-01T00:00:00.000Z', periodEnd: '2026-12-01T00:00:00.000Z' });
    expect((await summary()).meters.map((entry) => entry.meter)).toEqual(['DEVICES', 'MQTT_MESSAGES', 'MQTT_BYTES', 'HTTP_BYTES', 'API_CALLS', 'STORAGE_BYTES']);
    expect(await meter('DEVICES')).toEqual({ meter: 'DEVICES', used: 0, included: null, overage: 0, utilization: null, projected: 0 });
  });

  it('follows billing: period, allowances, overage, and what came before the first period counts into it', async () => {
    await usage.report(tenant.instance, 'plant', [reportEnding('2026-10-01T00:00:00Z', { mqttMessagesPublished: 1_000 }), reportEnding('2026-11-20T10:00:00Z', { mqttMessagesPublished: 500, activeDevices: 25 })]);
    await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, 1, { start: '2026-11-10T12:00:00.000Z', end: '2026-11-30T12:00:00.000Z' }, { DEVICES: 20, MQTT_MESSAGES: 1_200, STORAGE_BYTES: null }));
    await waitFor(async () => expect(await meter('DEVICES')).toEqual({ meter: 'DEVICES', used: 25, included: 20, overage: 5, utilization: 1.25, projected: 25 }));
    expect(await summary()).toMatchObject({ periodStart: '2026-11-10T12:00:00.000Z', periodEnd: '2026-11-30T12:00:00.000Z' });
    // Ten of twenty days are over: the 500 of this period double, the 1,000 from before it stay.
    expect(await meter('MQTT_MESSAGES')).toEqual({ meter: 'MQTT_MESSAGES', used: 1_500, included: 1_200, overage: 300, utilization: 1.25, projected: 2_000 });
    expect(await meter('STORAGE_BYTES')).toMatchObject({ included: null, utilization: null });
  });

  it('is the same after versions were delivered twice and out of order', async () => {
    await usage.report(tenant.instance, 'plant', [reportEnding('2026-10-20T00:00:00Z', { httpRequests: 7 }), reportEnding('2026-11-15T00:00:00Z', { httpRequests: 1 })]);
    const versions = [1, 2, 3].map((version) => subscriptionChanged(tenant.id, version, { start: `2026-${8 + version}-10T00:00:00.000Z`.replace('-9-', '-09-'), end: `2026-${9 + version}-10T00:00:00.000Z` }, { API_CALLS: version }));
    for (const [index, id] of [[2, 'x'], [0, 'y'], [1, 'z'], [2, 'x'], [0, 'v']] as const) await usage.deliver('subscription.changed', versions[index] as Json, `evnt_${id}_${tenant.id}`);
    await waitFor(async () => {
      const row = await usage.db.selectFrom('subscription_periods').selectAll().where('customer_id', '=', tenant.id).executeTakeFirst();
      expect(row).toMatchObject({ version: 3, first_period_start: new Date('2026-09-10T00:00:00Z') });
    });
    expect(await meter('API_CALLS')).toMatchObject({ used: 1, included: 3 });
  });
});

describe('an instance that others named', () => {
  it('is known by its name before its first report, however often that is told', async () => {
    const id = instanceId(tenant.id, 'plant');
    const payload = { customerId: tenant.id, instanceId: id, name: 'plant', at: NOW };
    await usage.deliver('instance.registered', payload);
    await usage.deliver('instance.activated', payload);
    await waitFor(async () => expect(await usage.entity(tenant.user, 'Instance', id, 'name lastReportedAt latestUsage { id } intake { received }')).toEqual({ name: 'plant', lastReportedAt: null, latestUsage: null, intake: { received: 0 } }));
    expect(await usage.published(tenant.id)).toEqual([]);
    await usage.report(tenant.instance, 'plant', [reportEnding('2026-11-20T10:00:00Z')]);
    expect((await usage.published(tenant.id)).map((event) => event.name)).toEqual(['instance.reported']);
  });
});

describe('who may read', () => {
  it('nobody sees another tenant’s customer, instance or report, nor what does not exist', async () => {
    const other = newTenant();
    const answer = await usage.report(tenant.instance, 'plant', [reportEnding('2026-11-20T10:00:00Z')]);
    const { latestUsage } = await usage.customer<{ latestUsage: { instance: { id: string } } }>(ADMIN, tenant.id, 'latestUsage { instance { id } }');
    const reportId = answer.latest?.id ?? '';
    for (const caller of [other.user, other.instance, ANYONE]) {
      expect(await usage.entity(caller, 'Customer', tenant.id, 'id')).toBeNull();
      expect(await usage.entity(caller, 'Instance', latestUsage.instance.id, 'name')).toBeNull();
      expect(await usage.entity(caller, 'UsageReport', reportId, 'id')).toBeNull();
    }
    for (const caller of [tenant.user, tenant.instance, ADMIN]) {
      expect(await usage.entity(caller, 'Customer', tenant.id, 'id')).toEqual({ id: tenant.id });
      expect(await usage.entity(caller, 'Instance', latestUsage.instance.id, 'name')).toEqual({ name: 'plant' });
      expect(await usage.entity(caller, 'UsageReport', reportId, 'id fate')).toEqual({ id: reportId, fate: 'ACCEPTED' });
    }
    expect(await usage.entity(ADMIN, 'UsageReport', 'rept_000000000000000000000000', 'id')).toBeNull();
    expect(await usage.entity(ADMIN, 'UsageReport', "rept_'; drop table", 'id')).toBeNull();
    expect(await usage.entity(ADMIN, 'Instance', 'inst_x', 'id')).toBeNull();
  });

  it('an instance reads its customer’s present, and not its history', async () => {
    expect(await usage.customer(tenant.instance, tenant.id, 'id latestUsage { id } usageSummary { periodStart }')).toMatchObject({ id: tenant.id, latestUsage: null });
    for (const field of ['usageReports { totalCount }', 'usageSeries(meter: DEVICES, from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z") { quantity }', 'intake { received }']) {
      expect(await refusal(field, tenant.instance)).toBe('FORBIDDEN NOT_FOR_INSTANCES');
    }
  });
});
