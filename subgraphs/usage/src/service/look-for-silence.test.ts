import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import { instantText } from '@iotistic/contracts/meter-text';
import { waitFor } from '@iotistic/testkit/wait';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const MINUTE_MS = 60_000;
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
const look = (): Promise<void> => usage.subgraph.runScheduled();

/** Time passes as it does for us, a look at least every five minutes. */
async function pass(minutes: number): Promise<void> {
  for (let left = minutes; left > 0; left -= 5) {
    clock.advance({ minutes: Math.min(5, left) });
    await look();
  }
}

/** Time passes while no process of ours runs. */
async function beDown(hours: number): Promise<void> {
  clock.advance({ hours });
  await sql`update anomaly_watch set beat_at = clock_timestamp() - make_interval(hours => ${hours}::int)`.execute(usage.db);
}

/** A report of the time that just ended. */
const reporting = (tenant: Tenant, instance: string, numbers: Json = {}, minutes = 60): Promise<unknown> => {
  const end = clock.now();
  return usage.report(tenant.instance, instance, [{ ...reportEnding(end, numbers), intervalStart: new Date(end.getTime() - minutes * MINUTE_MS).toISOString() }]);
};

async function subscribed(tenant: Tenant, version: number, status: string, included: Record<string, number | null> = {}): Promise<void> {
  await usage.deliver('subscription.changed', { ...subscriptionChanged(tenant.id, version, { start: '2026-11-10T00:00:00.000Z', end: '2026-12-10T00:00:00.000Z' }, included, null), status });
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_standings').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version }));
}

describe('an instance', () => {
  it('that misses three of its intervals is told of once, and the silence ends with its next report', async () => {
    const tenant = newTenant();
    await reporting(tenant, 'plant');
    const lastAt = clock.now().toISOString();
    await pass(180);
    expect(await anomaliesOf(tenant)).toMatchObject([{ kind: 'INSTANCE_SILENT', meter: null, resolvedAt: null, customer: { id: tenant.id }, instance: { id: instanceId(tenant.id, 'plant'), name: 'plant' }, detail: `No report since ${instantText(new Date(lastAt))}; one usually comes every 60 minutes.` }]);
    await pass(60);
    expect(await eventsOf(tenant)).toMatchObject([{ kind: 'INSTANCE_SILENT', instanceName: 'plant' }]);
    await reporting(tenant, 'plant');
    await look();
    expect(await anomaliesOf(tenant)).toMatchObject([{ resolvedAt: clock.now().toISOString() }]);
    await pass(175);
    expect(await kindsOf(tenant)).toEqual(['INSTANCE_SILENT']);
    await pass(5);
    expect(await kindsOf(tenant)).toEqual(['INSTANCE_SILENT', 'INSTANCE_SILENT']);
  });

  it('that reports each minute may be silent for fifteen', async () => {
    const tenant = newTenant();
    for (let index = 0; index < 4; index += 1) {
      clock.advance({ minutes: 1 });
      await reporting(tenant, 'plant', {}, 1);
    }
    await pass(14);
    expect(await kindsOf(tenant)).toEqual([]);
    await pass(1);
    expect(await kindsOf(tenant)).toEqual(['INSTANCE_SILENT']);
  });

  it('of a customer whose subscription is over is not waited for, and one that was silent is not any more', async () => {
    const [ended, ending] = [newTenant(), newTenant()];
    await subscribed(ended, 1, 'CANCELED');
    await subscribed(ending, 1, 'ACTIVE');
    for (const tenant of [ended, ending]) await reporting(tenant, 'plant', {}, 5);
    await pass(20);
    expect([await kindsOf(ended), await kindsOf(ending)]).toEqual([[], ['INSTANCE_SILENT']]);
    await subscribed(ending, 2, 'CANCELED');
    await look();
    expect(await anomaliesOf(ending, '(open: true)')).toEqual([]);
  });

  it('was not silent while the plane was down for a day: it has that day again and one interval more', async () => {
    const tenant = newTenant();
    await reporting(tenant, 'plant', {}, 5);
    await look();
    await beDown(24);
    await look();
    await pass(15);
    expect(await kindsOf(tenant)).toEqual([]);
    await pass(5);
    expect(await kindsOf(tenant)).toEqual(['INSTANCE_SILENT']);
  });

  it('that was silent before the plane went down is not forgiven for longer than that', async () => {
    const tenant = newTenant();
    await reporting(tenant, 'plant', {}, 60);
    await pass(175);
    await beDown(24);
    await look();
    await pass(60);
    expect(await kindsOf(tenant)).toEqual([]);
    await pass(10);
    expect(await kindsOf(tenant)).toEqual(['INSTANCE_SILENT']);
  });

  it('has no more time for a restart: its own last report decides', async () => {
    const tenant = newTenant();
    await reporting(tenant, 'plant', {}, 5);
    await pass(10);
    const restarted = await startUnderTest(database.url, clock);
    await restarted.close();
    await pass(5);
    expect(await kindsOf(tenant)).toEqual(['INSTANCE_SILENT']);
  });

  it.each([1, 96])('is told of though the clock jumped by %i hours: those who report after it are not', async (hours) => {
    const [silent, talking] = [newTenant(), newTenant()];
    for (const tenant of [silent, talking]) await reporting(tenant, 'plant', {}, 5);
    await look();
    clock.advance({ hours });
    await look();
    expect([await kindsOf(silent), await kindsOf(talking)]).toEqual([[], []]);
    await reporting(talking, 'plant', {}, 5);
    await pass(5);
    expect([await kindsOf(silent), await kindsOf(talking)]).toEqual([['INSTANCE_SILENT'], []]);
  });

  it('that missed the first of several jumps is told of with the next, as a simulation lives its days', async () => {
    const [silent, talking] = [newTenant(), newTenant()];
    for (const tenant of [silent, talking]) await reporting(tenant, 'plant');
    await look();
    for (const expected of [[], ['INSTANCE_SILENT'], ['INSTANCE_SILENT']]) {
      clock.advance({ days: 1 });
      await look();
      await reporting(talking, 'plant');
      expect([await kindsOf(silent), await kindsOf(talking)]).toEqual([expected, []]);
    }
  });

  it('is told of like each other where all fall silent, and alone among many that report', async () => {
    const many = Array.from({ length: 12 }, newTenant);
    for (const tenant of many) await reporting(tenant, 'plant', {}, 5);
    await pass(10);
    for (const tenant of many.slice(1)) await reporting(tenant, 'plant', {}, 5);
    await pass(5);
    expect(await Promise.all(many.map(kindsOf))).toEqual([['INSTANCE_SILENT'], ...many.slice(1).map(() => [])]);
    await pass(10);
    expect(await Promise.all(many.map(kindsOf))).toEqual(many.map(() => ['INSTANCE_SILENT']));
  });

  it('without a network is not waited for', async () => {
    const tenant = newTenant();
    await reporting(tenant, 'plant', {}, 5);
    await usage.db.insertInto('instance_keys').values({ instance_id: instanceId(tenant.id, 'plant'), customer_id: tenant.id, public_key: 'k', first_seen_at: clock.now() }).execute();
    await pass(30);
    expect(await kindsOf(tenant)).toEqual([]);
  });
});
