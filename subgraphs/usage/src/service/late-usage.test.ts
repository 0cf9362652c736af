import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const FIRST = { start: '2026-10-10T08:30:00.000Z', end: '2026-11-10T08:30:00.000Z' };
const SECOND = { start: FIRST.end, end: '2026-12-10T08:30:00.000Z' };
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

async function named(tenant: Tenant, version: number, period: { start: string; end: string }): Promise<void> {
  await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, version, period));
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_periods').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version }));
}

async function invoiced(tenant: Tenant, { start, end }: { start: string; end: string }): Promise<void> {
  await usage.deliver('period.invoiced', { customerId: tenant.id, periodStart: start, periodEnd: end, invoiceId: 'invc_1', at: clock.now().toISOString() });
}

const untilInvoiced = (tenant: Tenant): Promise<void> => waitFor(async () => expect((await usage.db.selectFrom('subscription_periods').select('invoiced_until').where('customer_id', '=', tenant.id).executeTakeFirst())?.invoiced_until).toEqual(new Date(FIRST.end)));

async function paying(): Promise<Tenant> {
  const tenant = newTenant();
  await named(tenant, 1, FIRST);
  await named(tenant, 2, SECOND);
  return tenant;
}

interface Recorded {
  periodStart: string;
  quantities: Record<string, number>;
}
const recorded = async (tenant: Tenant, start: string): Promise<Record<string, number> | undefined> =>
  (await usage.published(tenant.id)).filter(({ name, payload }) => name === 'usage.recorded' && payload['periodStart'] === start).map(({ payload }) => (payload as unknown as Recorded).quantities).at(-1);

const short = (end: string, numbers: Json): Json & { reportId: string } => reportEnding(end, { intervalStart: new Date(Date.parse(end) - 60_000).toISOString(), ...numbers });
const period = async (tenant: Tenant, meter: string, start: string): Promise<{ quantity: number; reports: { edges: { node: { fate: string } }[] } } | null> =>
  (await usage.customer<{ meteredPeriod: { quantity: number; reports: { edges: { node: { fate: string } }[] } } | null }>(ADMIN, tenant.id, `meteredPeriod(meter: ${meter}, periodStart: "${start}") { quantity reports { edges { node { fate } } } }`)).meteredPeriod;

describe('a report for a period', () => {
  it('whose invoice is final is late and says so, counts in its own period, and billing is told of it anew', async () => {
    const tenant = await paying();
    await usage.report(tenant.instance, 'a', [short('2026-11-10T08:00:00Z', { activeDevices: 4, mqttMessagesPublished: 100 })]);
    await waitFor(async () => expect(await recorded(tenant, FIRST.start)).toMatchObject({ DEVICES: 4, MQTT_MESSAGES: 100 }));
    await invoiced(tenant, FIRST);
    await untilInvoiced(tenant);
    const answer = await usage.report(tenant.instance, 'a', [
      short('2026-11-01T10:00:00Z', { activeDevices: 9, mqttMessagesPublished: 11 }),
      short(FIRST.end, { activeDevices: 1, mqttMessagesPublished: 1 }),
      short('2026-11-10T08:30:01Z', { activeDevices: 2, mqttMessagesPublished: 1_000 }),
    ]);
    expect(answer).toMatchObject({ accepted: 3, late: 2, duplicates: 0, rejected: [], latest: { fate: 'ACCEPTED' } });
    await waitFor(async () => expect(await recorded(tenant, FIRST.start)).toMatchObject({ DEVICES: 9, MQTT_MESSAGES: 112 }));
    await waitFor(async () => expect(await recorded(tenant, SECOND.start)).toMatchObject({ DEVICES: 2, MQTT_MESSAGES: 1_000 }));
    expect((await period(tenant, 'MQTT_MESSAGES', FIRST.start))?.reports.edges.map(({ node }) => node.fate)).toEqual(['LATE', 'ACCEPTED', 'LATE']);
    expect(await usage.customer(ADMIN, tenant.id, 'intake { received accepted late duplicates rejected }')).toEqual({ intake: { received: 4, accepted: 2, late: 2, duplicates: 0, rejected: 0 } });
  });

  it('that was told twice, or whose invoice was heard of before the period itself, is judged alike', async () => {
    const tenant = newTenant();
    await invoiced(tenant, FIRST);
    await untilInvoiced(tenant);
    await named(tenant, 2, SECOND);
    await named(tenant, 3, SECOND);
    await invoiced(tenant, FIRST);
    const report = short('2026-11-09T10:00:00Z', { activeDevices: 3 });
    expect(await usage.report(tenant.instance, 'a', [report])).toMatchObject({ accepted: 1, late: 1, latest: { fate: 'LATE' } });
    expect(await usage.report(tenant.instance, 'a', [report])).toMatchObject({ accepted: 0, late: 0, duplicates: 1 });
  });

  it('that is told to be invoiced while many report, has each of them in what is measured, and each by one fate', async () => {
    const tenant = await paying();
    const calls = Array.from({ length: 60 }, (_each, index) => (index % 2 === 0 ? usage : second).report(tenant.instance, `instance-${index % 7}`, [short(new Date(Date.parse('2026-11-01T00:00:00Z') + index * 3_600_000).toISOString(), { mqttMessagesPublished: 1 })]));
    void calls.splice(30, 0, invoiced(tenant, FIRST).then(() => usage.report(tenant.instance, 'instance-new', [short('2026-11-02T00:30:00Z', { mqttMessagesPublished: 1 })])));
    const answers = await Promise.all(calls);
    expect(answers.map(({ accepted }) => accepted)).toEqual(answers.map(() => 1));
    await untilInvoiced(tenant);
    expect(await usage.report(tenant.instance, 'instance-new', [short('2026-11-03T00:30:00Z', { mqttMessagesPublished: 1 })])).toMatchObject({ late: 1 });
    await waitFor(async () => expect(await recorded(tenant, FIRST.start)).toMatchObject({ MQTT_MESSAGES: 62 }));
    const { intake } = await usage.customer<{ intake: Record<string, number> }>(ADMIN, tenant.id, 'intake { received accepted late }');
    expect((intake['accepted'] ?? 0) + (intake['late'] ?? 0)).toBe(62);
    const { rows } = await usage.pool.query<{ late: number }>('select count(*)::int as late from usage_reports u join instances i on i.no = u.instance_no where i.customer_id = $1 and u.late', [tenant.id]);
    expect(rows[0]?.late).toBe(intake['late']);
  });
});

describe('a period that is heard of after its first reports', () => {
  it('has those that end in it, to the second, and the one before has the rest', async () => {
    const tenant = newTenant();
    await named(tenant, 1, { start: '2026-11-10T00:00:00.000Z', end: '2026-12-10T00:00:00.000Z' });
    await usage.report(tenant.instance, 'a', [short('2026-11-20T11:20:00Z', { activeDevices: 30, mqttMessagesPublished: 1_000 }), short('2026-11-20T11:37:00Z', { activeDevices: 5, mqttMessagesPublished: 10 }), short('2026-11-20T11:50:00Z', { activeDevices: 4, mqttMessagesPublished: 7 })]);
    await usage.report(tenant.instance, 'b', [short('2026-11-20T11:38:00Z', { activeDevices: 2, mqttMessagesPublished: 1 })]);
    await named(tenant, 2, { start: '2026-11-20T11:37:00.000Z', end: '2026-12-20T11:37:00.000Z' });
    await waitFor(async () => expect(await recorded(tenant, '2026-11-20T11:37:00.000Z')).toMatchObject({ DEVICES: 6, MQTT_MESSAGES: 8 }));
    await waitFor(async () => expect(await recorded(tenant, '2026-11-10T00:00:00.000Z')).toMatchObject({ DEVICES: 30, MQTT_MESSAGES: 1_010 }));
    expect(await usage.customer(ADMIN, tenant.id, 'usageSeries(meter: MQTT_MESSAGES, from: "2026-11-20T11:00:00Z", to: "2026-11-20T12:00:00Z", granularity: HOUR) { quantity reports }')).toEqual({ usageSeries: [{ quantity: 1_018, reports: 4 }] });
  });

  it('has all of them where it began before the one that it replaced: Stripe’s clock is behind, or knows seconds only', async () => {
    const tenant = newTenant();
    const trial = { start: '2026-11-20T11:37:00.700Z', end: '2026-12-04T11:37:00.700Z' };
    const paid = { start: '2026-11-20T11:37:00.000Z', end: '2026-12-20T11:37:00.000Z' };
    await named(tenant, 1, trial);
    await usage.report(tenant.instance, 'a', [short('2026-11-20T11:50:00Z', { activeDevices: 4, mqttMessagesPublished: 7 })]);
    await named(tenant, 2, paid);
    await usage.report(tenant.instance, 'b', [short('2026-11-20T11:51:00Z', { activeDevices: 2, mqttMessagesPublished: 1 })]);
    await waitFor(async () => expect(await recorded(tenant, paid.start)).toMatchObject({ DEVICES: 6, MQTT_MESSAGES: 8 }));
    // The old one is told once more, too late.
    await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, 1, trial));
    await usage.report(tenant.instance, 'c', [short('2026-11-20T11:52:00Z', { activeDevices: 3, mqttMessagesPublished: 2 })]);
    await waitFor(async () => expect(await recorded(tenant, paid.start)).toMatchObject({ DEVICES: 9, MQTT_MESSAGES: 10 }));
  });
});
