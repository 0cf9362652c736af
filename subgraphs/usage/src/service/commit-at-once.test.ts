import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';
import { Ordinary } from './ordinary.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
let database: TestDatabase;
let usage: UsageUnderTest;
let second: UsageUnderTest;
let found: MockInstance<Ordinary['find']>;
let forgotten: MockInstance<Ordinary['forget']>;

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
beforeEach(() => {
  found = vi.spyOn(Ordinary.prototype, 'find');
  forgotten = vi.spyOn(Ordinary.prototype, 'forget');
});

let minute = 0;
const fresh = (numbers = {}): ReturnType<typeof reportEnding> => reportEnding(new Date(Date.parse('2026-11-20T11:00:00Z') + 1_000 * (minute += 1)), { mqttMessagesPublished: 1, ...numbers });
/** What was tried in one statement, and whether it was as it was taken to be. */
const attempts = (): string[] => found.mock.results.filter(({ value }) => value !== null).map((_attempt, index) => (index < forgotten.mock.calls.length ? 'not as known' : 'done'));

async function makeOrdinary(tenant: Tenant, instance = 'plant', of = usage): Promise<void> {
  await of.report(tenant.instance, instance, [fresh()]);
  found.mockClear();
}

const rowOf = async (tenant: Tenant, instance = 'plant'): Promise<unknown> =>
  (
    await usage.pool.query(
      `select accepted, late, duplicates, rejected, (select count(*) from usage_reports r where r.instance_no = i.no) as reports, (select count(*) from report_keys k where k.instance_no = i.no) as keys,
        (select coalesce(sum(reports), 0) from rollups_hourly h where h.instance_no = i.no) as rolled
       from instances i where i.id = $1`,
      [instanceId(tenant.id, instance)],
    )
  ).rows[0];
const counted = (accepted: number, rest: { late?: number; duplicates?: number; rejected?: number } = {}): object => ({ accepted, late: 0, duplicates: 0, rejected: 0, reports: accepted + (rest.late ?? 0), keys: accepted + (rest.late ?? 0), rolled: accepted + (rest.late ?? 0), ...rest });

describe('reports of an instance that goes on as it did', () => {
  it('are held, checked and written by one statement from the second on', async () => {
    const tenant = newTenant();
    await makeOrdinary(tenant);
    expect(await usage.report(tenant.instance, 'plant', [fresh(), fresh()])).toMatchObject({ accepted: 2, late: 0, duplicates: 0 });
    expect(attempts()).toEqual(['done']);
    expect(await rowOf(tenant)).toEqual(counted(3));
  });

  it('that were sent before are duplicates, one with other numbers is refused, and who does so is looked up for a while', async () => {
    const tenant = newTenant();
    await makeOrdinary(tenant);
    const report = fresh();
    expect(await usage.report(tenant.instance, 'plant', [report])).toMatchObject({ accepted: 1 });
    expect(await usage.report(tenant.instance, 'plant', [report, fresh()])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(attempts()).toEqual(['not as known', 'done']);
    expect(await usage.report(tenant.instance, 'plant', [{ ...report, mqttMessagesPublished: 7 }])).toMatchObject({ accepted: 0, rejected: [{ reason: 'CONFLICTING_DUPLICATE' }] });
    expect(await usage.report(tenant.instance, 'plant', [fresh()])).toMatchObject({ accepted: 1 });
    expect(attempts()).toHaveLength(2);
    expect(await rowOf(tenant)).toEqual(counted(4, { duplicates: 1, rejected: 1 }));
  });

  it('within one call twice are one', async () => {
    const tenant = newTenant();
    await makeOrdinary(tenant);
    const report = fresh();
    expect(await usage.report(tenant.instance, 'plant', [report, report])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(attempts()).toEqual(['done']);
    expect(await rowOf(tenant)).toEqual(counted(2, { duplicates: 1 }));
  });

  it('count under the terms of now, though they changed since, and share their group with those of others', async () => {
    const [tenant, other] = [newTenant(), newTenant()];
    const period = { start: '2026-10-10T08:00:00.000Z', end: '2026-11-20T10:30:00.000Z' };
    await usage.deliver('subscription.changed', subscriptionChanged(tenant.id, 1, period));
    await waitFor(async () => expect(await usage.db.selectFrom('subscription_periods').select('version').where('customer_id', '=', tenant.id).executeTakeFirst()).toEqual({ version: 1 }));
    await makeOrdinary(tenant);
    await makeOrdinary(other);
    await usage.deliver('period.invoiced', { customerId: tenant.id, periodStart: period.start, periodEnd: period.end, invoiceId: 'invc_1', at: clock.now().toISOString() });
    await waitFor(async () => expect((await usage.db.selectFrom('subscription_periods').select('invoiced_until').where('customer_id', '=', tenant.id).executeTakeFirst())?.invoiced_until).not.toBeNull());
    const [late, onTime] = await Promise.all([usage.report(tenant.instance, 'plant', [reportEnding('2026-11-20T10:00:00Z')]), usage.report(other.instance, 'plant', [fresh()])]);
    expect([late, onTime]).toMatchObject([{ accepted: 1, late: 1 }, { accepted: 1, late: 0 }]);
    expect(attempts()).toContain('not as known');
    expect(await rowOf(tenant)).toEqual(counted(1, { late: 1 }));
    expect(await rowOf(other)).toEqual(counted(2));
  });

  it('wait for whoever holds the instance, and are added to what he wrote', async () => {
    const tenant = newTenant();
    await makeOrdinary(tenant);
    const holder = await usage.pool.connect();
    const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
    await holder.query('begin');
    await holder.query('update usage.instances set accepted = accepted + 100, last_sequence = 77 where id = $1', [instanceId(tenant.id, 'plant')]);
    const answer = usage.report(tenant.instance, 'plant', [fresh({ sequence: 5 })]);
    try {
      await waitFor(async () => expect((await usage.pool.query('select 1 from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [rows[0]?.pid])).rowCount).toBe(1));
    } finally {
      await holder.query('commit');
      holder.release();
    }
    expect(await answer).toMatchObject({ accepted: 1 });
    expect(attempts()).toEqual(['done']);
    expect((await usage.pool.query('select accepted, last_sequence from instances where id = $1', [instanceId(tenant.id, 'plant')])).rows).toEqual([{ accepted: 102, last_sequence: 77 }]);
  });

  it('that two processes get at once, again and again and in any order, are each stored and counted once', async () => {
    const tenant = newTenant();
    const names = ['c', 'a', 'b'];
    for (const name of names) for (const process of [usage, second]) await makeOrdinary(tenant, name, process);
    const reports = Array.from({ length: 60 }, () => fresh());
    const answers = await Promise.all(
      reports.flatMap((report, index) => [0, 1, 2].map((time) => ((index + time) % 2 === 0 ? usage : second).report(tenant.instance, names[index % 3] as string, [report, ...(time === 2 ? [reports[(index + 3) % 60] as typeof report] : [])]))),
    );
    const sum = (of: 'accepted' | 'duplicates'): number => answers.reduce((total, answer) => total + answer[of], 0);
    expect([sum('accepted'), sum('duplicates')]).toEqual([60, 180]);
    for (const name of names) expect(await rowOf(tenant, name)).toEqual(counted(22, { duplicates: 60 }));
  });
});
