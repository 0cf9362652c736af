import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const START = '2026-11-20T12:00:00.000Z';
const GB = 1_000_000_000;
const clock = createTestClock(START);
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

interface Recorded {
  periodStart: string;
  periodEnd: string;
  revision: number;
  quantities: Record<string, number>;
}

async function recorded(tenant: Tenant): Promise<Recorded[]> {
  return (await usage.published(tenant.id)).filter(({ name }) => name === 'usage.recorded').map(({ payload }) => payload as unknown as Recorded);
}

const untilRecorded = (tenant: Tenant, check: (all: Recorded[]) => void): Promise<void> => waitFor(async () => check(await recorded(tenant)));

async function named(tenant: Tenant, version: number, start: string, end: string | null): Promise<void> {
  await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, version, { start, end }));
  await waitFor(async () => expect(await usage.db.selectFrom('subscription_periods').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version }));
}

const report = (tenant: Tenant, end: string, numbers: Json, instance = 'a', of: UsageUnderTest = usage): Promise<unknown> => of.report(tenant.instance, instance, [reportEnding(end, { intervalStart: new Date(Date.parse(end) - 60_000).toISOString(), ...numbers })]);

describe('billing is told', () => {
  it('what the current period stands at: counters added up, gauges at their peak over the instances, each change once', async () => {
    const tenant = newTenant();
    await named(tenant, 1, '2026-11-10T00:00:00.000Z', '2026-12-10T00:00:00.000Z');
    await Promise.all([report(tenant, '2026-11-20T11:00:00Z', { activeDevices: 3, mqttMessagesPublished: 100, storageBytes: 2 * GB }), report(tenant, '2026-11-20T11:00:00Z', { activeDevices: 5, mqttMessagesReceived: 11 }, 'b', second)]);
    await untilRecorded(tenant, (all) => expect(all.at(-1)).toMatchObject({ periodStart: '2026-11-10T00:00:00.000Z', periodEnd: '2026-12-10T00:00:00.000Z', quantities: { DEVICES: 8, MQTT_MESSAGES: 111, STORAGE_BYTES: 2 * GB } }));
    const before = (await recorded(tenant)).length;
    await report(tenant, '2026-11-20T11:30:00Z', { activeDevices: 2 });
    await report(tenant, '2026-11-20T11:40:00Z', { activeDevices: 9 });
    await untilRecorded(tenant, (all) => expect(all.at(-1)?.quantities).toMatchObject({ DEVICES: 9 }));
    const all = await recorded(tenant);
    // The first of the two changed nothing.
    expect(all).toHaveLength(before + 1);
    expect(all.map(({ revision }) => revision)).toEqual(all.map((_one, index) => index + 1));
  });

  it('nothing of a customer that never used anything', async () => {
    const tenant = newTenant();
    await named(tenant, 1, '2026-11-10T00:00:00.000Z', '2026-12-10T00:00:00.000Z');
    await waitFor(async () => expect(await usage.db.selectFrom('changed_customers').select('position').where('customer_id', '=', tenant.id).execute()).toEqual([]));
    expect(await recorded(tenant)).toEqual([]);
  });

  it('what a period that a plan change cut came to, and the new one from nothing: a report counts where it ends', async () => {
    const tenant = newTenant();
    await named(tenant, 1, '2026-11-10T00:00:00.000Z', '2026-12-10T00:00:00.000Z');
    await report(tenant, '2026-11-20T11:20:00Z', { activeDevices: 30, mqttMessagesPublished: 1_000 });
    await untilRecorded(tenant, (all) => expect(all.at(-1)?.quantities).toMatchObject({ DEVICES: 30, MQTT_MESSAGES: 1_000 }));
    await named(tenant, 2, '2026-11-20T11:37:00.000Z', '2026-12-20T11:37:00.000Z');
    await untilRecorded(tenant, (all) => expect(all.at(-1)).toMatchObject({ periodStart: '2026-11-20T11:37:00.000Z', quantities: { DEVICES: 0, MQTT_MESSAGES: 0 } }));
    await report(tenant, '2026-11-20T11:50:00Z', { activeDevices: 4, mqttMessagesPublished: 7 });
    await untilRecorded(tenant, (all) => expect(all.at(-1)).toMatchObject({ periodStart: '2026-11-20T11:37:00.000Z', quantities: { DEVICES: 4, MQTT_MESSAGES: 7 } }));
    // What ends before the change and comes after it counts in the period that it ends in, as long as that may be billed.
    await report(tenant, '2026-11-20T11:30:00Z', { activeDevices: 1, mqttMessagesPublished: 5 }, 'b');
    await untilRecorded(tenant, (all) => expect(all.findLast(({ periodStart }) => periodStart === '2026-11-10T00:00:00.000Z')).toMatchObject({ periodEnd: '2026-11-20T11:37:00.000Z', quantities: { MQTT_MESSAGES: 1_005 } }));
    expect((await recorded(tenant)).findLast(({ periodStart }) => periodStart === '2026-11-20T11:37:00.000Z')?.quantities).toMatchObject({ DEVICES: 4, MQTT_MESSAGES: 7 });
  });

  it('the same of a trial that a contract cut short, also when all periods are named again after a restore', async () => {
    const tenant = newTenant();
    const ofTrial = async (): Promise<Recorded | undefined> => (await recorded(tenant)).findLast(({ periodStart }) => periodStart === '2026-11-18T09:00:00.000Z');
    await named(tenant, 1, '2026-11-18T09:00:00.000Z', '2026-12-02T09:00:00.000Z');
    await report(tenant, '2026-11-20T10:30:00Z', { activeDevices: 6, mqttMessagesPublished: 100 });
    await untilRecorded(tenant, (all) => expect(all.at(-1)?.quantities).toMatchObject({ DEVICES: 6, MQTT_MESSAGES: 100 }));
    // A contract has no end that billing could name.
    await named(tenant, 2, '2026-11-20T10:40:00.000Z', null);
    await report(tenant, '2026-11-20T10:50:00Z', { activeDevices: 30, mqttMessagesPublished: 400 });
    await report(tenant, '2026-11-20T11:50:00Z', { activeDevices: 20, mqttMessagesPublished: 40 });
    await untilRecorded(tenant, (all) => expect(all.at(-1)).toMatchObject({ periodStart: '2026-11-20T10:40:00.000Z', periodEnd: '2026-12-01T00:00:00.000Z', quantities: { DEVICES: 30, MQTT_MESSAGES: 440 } }));
    // As after a restore: the newest version under a number above all that were lost.
    await named(tenant, 1_000_002, '2026-11-20T10:40:00.000Z', null);
    await waitFor(async () => expect(await usage.db.selectFrom('changed_customers').select('position').where('customer_id', '=', tenant.id).execute()).toEqual([]));
    expect(await ofTrial()).toMatchObject({ periodEnd: '2026-11-20T10:40:00.000Z', quantities: { DEVICES: 6, MQTT_MESSAGES: 100 } });
    // And in whatever order its own version comes.
    await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, 1, { start: '2026-11-18T09:00:00.000Z', end: '2026-12-02T09:00:00.000Z' }));
    await report(tenant, '2026-11-20T10:20:00Z', { activeDevices: 1, mqttMessagesPublished: 5 });
    await waitFor(async () => expect(await ofTrial()).toMatchObject({ periodEnd: '2026-11-20T10:40:00.000Z', quantities: { DEVICES: 6, MQTT_MESSAGES: 105 } }));
  });

  it('soon, though the news that usage changed was lost', async () => {
    const tenant = newTenant();
    await report(tenant, '2026-11-20T11:00:00Z', { activeDevices: 3 });
    await untilRecorded(tenant, (all) => expect(all).toHaveLength(1));
    // As a process leaves it that died between its commit and the measurement.
    await sql`update rollups_hourly set devices_peak = 6 where instance_no = (select no from instances where customer_id = ${tenant.id})`.execute(usage.db);
    await sql`insert into changed_customers (customer_id) values (${tenant.id})`.execute(usage.db);
    await untilRecorded(tenant, (all) => expect(all.at(-1)).toMatchObject({ revision: 2, quantities: { DEVICES: 6 } }));
  });

  it('of all others, though one customer can never be measured', async () => {
    const [bad, good] = [newTenant(), newTenant()];
    await sql`create function refuse() returns trigger language plpgsql as $$ begin raise 'never'; end $$`.execute(usage.db);
    await sql`create trigger refused before insert on measured_periods for each row when (new.customer_id = ${sql.lit(bad.id)}) execute function refuse()`.execute(usage.db);
    try {
      await report(bad, '2026-11-20T11:00:00Z', { activeDevices: 3 });
      await report(good, '2026-11-20T11:00:00Z', { activeDevices: 4 });
      await waitFor(async () => expect(await recorded(good)).toHaveLength(1), { timeout: 50_000 });
      await report(good, '2026-11-20T11:30:00Z', { activeDevices: 5 });
      await waitFor(async () => expect(await recorded(good)).toHaveLength(2), { timeout: 50_000 });
      expect(await recorded(bad)).toEqual([]);
    } finally {
      await sql`drop trigger refused on measured_periods`.execute(usage.db);
      await sql`drop function refuse`.execute(usage.db);
    }
    await waitFor(async () => expect(await recorded(bad)).toHaveLength(1), { timeout: 50_000 });
  }, 180_000);
});
