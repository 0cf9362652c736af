import { randomUUID } from 'node:crypto';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { dayText } from '@iotistic/contracts/meter-text';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, type Json, newTenant, prepareDatabase, REQUEST_ID, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const clock = createTestClock('2026-11-20T12:00:00.000Z');
let database: TestDatabase;
let usage: UsageUnderTest;
let second: UsageUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'usage', migrate: prepareDatabase });
  usage = await startUnderTest(database.url, clock);
  second = await startUnderTest(database.url, clock);
});
afterAll(async () => {
  await second.close();
  await usage.close();
  await database.drop();
});

interface Anomaly {
  id: string;
  kind: string;
  meter: string | null;
  detail: string;
  raisedAt: string;
  resolvedAt: string | null;
  customer: { id: string };
  instance: { id: string; name: string } | null;
}
const NODES = '{ edges { node { id kind meter detail raisedAt resolvedAt customer { id } instance { id name } } } pageInfo { hasNextPage endCursor } }';

/** Newest first. */
async function anomaliesOf(tenant: Tenant, filter = ''): Promise<Anomaly[]> {
  const { usageAnomalies } = await usage.customer<{ usageAnomalies: { edges: { node: Anomaly }[] } }>(tenant.user, tenant.id, `usageAnomalies${filter} ${NODES}`);
  return usageAnomalies.edges.map(({ node }) => node);
}
const kindsOf = async (tenant: Tenant): Promise<string[]> => (await anomaliesOf(tenant)).map(({ kind }) => kind).toSorted();
const eventsOf = async (tenant: Tenant): Promise<Json[]> => (await usage.published(tenant.id)).filter(({ name }) => name === 'usage.anomaly_raised').map(({ payload }) => payload);
const eventKindsOf = async (tenant: Tenant): Promise<string[]> => (await eventsOf(tenant)).map(({ kind }) => String(kind)).toSorted();
const look = (): Promise<void> => usage.subgraph.runScheduled();

/** A report of the time that just ended. */
const reporting = (tenant: Tenant, instance: string, numbers: Json = {}, minutes = 60): Promise<unknown> => {
  const end = clock.now();
  return usage.report(tenant.instance, instance, [{ ...reportEnding(end, numbers), intervalStart: new Date(end.getTime() - minutes * MINUTE_MS).toISOString() }]);
};

async function subscribed(tenant: Tenant, version: number, status: string, included: Record<string, number | null> = {}): Promise<void> {
  await usage.deliver('subscription.changed', { ...subscriptionChanged(tenant.id, version, { start: '2026-11-10T00:00:00.000Z', end: '2026-12-10T00:00:00.000Z' }, included, null), status });
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_standings').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version }));
}

describe('a second reporter under one name', () => {
  const numbered = (sequence: number, end: Date = clock.now()): Json & { reportId: string } => ({ ...reportEnding(end), sequence });

  it('that was copied is found with the first look: one number under two ids, and the same time twice', async () => {
    const tenant = newTenant();
    await usage.report(tenant.instance, 'plant', [numbered(41)]);
    clock.advance({ hours: 1 });
    const agents = [numbered(42), { ...numbered(42), reportId: randomUUID(), activeDevices: 2 }];
    await Promise.all(agents.map((report, index) => (index === 0 ? usage : second).report(tenant.instance, 'plant', [report])));
    await look();
    expect(await kindsOf(tenant)).toEqual(['OVERLAPPING_INTERVALS', 'SEQUENCE_REUSED']);
    expect((await anomaliesOf(tenant)).find(({ kind }) => kind === 'SEQUENCE_REUSED')?.detail).toContain('sequence 42');
  });

  it('is told of once as long as it goes on, and is over when it was not seen for a day', async () => {
    const tenant = newTenant();
    for (const sequence of [1, 2, 3]) {
      clock.advance({ hours: 1 });
      await usage.report(tenant.instance, 'plant', [numbered(sequence)]);
      await usage.report(tenant.instance, 'plant', [numbered(sequence)]);
      await look();
    }
    expect(await eventKindsOf(tenant)).toEqual(['OVERLAPPING_INTERVALS', 'SEQUENCE_REUSED']);
    clock.advance({ hours: 23 });
    await look();
    expect(await anomaliesOf(tenant, '(open: true)')).toHaveLength(2);
    clock.advance({ hours: 1, minutes: 2 });
    await usage.report(tenant.instance, 'plant', [numbered(4)]);
    await look();
    expect(await anomaliesOf(tenant, '(open: true)')).toEqual([]);
    expect(await anomaliesOf(tenant, '(open: false)')).toHaveLength(2);
    clock.advance({ hours: 1 });
    await usage.report(tenant.instance, 'plant', [numbered(4)]);
    await look();
    expect(await kindsOf(tenant)).toEqual(['OVERLAPPING_INTERVALS', 'SEQUENCE_REUSED', 'SEQUENCE_REUSED']);
  });

  it('that reported while nobody looked is found afterwards, and is over by then', async () => {
    const tenant = newTenant();
    await usage.report(tenant.instance, 'plant', [numbered(1)]);
    clock.advance({ days: 1 });
    await usage.report(tenant.instance, 'plant', [numbered(2)]);
    await usage.report(tenant.instance, 'plant', [numbered(2)]);
    clock.advance({ days: 5 });
    await look();
    expect(await kindsOf(tenant)).toEqual(['OVERLAPPING_INTERVALS', 'SEQUENCE_REUSED']);
    expect(await anomaliesOf(tenant, '(open: true)')).toEqual([]);
  });

  it('that numbers from the beginning is found though the numbers were used long ago', async () => {
    const tenant = newTenant();
    const begin = clock.now().getTime() - 300 * HOUR_MS;
    await usage.report(tenant.instance, 'plant', Array.from({ length: 300 }, (_none, index) => numbered(index + 1, new Date(begin + index * HOUR_MS))));
    await look();
    expect(await kindsOf(tenant)).toEqual([]);
    clock.advance({ hours: 1 });
    await usage.report(tenant.instance, 'plant', [numbered(1)]);
    await look();
    expect(await anomaliesOf(tenant)).toMatchObject([{ kind: 'SEQUENCE_REUSED', detail: expect.stringContaining('sequence 1:') }]);
  });

  it('is not found in one agent’s reports, however late, out of order, repeated or refused they come', async () => {
    const tenant = newTenant();
    const end = clock.now().getTime();
    const all = Array.from({ length: 40 }, (_none, index) => numbered(index + 1, new Date(end - (40 - index) * HOUR_MS)));
    for (const index of [7, 3, 39, 0, 21]) await usage.report(tenant.instance, 'plant', [all[index] as Json]);
    await look();
    await Promise.all([usage.report(tenant.instance, 'plant', all.toReversed()), second.report(tenant.instance, 'plant', all), usage.report(tenant.instance, 'plant', [{ ...numbered(3), activeDevices: -1 }])]);
    await look();
    clock.advance({ minutes: 1 });
    await look();
    expect(await kindsOf(tenant)).toEqual([]);
  });
});

describe('a day', () => {
  const calls = (tenant: Tenant, httpRequests: number): Promise<unknown> => usage.report(tenant.instance, 'plant', [{ ...reportEnding(clock.now(), { httpRequests }), intervalStart: new Date(clock.now().getTime() - MINUTE_MS).toISOString() }]);

  it('far above the days before it is told once, while it runs', async () => {
    const tenant = newTenant();
    await subscribed(tenant, 1, 'ACTIVE', { API_CALLS: 10_000 });
    for (let day = 0; day < 8; day += 1) {
      clock.advance({ days: 1 });
      await calls(tenant, 100 + day);
      await look();
    }
    clock.advance({ days: 1 });
    await calls(tenant, 400);
    await look();
    expect(await kindsOf(tenant)).toEqual([]);
    clock.advance({ minutes: 5 });
    await calls(tenant, 100);
    await look();
    clock.advance({ minutes: 5 });
    await calls(tenant, 100);
    await look();
    const detail = `500 on ${dayText(clock.now())} (UTC); usual on the days before was 104.`;
    expect(await anomaliesOf(tenant)).toMatchObject([{ kind: 'ABOVE_TREND', meter: 'API_CALLS', instance: null, detail }]);
    clock.advance({ days: 1 });
    await calls(tenant, 100);
    await look();
    expect(await anomaliesOf(tenant)).toMatchObject([{ kind: 'ABOVE_TREND', resolvedAt: null }]);
    clock.advance({ days: 1 });
    await calls(tenant, 100);
    await look();
    expect(await anomaliesOf(tenant)).toMatchObject([{ kind: 'ABOVE_TREND', resolvedAt: clock.now().toISOString() }]);
    expect(await eventKindsOf(tenant)).toEqual(['ABOVE_TREND']);
  });

  it('of which the reports come late is told all the same; its sums are those of the rollups', async () => {
    const tenant = newTenant();
    await subscribed(tenant, 1, 'ACTIVE', { MQTT_MESSAGES: 1_000 });
    const end = clock.now().getTime();
    await usage.report(tenant.instance, 'plant', Array.from({ length: 12 }, (_none, index) => reportEnding(new Date(end - index * DAY_MS), { mqttMessagesPublished: index === 2 ? 5_000 : 10 })));
    await look();
    expect(await anomaliesOf(tenant)).toMatchObject([{ kind: 'ABOVE_TREND', meter: 'MQTT_MESSAGES', detail: `5,000 on ${dayText(new Date(end - 2 * DAY_MS))} (UTC); usual on the days before was 10.` }]);
    const days = await usage.db.selectFrom('daily_counters').select('mqtt_messages').where('customer_id', '=', tenant.id).orderBy('day', 'desc').execute();
    expect(days.map((row) => row.mqtt_messages)).toEqual([10, 10, 5_000, ...Array.from({ length: 9 }, () => 10)]);
  });
});

describe('what was found', () => {
  it('is raised once by processes that look at once, and counted', async () => {
    const tenant = newTenant();
    await reporting(tenant, 'plant');
    await reporting(tenant, 'plant');
    await Promise.all([usage, second, usage, second].map(({ subgraph }) => subgraph.runScheduled()));
    expect(await eventsOf(tenant)).toHaveLength(1);
    const open = await usage.db.selectFrom('usage_anomalies').select('id').where('resolved_at', 'is', null).execute();
    expect(await usage.metric('iotistic_usage_open_anomalies')).toBe(open.length);
  });

  it('is seen live, also what was found while the bus was away', async () => {
    const tenant = newTenant();
    const stream = await second.subgraph.executor.subscribe({ query: 'subscription ($id: ID!) { usageAnomalyRaised(customerId: $id) { kind instance { name } } }', variables: { id: tenant.id } }, { caller: tenant.user, requestId: REQUEST_ID });
    if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
    let lost = 0;
    for (const name of ['plant-1', 'plant-2', 'plant-3']) {
      await reporting(tenant, name);
      await reporting(tenant, name);
      lost += name === 'plant-2' ? await usage.terminate('iotistic-listener') : 0;
      await look();
      expect((await stream.next()).value).toEqual({ data: { usageAnomalyRaised: { kind: 'OVERLAPPING_INTERVALS', instance: { name } } } });
    }
    expect(lost).toBe(2);
    await stream.return?.();
  });

  it('is shown to operators for everybody, in pages, newest first; to a customer’s people for themselves', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    await reporting(tenant, 'plant');
    await reporting(tenant, 'plant');
    await look();
    const query = `query ($after: String) { usageAnomalies(first: 2, after: $after) ${NODES} }`;
    type Page = { usageAnomalies: { edges: { node: Anomaly }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } };
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { usageAnomalies }: Page = await usage.data<Page>(ADMIN, query, { after });
      seen.push(...usageAnomalies.edges.map(({ node }) => node.id));
      more = usageAnomalies.pageInfo.hasNextPage;
      after = usageAnomalies.pageInfo.endCursor;
    }
    const all = await usage.db.selectFrom('usage_anomalies').select('id').orderBy('position', 'desc').execute();
    expect(seen).toEqual(all.map(({ id }) => id));
    expect(await Promise.all([tenant.user, tenant.instance, ANYONE].map((caller) => usage.refusal(caller, query)))).toEqual(['FORBIDDEN ADMIN_ONLY', 'FORBIDDEN ADMIN_ONLY', 'UNAUTHENTICATED CREDENTIAL_REQUIRED']);
    expect(await usage.entity(other.user, 'Customer', tenant.id, `usageAnomalies ${NODES}`)).toBeNull();
    expect(await usage.refusal(tenant.instance, `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { usageAnomalies ${NODES} } } }`, { of: [{ __typename: 'Customer', id: tenant.id }] })).toBe('FORBIDDEN NOT_FOR_INSTANCES');
  });
});
