import { randomUUID } from 'node:crypto';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, ANYONE, type Json, newTenant, prepareDatabase, REQUEST_ID, reportEnding, startUnderTest, type UsageUnderTest } from '../under-test.ts';

const clock = createTestClock('2026-11-20T12:00:00.000Z');
const END = '2026-11-20T11:00:00.000Z';
const INTAKE = 'intake { received accepted late duplicates rejected }';
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

const intakeOf = async (customerId: string): Promise<unknown> => (await usage.customer(ADMIN, customerId, INTAKE))['intake'];
const countRows = async (customerId: string): Promise<number> => (await usage.pool.query<{ n: number }>('select count(*) as n from usage_reports r join instances i on i.no = r.instance_no where i.customer_id = $1', [customerId])).rows[0]?.n ?? -1;

describe('a report that is good', () => {
  it('is answered as it was stored, and read back the same', async () => {
    const { id, user, instance } = newTenant();
    const numbers = { activeDevices: 3, totalDevices: 4, mqttMessagesPublished: 5, mqttMessagesReceived: 6, mqttBytesSent: 7, mqttBytesReceived: 8, httpRequests: 9, httpBytesSent: 10, httpBytesReceived: 11, storageBytes: 12, storageRows: 1e15 };
    const report = reportEnding('2026-11-20T11:00:00.123Z', { ...numbers, sequence: 7 });
    const answer = await usage.report(instance, 'plant-1', [report]);
    expect(answer).toMatchObject({ accepted: 1, late: 0, duplicates: 0, rejected: [] });
    expect(answer.latest).toMatchObject({ ...numbers, fate: 'ACCEPTED', intervalStart: report['intervalStart'], intervalEnd: report['intervalEnd'], receivedAt: clock.now().toISOString(), customer: { id }, instance: { id: instanceId(id, 'plant-1'), name: 'plant-1' } });
    const { latestUsage } = await usage.customer(user, id, `latestUsage { ${Object.keys(answer.latest ?? {}).filter((name) => !['customer', 'instance'].includes(name)).join(' ')} customer { id } instance { id name } }`);
    expect(latestUsage).toEqual(answer.latest);
  });

  it('registers its instance on first sight and tells so once, with the id of its request', async () => {
    const { id, instance } = newTenant();
    await Promise.all([1, 2, 3].map(() => usage.report(instance, 'plant-1', [reportEnding(END)])));
    await usage.report(instance, 'plant-1', [reportEnding(END)]);
    expect((await usage.published(id)).filter(({ name }) => name === 'instance.reported')).toEqual([{ name: 'instance.reported', requestId: REQUEST_ID, payload: { customerId: id, instanceId: instanceId(id, 'plant-1'), name: 'plant-1', at: clock.now().toISOString() } }]);
  });

  it('that is a year old makes the partition of its month', async () => {
    const { id, instance } = newTenant();
    expect(await usage.report(instance, 'plant-1', [reportEnding('2025-11-03T00:00:00.000Z'), reportEnding('2025-12-01T00:00:00.000Z')])).toMatchObject({ accepted: 2, rejected: [] });
    const { rows } = await usage.pool.query<{ partition: string }>('select distinct r.tableoid::regclass::text as partition from usage_reports r join instances i on i.no = r.instance_no where i.customer_id = $1 order by 1', [id]);
    expect(rows.map((row) => row.partition)).toEqual(['usage_reports_2025_11', 'usage_reports_2025_12']);
  });

  it('is stored although its partition was dropped behind the back of the process', async () => {
    const { instance } = newTenant();
    await usage.report(instance, 'plant-1', [reportEnding('2026-02-03T00:00:00.000Z')]);
    await usage.pool.query('drop table usage_reports_2026_02');
    expect(await usage.report(instance, 'plant-1', [reportEnding('2026-02-03T00:00:00.000Z')])).toMatchObject({ accepted: 1 });
  });
});

describe('the same report again', () => {
  it('is a duplicate, changes nothing and is answered like the first time', async () => {
    const { id, instance } = newTenant();
    const report = reportEnding(END, { activeDevices: 3 });
    const first = await usage.report(instance, 'plant-1', [report]);
    const again = await usage.report(instance, 'plant-1', [report]);
    expect(again).toEqual({ ...first, accepted: 0, duplicates: 1 });
    expect(await countRows(id)).toBe(1);
    expect(await intakeOf(id)).toEqual({ received: 2, accepted: 1, late: 0, duplicates: 1, rejected: 0 });
  });

  it('from fifty calls at once is accepted once', async () => {
    const { id, instance } = newTenant();
    const report = reportEnding(END, { mqttMessagesReceived: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => usage.report(instance, 'plant-1', [report])));
    expect(answers.filter((answer) => answer.accepted === 1)).toHaveLength(1);
    expect(answers.filter((answer) => answer.accepted === 0)).toHaveLength(49);
    expect(answers.reduce((sum, answer) => sum + answer.duplicates, 0)).toBe(49);
    expect(await intakeOf(id)).toEqual({ received: 50, accepted: 1, late: 0, duplicates: 49, rejected: 0 });
    const series = await usage.customer<{ usageSeries: { quantity: number }[] }>(ADMIN, id, `usageSeries(meter: MQTT_MESSAGES, granularity: HOUR, from: "2026-11-20T10:00:00Z", to: "2026-11-20T11:00:00Z") { quantity reports }`);
    expect(series.usageSeries).toEqual([{ quantity: 10, reports: 1 }]);
  });

  it('within one call counts as a duplicate; in other spelling of the UUID it is the same', async () => {
    const { instance } = newTenant();
    const report = reportEnding(END);
    expect(await usage.report(instance, 'plant-1', [report, report, { ...report, reportId: report.reportId.toUpperCase() }])).toMatchObject({ accepted: 1, duplicates: 2, rejected: [] });
  });

  it('of another instance, or of another tenant, is another report', async () => {
    const [one, other] = [newTenant(), newTenant()];
    const report = reportEnding(END);
    const answers = [await usage.report(one.instance, 'plant-1', [report]), await usage.report(one.instance, 'plant-2', [report]), await usage.report(other.instance, 'plant-1', [report])];
    expect(answers.map((answer) => answer.accepted)).toEqual([1, 1, 1]);
    expect(new Set(answers.map((answer) => answer.latest?.id)).size).toBe(3);
  });

  it('with other numbers is refused, within a call and across calls, whatever the id looks like', async () => {
    const { id, instance } = newTenant();
    const report = { ...reportEnding(END), reportId: 'not-a-uuid!' };
    const answer = await usage.report(instance, 'plant-1', [report, { ...report, activeDevices: 2 }, { ...report, sequence: 4 }]);
    expect(answer).toMatchObject({ accepted: 1, duplicates: 0, rejected: [{ reportId: 'not-a-uuid!', reason: 'CONFLICTING_DUPLICATE' }, { reason: 'CONFLICTING_DUPLICATE' }] });
    expect(await usage.report(instance, 'plant-1', [{ ...report, storageRows: 1 }])).toMatchObject({ accepted: 0, duplicates: 0, rejected: [{ reason: 'CONFLICTING_DUPLICATE' }], latest: null });
    expect(await intakeOf(id)).toEqual({ received: 4, accepted: 1, late: 0, duplicates: 0, rejected: 3 });
  });

  it('stays known after its report was purged', async () => {
    const { id, instance } = newTenant();
    const report = reportEnding('2026-03-03T00:00:00.000Z');
    await usage.report(instance, 'plant-1', [report]);
    await usage.pool.query('delete from usage_reports where instance_no = (select no from instances where customer_id = $1)', [id]);
    expect(await usage.report(instance, 'plant-1', [report])).toMatchObject({ accepted: 0, duplicates: 1, latest: null });
  });
});

describe('a bad report', () => {
  it('is refused alone, with its reason, and counted', async () => {
    const { id, instance } = newTenant();
    const good = reportEnding(END);
    const bad: [Json, string][] = [
      [{ ...reportEnding(END), reportId: 'two words' }, 'INVALID_REPORT_ID'],
      [{ ...reportEnding(END), intervalStart: END }, 'INVALID_INTERVAL'],
      [reportEnding('2026-11-20T12:05:00.001Z'), 'INTERVAL_IN_FUTURE'],
      [reportEnding('2025-10-16T11:59:59.999Z'), 'TOO_OLD'],
      [{ ...reportEnding(END), intervalStart: '2026-10-20T10:59:59.999Z' }, 'INTERVAL_TOO_LONG'],
      [reportEnding(END, { storageRows: -1 }), 'NEGATIVE'],
      [reportEnding(END, { mqttBytesSent: 1e15 + 1 }), 'TOO_LARGE'],
      [reportEnding(END, { sequence: -1 }), 'INVALID_SEQUENCE'],
    ];
    const answer = await usage.report(instance, 'plant-1', [...bad.map(([report]) => report), good]);
    expect(answer.rejected.map(({ reportId, reason }) => [reportId, reason])).toEqual(bad.map(([report, reason]) => [report['reportId'], reason]));
    expect(answer.rejected.every(({ message }) => message.length > 10)).toBe(true);
    expect(answer).toMatchObject({ accepted: 1, latest: { intervalEnd: END } });
    expect(await intakeOf(id)).toEqual({ received: 9, accepted: 1, late: 0, duplicates: 0, rejected: 8 });
  });

  it('alone in its call still counts, and is no last report', async () => {
    const { id, instance } = newTenant();
    expect(await usage.report(instance, 'plant-1', [reportEnding(END, { httpRequests: -5 })])).toMatchObject({ accepted: 0, latest: null });
    expect(await intakeOf(id)).toEqual({ received: 1, accepted: 0, late: 0, duplicates: 0, rejected: 1 });
    expect(await usage.entity(ADMIN, 'Instance', instanceId(id, 'plant-1'), 'lastReportedAt latestUsage { id }')).toEqual({ lastReportedAt: clock.now().toISOString(), latestUsage: null });
  });

  it('does not keep 999 others from being stored', async () => {
    const { id, instance } = newTenant();
    const reports = Array.from({ length: 1_000 }, (_none, index) => reportEnding(new Date(Date.parse(END) - index * 60_000), index === 500 ? { activeDevices: -1 } : {}));
    expect(await usage.report(instance, 'plant-1', reports)).toMatchObject({ accepted: 999, rejected: [{ reason: 'NEGATIVE' }] });
    expect(await countRows(id)).toBe(999);
  });
});

describe('a call that is refused as a whole', () => {
  it('has no report, or more than a thousand', async () => {
    const { instance } = newTenant();
    expect(await usage.refusalOfReport(instance, 'plant-1', [])).toBe('INVALID_INPUT INVALID_REPORT_COUNT');
    expect(await usage.refusalOfReport(instance, 'plant-1', Array.from({ length: 1_001 }, () => reportEnding(END)))).toBe('INVALID_INPUT INVALID_REPORT_COUNT');
  });

  it.each(['', ' plant', 'plant 1', 'x'.repeat(129)])('names its instance %j', async (name) => {
    expect(await usage.refusalOfReport(newTenant().instance, name, [reportEnding(END)])).toBe('INVALID_INPUT INVALID_NAME');
  });

  it('names its instance by a text that cannot be stored', async () => {
    expect(await usage.refusalOfReport(newTenant().instance, 'pl\u0000ant', [reportEnding(END)])).toBe('INVALID_INPUT INVALID_TEXT');
  });

  it('has a number that is none', async () => {
    for (const activeDevices of [1.5, 2 ** 53, '7', null]) {
      expect(await usage.refusalOfReport(newTenant().instance, 'plant-1', [reportEnding(END, { activeDevices })])).toBe('INVALID_INPUT INVALID_VARIABLES');
    }
    expect(await usage.refusalOfReport(newTenant().instance, 'plant-1', [{ ...reportEnding(END), intervalEnd: 'yesterday' }])).toBe('INVALID_INPUT INVALID_VARIABLES');
  });

  it('comes from anybody but an instance', async () => {
    expect(await usage.refusalOfReport(newTenant().user, 'plant-1', [reportEnding(END)])).toBe('FORBIDDEN INSTANCE_ONLY');
    expect(await usage.refusalOfReport(ADMIN, 'plant-1', [reportEnding(END)])).toBe('FORBIDDEN INSTANCE_ONLY');
    expect(await usage.refusalOfReport(ANYONE, 'plant-1', [reportEnding(END)])).toBe('UNAUTHENTICATED CREDENTIAL_REQUIRED');
  });
});

describe('what adds up', () => {
  it('every report of random concurrent calls has one fate, and rows, rollups and intake agree', async () => {
    const { id, instance } = newTenant();
    const pool = Array.from({ length: 40 }, (_none, index) => reportEnding(new Date(Date.parse(END) - (index % 7) * 1_800_000), { mqttMessagesReceived: index, activeDevices: index }));
    const calls = Array.from({ length: 60 }, (_none, call) =>
      Array.from({ length: 1 + (call % 5) }, (_report, index) => {
        const report = pool[(call * 7 + index * 11) % pool.length] as Json;
        return (call + index) % 6 === 0 ? { ...report, reportId: randomUUID(), activeDevices: -1 } : report;
      }),
    );
    const answers = await Promise.all(calls.map((reports, call) => usage.report(instance, `plant-${call % 3}`, reports)));
    const sum = (of: (answer: (typeof answers)[number]) => number): number => answers.reduce((total, answer) => total + of(answer), 0);
    answers.forEach((answer, call) => expect(answer.accepted + answer.duplicates + answer.rejected.length).toBe(calls[call]?.length));
    expect(await intakeOf(id)).toEqual({ received: calls.flat().length, accepted: sum((a) => a.accepted), late: 0, duplicates: sum((a) => a.duplicates), rejected: sum((a) => a.rejected.length) });
    expect(await countRows(id)).toBe(sum((a) => a.accepted));
    const { rows } = await usage.pool.query<{ stored: number; rolled: number }>(
      `select (select sum(mqtt_messages_received) from usage_reports r join instances i on i.no = r.instance_no where i.customer_id = $1) as stored,
              (select sum(mqtt_messages) from rollups_hourly r join instances i on i.no = r.instance_no where i.customer_id = $1) as rolled`, [id]);
    expect(rows[0]?.rolled).toBe(rows[0]?.stored);
  });
});
