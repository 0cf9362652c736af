import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EXIT } from '../cli-error.ts';
import { CliUnderTest, NOW, pageOf } from '../terminal.testkit.ts';
import { statisticsOf } from './show-usage.ts';

const cli = new CliUnderTest();
afterAll(() => cli.close());

const hour = (quantity: number, reports = 1) => ({ start: '2026-11-21T10:00:00.000Z', quantity, peak: quantity, reports });
const activeNow = (...active: number[]) => ({ instances: active.length, activeDevices: active.reduce((sum, each) => sum + each, 0), totalDevices: active.reduce((sum, each) => sum + each + 1, 0), goneInstances: 0 });
const subscription = (limit: number | null, plan = 'PROFESSIONAL') => ({ status: 'ACTIVE', trialEndsAt: null, currentPeriodEndsAt: '2026-12-21T00:00:00.000Z', plan: { key: plan }, entitlements: { limits: [{ key: 'maxDevices', value: limit }] } });

function customer(active: number, limit: number | null) {
  return {
    id: 'cust_1',
    email: 'ada@example.com',
    fullName: null,
    companyName: 'Acme',
    subscription: subscription(limit),
    usageReports: pageOf([{ id: 'rept_1', intervalEnd: '2026-11-21T10:00:00.000Z', activeDevices: active, totalDevices: active + 1, instance: { name: 'us-east-1' } }]),
    usageSeries: [hour(0, 0), hour(active)],
    activeNow: activeNow(active),
    usageSummary: { periodStart: '2026-11-01T00:00:00.000Z', periodEnd: '2026-12-01T00:00:00.000Z', meters: [{ meter: 'DEVICES', used: active, included: 20, overage: Math.max(0, active - 20), utilization: active / 20, projected: active }] },
  };
}

describe('the statistics', () => {
  it.each([
    ['nothing reported', [hour(0, 0)], activeNow(), 10, { reports: 0, averageActive: null, peakActive: null, currentActive: 0, remaining: 10, utilization: 0 }],
    ['hours without reports count into no average', [hour(0, 0), hour(40), hour(42)], activeNow(42), 50, { reports: 2, averageActive: 41, peakActive: 42, currentActive: 42, currentTotal: 43, remaining: 8, utilization: 0.84 }],
    ['instances add up', [hour(5)], activeNow(2, 3), 10, { currentActive: 5, currentTotal: 7, utilization: 0.5 }],
    ['no limit', [hour(5)], activeNow(5), null, { remaining: null, utilization: null }],
    ['above the limit nothing remains', [hour(12)], activeNow(12), 10, { remaining: 0, utilization: 1.2 }],
  ])('%s', (_what, hours, said, limit, expected) => {
    expect(statisticsOf(hours, said, limit)).toMatchObject(expected);
  });
});

describe('usage show', () => {
  it("prints the documents' tables, and warns from 80 % on", async () => {
    const { stdout, asked } = await cli.run(['usage', 'show', '--customer', 'cust_1', '--days', '30'], { answers: { ShowUsage: { customer: customer(42, 50) } } });
    for (const line of [/^Plan: +PROFESSIONAL$/m, /^Renewal Date: +2026-12-21/m, /^Usage Reports \(Last 30 Days\):$/m, /│ us-east-1 │ +42 │ +43 │ +84.0%$/m, /^Peak Active: +42 devices$/m, /^Remaining: +8 devices$/m, /WARNING: 84.0% of device limit used!/, /^DEVICES │ +42 │ +20 │ +22 │ +210.0%/m]) expect(stdout).toMatch(line);
    expect(asked[0]?.variables).toMatchObject({ from: '2026-10-22T12:00:00.000Z', to: NOW.toISOString() });
  });

  it.each([[39, 50, false], [40, 50, true], [500, null, false]])('with %i of %s warns: %s', async (active, limit, warns) => {
    const { json } = await cli.run(['usage', 'show', '--customer', 'cust_1', '--json'], { answers: { ShowUsage: { customer: customer(active, limit) } } });
    expect(json).toMatchObject({ warning: warns });
  });

  it('of everybody is a block for each, following the pages', async () => {
    const entry = (id: string, active: number) => ({ utilization: active / 20, lastReportedAt: '2026-11-21T10:00:00.000Z', instances: 1, customer: { id, email: `${id}@example.com`, fullName: null, companyName: 'Acme', subscription: subscription(50), usageSeries: [{ start: '2026-11-21T00:00:00.000Z', peak: active, reports: 7 }], activeNow: activeNow(active) } });
    const answers = { ShowFleetUsage: ({ after }: { after: string | null }) => ({ fleetUsage: after === null ? pageOf([entry('cust_1', 42)], true, 'next') : pageOf([entry('cust_2', 2)]) }) };
    const { stdout, asked } = await cli.run(['usage', 'show', '--all'], { answers });
    expect(asked).toHaveLength(2);
    for (const line of [/^Found 2 customer\(s\)$/m, /^ {2}Customer ID: {2}cust_2$/m, /^ {2}Utilization: {2}84.0%$/m, /^ {2}Reports: {6}7 in last 7 days/m]) expect(stdout).toMatch(line);
    expect(stdout.match(/WARNING/g)).toHaveLength(1);
  });
});

describe('usage watch', () => {
  const report = { id: 'rept_1', fate: 'LATE', intervalEnd: '2026-11-21T10:00:00.000Z', receivedAt: '2026-11-21T10:00:00.000Z', activeDevices: 8, totalDevices: 9, mqttMessagesPublished: 1, mqttMessagesReceived: 2, storageBytes: 5, instance: { name: 'us-east-1' } };
  const alert = { id: 'alrt_1', kind: 'MAX_DEVICES', meter: 'DEVICES', threshold: 80, used: 8, included: 10, raisedAt: '2026-11-21T10:00:00.000Z' };
  const answers = { FindCustomer: { customer: { id: 'cust_1' } }, WatchUsage: [{ usageReported: report }, { usageReported: { ...report, id: 'rept_2' } }], WatchUsageAlerts: [{ usageAlertRaised: alert }] };

  it('prints a line for each report and alert, and ends after as many as asked for', async () => {
    const { code, stdout, stderr } = await cli.run(['usage', 'watch', '--customer', 'cust_1', '--count', '1'], { answers });
    expect(code).toBe(0);
    expect(stderr).toContain('Listening to cust_1');
    expect(stdout).toContain('us-east-1  active 8, total 9, messages 3, storage 5 bytes, late\n');
    expect(stdout.match(/active/g)).toHaveLength(1);
    expect(stdout).toContain('DEVICES: 80 % of the limit reached, 8 of 10');
    const lines = (await cli.run(['usage', 'watch', '--customer', 'cust_1', '--json'], { answers })).stdout.trim().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[0]).sort()).toEqual(['alert', 'report', 'report']);
  });

  it('listens to nobody whom there is not', async () => {
    expect(await cli.run(['usage', 'watch', '--customer', 'cust_9'], { answers: { FindCustomer: { customer: null } } })).toMatchObject({ code: EXIT.notFound, stdout: '' });
  });
});

describe('usage export', () => {
  const csv = 'start,end,devices\n2026-11-20T00:00:00.000Z,2026-11-21T00:00:00.000Z,8\n';
  const answers = { ExportUsage: { customer: { usageCsv: csv } } };

  it('prints what the plane gives, and nothing else', async () => {
    const { stdout, asked } = await cli.run(['usage', 'export', '--customer', 'cust_1', '--from', '2026-11-01', '--to', '2026-11-02T09:30:00+01:00', '--granularity', 'hour'], { answers });
    expect(stdout).toBe(csv);
    expect(asked[0]?.variables).toEqual({ id: 'cust_1', from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T08:30:00.000Z', granularity: 'HOUR', instance: null });
    expect((await cli.run(['usage', 'export', '--customer', 'cust_1', '--json'], { answers })).json).toMatchObject({ rows: 1, csv });
  });

  it('writes a file, and replaces one only when asked to', async () => {
    const file = join(cli.folder, 'usage.csv');
    writeFileSync(file, 'mine');
    expect((await cli.run(['usage', 'export', '--customer', 'cust_1', '--out', file], { answers })).code).toBe(EXIT.failure);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await cli.run(['usage', 'export', '--customer', 'cust_1', '--out', file, '--force'], { answers })).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(csv);
    expect((await cli.run(['usage', 'export', '--customer', 'cust_1', '--out', join(cli.folder, 'no/such/folder')], { answers })).code).toBe(EXIT.failure);
  });

  it.each(['yesterday', '2026-13-01', '2026-11-01 09:30', '20261101'])('refuses the time %s', async (time) => {
    expect(await cli.run(['usage', 'export', '--customer', 'cust_1', '--from', time])).toMatchObject({ code: EXIT.usage, asked: [] });
  });
});

describe('usage purge', () => {
  const said = (deleted: number) => ({ PurgeUsageReports: ({ input }: { input: { olderThanDays: number; dryRun: boolean } }) => ({ purgeUsageReports: { dryRun: input.dryRun, olderThanDays: input.olderThanDays, deleted, kept: 7 } }) });

  it('says what would go before it asks, and deletes nothing without a yes', async () => {
    const asked = async (...argv: string[]) => cli.run(['usage', 'purge', '--older-than-days', '120', ...argv], { answers: said(12), person: { confirms: false } });
    const refused = await asked();
    expect(refused.code).toBe(EXIT.failure);
    expect(refused.asked.map(({ variables }) => variables)).toEqual([{ input: { olderThanDays: 120, dryRun: true } }]);
    const dry = await asked('--dry-run');
    expect([dry.stdout, dry.asked.length]).toEqual(['Would delete 12 report(s) older than 120 days, and keep a digest of each day. 7 of that age are kept as evidence of bills.\n', 1]);
    const done = await asked('--yes', '--json');
    expect(done.asked.map(({ variables }) => variables)).toEqual([{ input: { olderThanDays: 120, dryRun: true } }, { input: { olderThanDays: 120, dryRun: false } }]);
    expect(done.json).toMatchObject({ dryRun: false, deleted: 12, kept: 7 });
  });

  it('with nothing to delete asks nobody', async () => {
    const { code, asked } = await cli.run(['usage', 'purge'], { answers: said(0) });
    expect([code, asked.map(({ variables }) => variables)]).toEqual([0, [{ input: { olderThanDays: 90, dryRun: true } }]]);
  });
});

describe('usage evidence', () => {
  const argv = ['usage', 'evidence', '--customer', 'cust_1', '--instance', 'a', '--meter', 'api_calls', '--period', '2026-10-01'];
  const answers = { UsageEvidence: { customer: { meteredPeriod: { periodStart: '2026-10-01T00:00:00.000Z', periodEnd: '2026-11-01T00:00:00.000Z', quantity: 5, evidenceState: 'DIGESTS', evidence: '{"format":"x"}\n' } } } };

  it('prints the file as the plane made it, or writes it and says what it can show', async () => {
    const { stdout, asked } = await cli.run(argv, { answers });
    expect([stdout, asked[0]?.variables]).toEqual(['{"format":"x"}\n', { id: 'cust_1', meter: 'API_CALLS', periodStart: '2026-10-01T00:00:00.000Z', instance: 'a' }]);
    const file = join(cli.folder, 'evidence.jsonl');
    expect((await cli.run([...argv, '--out', file], { answers })).stdout).toContain('Of some days it has digests');
    expect(readFileSync(file, 'utf8')).toBe('{"format":"x"}\n');
    expect((await cli.run(argv, { answers: { UsageEvidence: { customer: { meteredPeriod: null } } } })).code).toBe(EXIT.notFound);
  });
});

describe("the range that nobody gave goes by the plane's time, which may have been moved", () => {
  const moved = { PlaneTime: { plane: { now: '2027-03-01T09:30:00.000Z' } } };
  const rangeOf = async (argv: string[], answers: Record<string, unknown>): Promise<unknown> => (await cli.run(argv, { answers: { ...moved, ...answers } })).asked.find(({ operation }) => operation in answers)?.variables;

  it('of usage show, for one customer and for all', async () => {
    const range = { from: '2027-02-22T09:30:00.000Z', to: '2027-03-01T09:30:00.000Z' };
    expect(await rangeOf(['usage', 'show', '--customer', 'cust_1', '--days', '7'], { ShowUsage: { customer: customer(1, 10) } })).toMatchObject(range);
    expect(await rangeOf(['usage', 'show', '--all', '--days', '7'], { ShowFleetUsage: { fleetUsage: pageOf([]) } })).toMatchObject(range);
  });

  it('of usage export', async () => {
    expect(await rangeOf(['usage', 'export', '--customer', 'cust_1'], { ExportUsage: { customer: { usageCsv: 'start\n' } } })).toMatchObject({ from: '2027-01-30T09:30:00.000Z', to: '2027-03-01T09:30:00.000Z' });
  });
});
