import { createTestClock } from '@iotistic/testkit/clock';
import { CHAIN_COUNTS, CHAIN_START, chainHash } from '@iotistic/contracts/report-chain';
import { type DigestedReport, digestOf } from '@iotistic/contracts/usage-digest';
import { checkUsageEvidence, readUsageEvidence, type UsageEvidence } from '@iotistic/contracts/usage-evidence';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type Json, newTenant, prepareDatabase, reportEnding, startUnderTest, subscriptionChanged, type Tenant, type UsageUnderTest } from '../under-test.ts';

const BEGAN = '2026-11-20T12:00:00.000Z';
const clock = createTestClock(BEGAN);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
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

const after = (ms: number): string => new Date(Date.parse(BEGAN) + ms).toISOString();

/** A customer with one instance that reports by the hour, numbered and chained as the agent does. */
class Reporting {
  readonly tenant: Tenant = newTenant();
  readonly sent: (DigestedReport & { json: Json })[] = [];
  private version = 0;

  async period(start: string, end: string | null, limits: Record<string, number | null> = {}): Promise<void> {
    this.version += 1;
    const changed = subscriptionChanged(this.tenant.id, this.version, { start, end });
    await usage.deliver('subscription.changed', { ...changed, entitlements: { features: {}, limits, included: {} } });
    await waitFor(async () => expect(await usage.db.selectFrom('subscription_periods').select('version').where('customer_id', '=', this.tenant.id).executeTakeFirst()).toEqual({ version: this.version }));
  }

  async close(periodStart: string, periodEnd: string, isBilled = true): Promise<void> {
    const said = { customerId: this.tenant.id, periodStart, periodEnd, invoiceId: isBilled ? 'invc_1' : '', at: clock.now().toISOString(), ...(isBilled ? {} : { isBilled }) };
    await usage.deliver('period.invoiced', said);
    await waitFor(async () => expect(await usage.db.selectFrom('billing_periods').select('period_start').where('customer_id', '=', this.tenant.id).where('closed_at', 'is not', null).where('period_start', '=', new Date(periodStart)).execute()).toHaveLength(1));
  }

  /** An hour that ends then. */
  make(endMs: number): Json {
    const place = this.sent.length;
    const before = this.sent.at(-1);
    const previousHash = before === undefined || before.sequence === null || before.previousHash === null ? CHAIN_START : chainHash({ ...before, sequence: before.sequence, previousHash: before.previousHash });
    const counts = CHAIN_COUNTS.map((_name, index) => (place % 7) + index);
    const end = Date.parse(BEGAN) + endMs;
    const json = reportEnding(new Date(end), { sequence: place + 1, previousHash, ...Object.fromEntries(CHAIN_COUNTS.map((name, index) => [name, counts[index]])) });
    this.sent.push({ sequence: place + 1, startMs: end - HOUR_MS, endMs: end, counts, previousHash, json });
    return json;
  }

  report(reports: readonly Json[]) {
    return usage.report(this.tenant.instance, 'plant-1', reports);
  }

  async evidence(periodStart: string, meter = 'MQTT_MESSAGES'): Promise<{ evidence: UsageEvidence; state: string; quantity: number }> {
    const { meteredPeriod } = await usage.customer<{ meteredPeriod: { evidence: string; evidenceState: string; quantity: number } }>(ADMIN, this.tenant.id, `meteredPeriod(meter: ${meter}, periodStart: "${periodStart}") { quantity evidenceState evidence(instance: "plant-1") }`);
    const read = readUsageEvidence(meteredPeriod.evidence);
    if (read.state !== 'GOOD') throw new Error(JSON.stringify(read));
    return { evidence: read.evidence, state: meteredPeriod.evidenceState, quantity: meteredPeriod.quantity };
  }
}

async function nightly(times = 1): Promise<void> {
  await Promise.all(Array.from({ length: times }, () => usage.subgraph.runScheduled()));
  expect(await usage.platform.metrics.text()).not.toMatch(/^iotistic_scheduled_runs_total.*"failed".* [1-9]/m);
}

/** Two days and a half, from the middle of a day on, of which each hour is reported. */
async function billedPeriod(limits: Record<string, number | null> = {}): Promise<{ customer: Reporting; start: string; end: string }> {
  const customer = new Reporting();
  const [startMs, endMs] = [clock.now().getTime() - Date.parse(BEGAN) + 30 * 60_000, clock.now().getTime() - Date.parse(BEGAN) + 60 * HOUR_MS];
  const [start, end] = [after(startMs), after(endMs)];
  await customer.period(start, end, limits);
  clock.advance({ days: 3 });
  await customer.report(Array.from({ length: 60 }, (_each, hour) => customer.make(endMs - (59 - hour) * HOUR_MS)));
  await customer.period(end, after(endMs + 30 * DAY_MS), limits);
  await customer.close(start, end);
  return { customer, start, end };
}

describe('the evidence of a bill', () => {
  it.each([['TRIAL', 30], ['STARTER', 30], ['PROFESSIONAL', 365], ['ENTERPRISE', null]])('is all there for a hundred days behind it, and as digests from then on, on the plan %s', async (_plan, dataRetentionDays) => {
    const { customer, start } = await billedPeriod({ dataRetentionDays });
    const before = await customer.evidence(start);
    expect([before.state, before.evidence.reports.length, before.evidence.digests, checkUsageEvidence(before.evidence)]).toEqual(['REPORTS', 60, undefined, []]);
    clock.advance({ days: 60 });
    await nightly();
    expect((await customer.evidence(start)).evidence.reports).toEqual(before.evidence.reports);
    clock.advance({ days: 39 });
    await nightly();
    expect((await customer.evidence(start)).evidence.reports).toHaveLength(60);
    clock.advance({ days: 2 });
    await nightly();
    const { evidence, state, quantity } = await customer.evidence(start);
    expect([state, evidence.reports.length, quantity]).toEqual(['DIGESTS', 0, before.quantity]);
    expect(evidence.hours).toEqual(before.evidence.hours);
    // Three days, the first and the last of them cut by the period.
    expect(evidence.digests?.map(({ from, through, reports }) => [from >= start, Date.parse(through) - Date.parse(from) <= DAY_MS, reports > 0])).toEqual(evidence.digests?.map(() => [true, true, true]));
    for (const digest of evidence.digests ?? []) {
      const ofDay = customer.sent.filter(({ endMs }) => endMs > Date.parse(digest.from) && endMs <= Date.parse(digest.through));
      expect(digest).toMatchObject({ ...digestOf(ofDay), late: 0, sequences: [[ofDay[0]?.sequence, ofDay.at(-1)?.sequence]] });
    }
    expect(evidence.digests?.reduce((sum, { reports }) => sum + reports, 0)).toBe(60);
    // The file agrees with itself, and says that it shows no report.
    expect([...new Set(checkUsageEvidence(evidence).map(({ code }) => code))]).toEqual(['REPORTS_NOT_SHOWN']);
    expect(checkUsageEvidence(evidence, { proven: before.evidence.reports })).toEqual([]);
    const tampered = { ...evidence, digests: evidence.digests?.map((digest, index) => (index === 1 ? { ...digest, counts: digest.counts.map((count) => count + 1) } : digest)) ?? [] };
    expect(checkUsageEvidence(tampered, { proven: before.evidence.reports }).map(({ code }) => code)).toContain('DIGEST_DIFFERS');
  });

  it('is counted once by however many processes, and what is sent again is known', async () => {
    const { customer, start } = await billedPeriod();
    clock.advance({ days: 101 });
    const other = await startUnderTest(database.url, clock);
    try {
      await Promise.all([nightly(2), other.subgraph.runScheduled(), other.subgraph.runScheduled()]);
    } finally {
      await other.close();
    }
    const { evidence, state } = await customer.evidence(start);
    expect([state, evidence.reports.length, evidence.digests?.reduce((sum, { reports }) => sum + reports, 0)]).toEqual(['DIGESTS', 0, 60]);
    expect(await customer.report(customer.sent.map(({ json }) => json))).toMatchObject({ accepted: 0, late: 0, duplicates: 60, rejected: [] });
    expect((await customer.evidence(start)).evidence).toEqual({ ...evidence, header: { ...evidence.header, exportedAt: expect.any(String) as string } });
  });

  it('of a digested day goes on with what comes late for it, and with a correction', async () => {
    const { customer, start, end } = await billedPeriod();
    clock.advance({ days: 101 });
    await nightly();
    const before = await customer.evidence(start);
    expect(await customer.report([customer.make(Date.parse(end) - Date.parse(BEGAN) - HOUR_MS + 1)])).toMatchObject({ late: 1 });
    await usage.data(ADMIN, 'mutation ($input: AdjustUsageInput!) { adjustUsage(input: $input) { adjustment { id } } }', { input: { customerId: customer.tenant.id, meter: 'MQTT_MESSAGES', periodStart: start, quantity: -3, reason: 'r', reference: `T-${customer.tenant.id}` } });
    await nightly();
    const late = await customer.evidence(start);
    const added = (customer.sent.at(-1)?.counts[2] ?? 0) + (customer.sent.at(-1)?.counts[3] ?? 0);
    expect([late.state, late.evidence.reports.map((report) => report.late), late.quantity]).toEqual(['DIGESTS', [true], before.quantity + added - 3]);
    expect(late.evidence.digests).toEqual(before.evidence.digests);
    // It is evidence of the bill of the period that it came in, which nobody closed.
    clock.advance({ days: 150 });
    await nightly();
    expect((await customer.evidence(start)).evidence.reports).toHaveLength(1);
    const next = after(Date.parse(end) - Date.parse(BEGAN) + 30 * DAY_MS);
    await customer.close(end, next);
    await customer.period(next, after(Date.parse(next) - Date.parse(BEGAN) + 365 * DAY_MS));
    clock.advance({ days: 225 });
    await customer.close(next, after(Date.parse(next) - Date.parse(BEGAN) + 365 * DAY_MS));
    clock.advance({ days: 101 });
    await nightly();
    const digested = await customer.evidence(start);
    expect([digested.state, digested.evidence.reports.length, digested.quantity]).toEqual(['DIGESTS', 0, late.quantity]);
    const parts = digested.evidence.digests ?? [];
    expect([parts.length, parts.at(-1)?.reports, parts.at(-1)?.late, parts.at(-1)?.through]).toEqual([(before.evidence.digests?.length ?? 0) + 1, 1, 1, before.evidence.digests?.at(-1)?.through]);
    expect(checkUsageEvidence(digested.evidence).map(({ code }) => code)).not.toContain('DIGEST_DIFFERS');
  });

  it('that was lost is said to be missing', async () => {
    const { customer, start } = await billedPeriod();
    const { id } = customer.tenant;
    const numbers = usage.db.selectFrom('instances').select('no').where('customer_id', '=', id);
    await usage.db.deleteFrom('usage_reports').where('instance_no', 'in', numbers).where('sequence', '=', 7).execute();
    expect((await customer.evidence(start)).state).toBe('PARTLY_MISSING');
    clock.advance({ days: 101 });
    await nightly();
    expect((await customer.evidence(start)).state).toBe('PARTLY_MISSING');
  });
});

describe('reports', () => {
  it('of a trial go when nobody bills it any more; where billing says nothing of a period, when none is accepted any more', async () => {
    const [trial, silent] = [new Reporting(), new Reporting()];
    const at = clock.now().getTime() - Date.parse(BEGAN);
    for (const each of [trial, silent]) await each.period(after(at - 14 * DAY_MS), after(at));
    for (const each of [trial, silent]) await each.report([each.make(at - DAY_MS)]);
    await trial.close(after(at - 14 * DAY_MS), after(at), false);
    // What comes for it is not late: there is no invoice.
    expect(await trial.report([trial.make(at - DAY_MS + HOUR_MS)])).toMatchObject({ accepted: 1, late: 0 });
    clock.advance({ days: 101 });
    await nightly();
    const left = async ({ tenant }: Reporting): Promise<number> => (await usage.customer<{ usageReports: { totalCount: number } }>(ADMIN, tenant.id, 'usageReports { totalCount }')).usageReports.totalCount;
    expect([await left(trial), await left(silent)]).toEqual([0, 1]);
    clock.advance({ days: 398 });
    await nightly();
    expect(await left(silent)).toBe(1);
    clock.advance({ days: 2 });
    await nightly();
    expect(await left(silent)).toBe(0);
  });

  it('of a contract without an end go by months, which can be asked for later, and its empty months are dropped whole', async () => {
    const customer = new Reporting();
    const now = clock.now();
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1));
    clock.set(new Date(month.getTime() + 10 * DAY_MS));
    const offset = (time: Date): number => time.getTime() - Date.parse(BEGAN);
    await customer.period(month.toISOString(), null, { dataRetentionDays: null });
    await customer.report([customer.make(offset(month) + 9 * DAY_MS - HOUR_MS), customer.make(offset(month) + 9 * DAY_MS)]);
    clock.advance({ days: 110 });
    await nightly();
    const first = await customer.evidence(month.toISOString());
    expect([first.state, first.evidence.reports.length]).toEqual(['REPORTS', 2]);
    clock.advance({ days: 15 });
    await nightly();
    const then = await customer.evidence(month.toISOString());
    expect([then.state, then.quantity, then.evidence.digests?.map(({ reports }) => reports)]).toEqual(['DIGESTS', first.quantity, [2]]);
    const { rows } = await usage.pool.query<{ name: string }>("select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'usage_reports'::regclass");
    expect(rows.map(({ name }) => name)).not.toContain(`usage_reports_${month.toISOString().slice(0, 7).replace('-', '_')}`);
  });
});
