import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, newTenant, prepareDatabase, reportEnding, startUnderTest, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const END = '2026-11-20T11:00:00.000Z';
const COMMITS = 'iotistic_usage_report_commits_total';
const CALLS = 'iotistic_usage_report_calls_total';
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

const storedOf = async (customerId: string): Promise<unknown> =>
  (
    await usage.pool.query(
      `select count(*) as reports, (select count(*) from report_keys k where k.instance_no = any(array_agg(i.no))) as keys,
        (select coalesce(sum(reports), 0) from rollups_hourly h where h.instance_no = any(array_agg(distinct i.no))) as rolled
       from usage_reports r join instances i on i.no = r.instance_no where i.customer_id = $1`,
      [customerId],
    )
  ).rows[0];

/** What raises for one marked report only: a fault in the middle of a transaction that others share. */
async function plantFault(code: string): Promise<void> {
  await usage.pool.query(`create or replace function raise_for_marked() returns trigger language plpgsql as $$
    begin if new.storage_rows = 666 then raise exception 'marked' using errcode = '${code}'; end if; return new; end $$`);
  await usage.pool.query('create or replace trigger marked before insert on usage_reports for each row execute function raise_for_marked()');
}

describe('many calls at once', () => {
  it('share transactions: two hundred calls of two hundred agents cost a few', async () => {
    const before = { commits: await usage.metric(COMMITS), calls: await usage.metric(CALLS) };
    const tenants = Array.from({ length: 20 }, newTenant);
    const answers = await Promise.all(Array.from({ length: 200 }, (_none, index) => usage.report((tenants[index % 20] as (typeof tenants)[number]).instance, `agent-${index}`, [reportEnding(END)])));
    expect(answers.every((answer) => answer.accepted === 1)).toBe(true);
    expect((await usage.metric(CALLS)) - before.calls).toBe(200);
    expect((await usage.metric(COMMITS)) - before.commits).toBeLessThan(10);
  });

  it('are really one transaction: the rows of one group bear one transaction id', async () => {
    const tenant = newTenant();
    await usage.report(tenant.instance, 'a', [reportEnding(END)]);
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => usage.report(tenant.instance, name, [reportEnding(END)])));
    const { rows } = await usage.pool.query<{ n: number }>('select count(*) as n from usage_reports r join instances i on i.no = r.instance_no where i.customer_id = $1 group by r.xmin order by 1 desc', [tenant.id]);
    expect(rows[0]?.n).toBe(4);
  });

  it('one whose rows cannot be stored fails alone, and nothing of it stays', async () => {
    await plantFault('P0001');
    const [good, bad] = [newTenant(), newTenant()];
    const answers = await Promise.allSettled([
      ...Array.from({ length: 7 }, (_none, index) => usage.report(good.instance, `agent-${index}`, [reportEnding(END)])),
      usage.report(bad.instance, 'agent', [reportEnding(END), reportEnding(END, { storageRows: 666 })]),
      ...Array.from({ length: 7 }, (_none, index) => usage.report(good.instance, `agent-${index}`, [reportEnding(END)])),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map((_answer, index) => (index === 7 ? 'rejected' : 'fulfilled')));
    expect(String((answers[7] as PromiseRejectedResult).reason)).toContain('UNEXPECTED');
    expect(String((answers[7] as PromiseRejectedResult).reason)).not.toContain('marked');
    expect(await storedOf(good.id)).toEqual({ reports: 14, keys: 14, rolled: 14 });
    expect(await storedOf(bad.id)).toEqual({ reports: 0, keys: 0, rolled: 0 });
    expect(await usage.published(bad.id)).toEqual([]);
    expect(await usage.customer(ADMIN, bad.id, 'intake { received }')).toEqual({ intake: { received: 0 } });
  });

  it('are all told to come again when the database goes away under them, and then are stored once', async () => {
    await plantFault('57P01');
    const tenant = newTenant();
    const report = reportEnding(END);
    const send = (rest: object): Promise<unknown> => usage.refusalOfReport(tenant.instance, 'agent', [{ ...report, ...rest }]);
    expect(await Promise.all([usage.refusalOfReport(tenant.instance, 'other', [reportEnding(END)]), send({ storageRows: 666 })])).toEqual(['UNAVAILABLE DATABASE_UNAVAILABLE', 'UNAVAILABLE DATABASE_UNAVAILABLE']);
    expect(await usage.report(tenant.instance, 'agent', [report])).toMatchObject({ accepted: 1 });
    expect(await storedOf(tenant.id)).toEqual({ reports: 1, keys: 1, rolled: 1 });
  });

  it('lose their connection in the middle and work again with the next', async () => {
    const tenant = newTenant();
    const answers = Array.from({ length: 20 }, (_none, index) => usage.report(tenant.instance, `agent-${index}`, [reportEnding(END)]).catch((error: Error) => error.message));
    expect(await second.terminate('iotistic-usage')).toBeGreaterThan(0);
    const refused = (await Promise.all(answers)).filter((answer) => typeof answer === 'string');
    expect(refused.filter((message) => !message.includes('DATABASE_UNAVAILABLE'))).toEqual([]);
    // One that was ended while it idled is noticed by who takes it next.
    await waitFor(async () => expect(await usage.report(tenant.instance, 'agent-0', [reportEnding(END)])).toMatchObject({ accepted: 1 }));
  });
});

describe('two processes', () => {
  it('that get the same reports at once accept each once, and neither stops the other', async () => {
    const tenant = newTenant();
    const reports = Array.from({ length: 30 }, (_none, index) => reportEnding(new Date(Date.parse(END) - index * 600_000), { mqttMessagesPublished: 1 }));
    const names = ['c', 'a', 'b'];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_none, index) => (index % 2 === 0 ? usage : second).report(tenant.instance, names[index % 3] as string, index % 4 < 2 ? reports : reports.toReversed())),
    );
    expect(answers.reduce((sum, answer) => sum + answer.accepted, 0)).toBe(90);
    expect(answers.reduce((sum, answer) => sum + answer.duplicates, 0)).toBe(60 * 30 - 90);
    expect(await storedOf(tenant.id)).toMatchObject({ reports: 90, keys: 90, rolled: 90 });
    const told = (await usage.published(tenant.id)).filter(({ name }) => name === 'instance.reported').map((event) => event.payload['name']);
    expect(told).toHaveLength(3);
    expect(new Set(told)).toEqual(new Set(names));
  });
});

describe('what an instance row says', () => {
  it('is the latest by time and the highest sequence, in whatever order reports come', async () => {
    const { id, instance, user } = newTenant();
    await usage.report(instance, 'plant', [reportEnding('2026-11-20T09:00:00Z', { sequence: 9, activeDevices: 9 })]);
    clock.advance({ minutes: 1 });
    await usage.report(instance, 'plant', [reportEnding('2026-11-20T08:00:00Z', { sequence: 8, activeDevices: 8 })]);
    expect(await usage.entity(user, 'Instance', instanceId(id, 'plant'), 'id name lastReportedAt latestUsage { activeDevices } intake { received accepted }')).toEqual({
      id: instanceId(id, 'plant'),
      name: 'plant',
      lastReportedAt: clock.now().toISOString(),
      latestUsage: { activeDevices: 9 },
      intake: { received: 2, accepted: 2 },
    });
    const row = await usage.db.selectFrom('instances').select('last_sequence').where('customer_id', '=', id).executeTakeFirstOrThrow();
    expect(row.last_sequence).toBe(9);
  });

  it('stays a number when counts are as large as they may be', async () => {
    const { id, instance, user } = newTenant();
    await usage.report(instance, 'plant', Array.from({ length: 20 }, () => reportEnding(END, { mqttBytesSent: 1e15, mqttBytesReceived: 1e15 })));
    const { usageSummary } = await usage.customer<{ usageSummary: { meters: { meter: string; used: number }[] } }>(user, id, 'usageSummary { meters { meter used projected } }');
    expect(usageSummary.meters.find(({ meter }) => meter === 'MQTT_BYTES')?.used).toBe(Number.MAX_SAFE_INTEGER);
  });
});
