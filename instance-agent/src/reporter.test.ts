import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHAIN_START } from '@iotistic/contracts/report-chain';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AgentClock } from './clock.ts';
import { ControlPlane, type ControlPlaneError, type Credential } from './control-plane.ts';
import { FakePlane, type Behaviour } from './fake-plane.testkit.ts';
import { LicenseKeeper } from './license-keeper.ts';
import { createTestKey, signLicense, START, testClaims } from './licenses.testkit.ts';
import { Reporter } from './reporter.ts';
import { Resend } from './resend.ts';
import { Spool } from './spool.ts';
import { hashOf } from './spool-chain.ts';
import { createTestMachine, silentLog, temporaryFolder } from './surroundings.testkit.ts';
import { Trust } from './trust.ts';
import type { UsageReport } from './usage.ts';

const key = createTestKey('key_1');
const claims = testClaims();
const token = signLicense(key, claims);

async function createReporter(credential: Credential | null = { apiKey: 'iotk_test' }) {
  const folder = await temporaryFolder();
  const fake = await FakePlane.start();
  fake.keys = [key];
  fake.license = { token, jti: claims.jti };
  const clock = await AgentClock.open(folder, createTestMachine(START), silentLog);
  const plane = new ControlPlane({ url: fake.url, instance: 'site-1', agentVersion: '0.1.0', runId: 'run-0123456789', health: () => ({ clockSkewSeconds: 0, spooledReports: 0, problems: [] }), fetch, credential: () => credential, signal: new AbortController().signal });
  const trust = await Trust.open({ folder, log: silentLog, pinnedKeys: [], fetchKeys: () => plane.signingKeys(), saves: true });
  const keeper = await LicenseKeeper.open({ folder, clock, log: silentLog, trust, saves: true }, null);
  const spool = await Spool.open(join(folder, 'spool'), silentLog);
  const reporter = new Reporter({ folder, instance: 'site-1', clock, log: silentLog, plane, spool, keeper, trust, resend: await Resend.open({ folder, archive: join(folder, 'archive'), log: silentLog, now: () => clock.now() }) });
  onTestFinished(async () => {
    await spool.close();
    await fake.stop();
  });
  const report = async (count = 1) => {
    for (let n = 0; n < count; n += 1) {
      const start = new Date(START.getTime() + spool.lastSequence * 1000);
      await spool.append({ gauges: { activeDevices: 1 }, counters: { httpRequests: 2 }, baselines: {} }, { start, end: new Date(start.getTime() + 1000) });
    }
  };
  return { folder, fake, clock, keeper, spool, reporter, report };
}

const operations = (fake: FakePlane) => fake.requests.map(({ operation }) => operation).filter((operation) => operation !== 'AgentSigningKeys');

describe('the exchange', () => {
  it('reports and fetches in one request, with the API key', async () => {
    const { fake, keeper, spool, reporter, report } = await createReporter();
    await report(3);
    expect(await reporter.exchange()).toEqual({ sent: 3, accepted: 3, late: 0, duplicates: 0, rejected: 0, license: 'accepted', revocations: 'accepted' });
    expect(operations(fake)).toEqual(['AgentHandshake']);
    expect(fake.requests[0]?.headers).toMatchObject({ 'x-api-key': 'iotk_test' });
    expect(fake.requests[0]?.headers.authorization).toBeUndefined();
    expect(spool.pendingCount).toBe(0);
    expect(keeper.standing()).toMatchObject({ state: 'licensed', token });
  });

  it('sends each report with the hash of the one before it, the same when it is sent again', async () => {
    const { fake, reporter, report } = await createReporter();
    await report(2);
    fake.behaviours.push('lose the reply');
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'unreachable' });
    await report(1);
    await reporter.exchange();
    const [lost = [], again = []] = fake.requests.filter(({ reports }) => reports.length > 0).map(({ reports }) => reports);
    expect(again.slice(0, 2)).toEqual(lost);
    expect(again.map(({ previousHash }) => previousHash)).toEqual([CHAIN_START, hashOf(again[0] as UsageReport), hashOf(again[1] as UsageReport)]);
  });

  it('fetches alone when nothing waits, and names the license that it holds', async () => {
    const { fake, reporter } = await createReporter({ license: token });
    await reporter.exchange();
    expect((await reporter.exchange()).license).toBeNull();
    expect(operations(fake)).toEqual(['AgentFetchLicense', 'AgentFetchLicense']);
    expect(fake.requests.at(-1)).toMatchObject({ holding: claims.jti, headers: { authorization: `Bearer ${token}` } });
  });

  it('drains a backlog oldest first, a thousand at a time', async () => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(2100);
    expect(await reporter.exchange()).toMatchObject({ sent: 2100, accepted: 2100 });
    expect(fake.requests.filter(({ reports }) => reports.length > 0).map(({ reports }) => [reports.length, reports[0]?.sequence])).toEqual([[1000, 1], [1000, 1001], [100, 2001]]);
    expect(spool.pendingCount).toBe(0);
  });

  it('sends again what a lost reply left open; nothing is lost or doubled', async () => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(2);
    fake.behaviours.push('lose the reply');
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(spool.pendingCount).toBe(2);
    await report(1);
    expect(await reporter.exchange()).toMatchObject({ sent: 3, accepted: 1, duplicates: 2 });
    expect(fake.sequences).toEqual([1, 2, 3]);
  });

  it('shares one exchange among calls at the same time', async () => {
    const { fake, reporter, report } = await createReporter();
    await report(1);
    await Promise.all([reporter.exchange(), reporter.exchange(), reporter.exchange()]);
    expect(operations(fake)).toHaveLength(1);
  });

  it('makes no request without a credential', async () => {
    const { fake, reporter } = await createReporter(null);
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'refused', details: { reason: 'CREDENTIAL_REQUIRED' } });
    expect(fake.requests).toEqual([]);
  });
});

const graphqlError = (code: string, reason: string, more: Record<string, unknown> = {}): Behaviour => ({ errors: [{ message: 'no', extensions: { code, reason, ...more } }] });

describe('an answer that acknowledges nothing', () => {
  it.each<[string, Behaviour, Partial<ControlPlaneError>]>([
    ['a server error without a body of ours', { status: 500, body: '<html>oops</html>' }, { kind: 'unreachable' }],
    ['a proxy that asks for patience', { status: 503, body: 'busy', headers: { 'retry-after': '7' } }, { kind: 'unreachable', details: { retryAfterSeconds: 7 } }],
    ['an answer of another server', { status: 200, body: '{"hello":1}' }, { kind: 'protocol' }],
    ['data: null without errors', { status: 200, body: '{"data":null}' }, { kind: 'protocol' }],
    ['data: null with errors', graphqlError('INTERNAL', 'UNEXPECTED'), { kind: 'refused' }],
    ['errors beside data', { errors: [{ message: 'no', extensions: { code: 'INTERNAL' } }], applies: true }, { kind: 'refused' }],
    ['a part that is down', graphqlError('UNAVAILABLE', 'DATABASE_UNAVAILABLE'), { kind: 'unavailable' }],
    ['a limit', graphqlError('LIMIT_EXCEEDED', 'RATE_LIMITED', { retryAfterSeconds: 42 }), { kind: 'refused', details: { code: 'LIMIT_EXCEEDED', retryAfterSeconds: 42 } }],
    ['a revoked key', { ...(graphqlError('UNAUTHENTICATED', 'API_KEY_REVOKED') as object), status: 401 } as Behaviour, { kind: 'refused', details: { reason: 'API_KEY_REVOKED' } }],
  ])('%s keeps every report', async (_name, behaviour, expected) => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(2);
    fake.behaviours.push(behaviour);
    await expect(reporter.exchange()).rejects.toMatchObject(expected);
    expect(spool.pendingCount).toBe(2);
    expect(reporter.totals).toMatchObject({ accepted: 0, failures: 1 });
    await reporter.exchange();
    expect(fake.sequences).toEqual([1, 2]);
    expect(spool.pendingCount).toBe(0);
  });

  it('verdicts that do not add up', async () => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(2);
    fake.countsWrong = true;
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'protocol' });
    expect(spool.pendingCount).toBe(2);
  });
});

describe('one half of the graph down', () => {
  it('reports go through while licensing does not answer, the whole backlog of them', async () => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(1500);
    fake.failingFields.add('fetchLicense');
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(spool.pendingCount).toBe(0);
    expect(fake.sequences).toHaveLength(1500);
  });

  it('the license comes while usage does not answer', async () => {
    const { fake, keeper, spool, reporter, report } = await createReporter();
    await report(2);
    fake.failingFields.add('reportUsage');
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(keeper.standing().state).toBe('licensed');
    expect(spool.pendingCount).toBe(2);
  });
});

describe('refused reports', () => {
  it('are kept in the dead-letter file and leave the spool; the others are taken', async () => {
    const { fake, folder, spool, reporter, report } = await createReporter();
    await report(3);
    fake.refusals.set(2, 'TOO_OLD');
    expect(await reporter.exchange()).toMatchObject({ sent: 3, accepted: 2, rejected: 1 });
    expect(spool.pendingCount).toBe(0);
    const lines = (await readFile(join(folder, 'dead-letter.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([{ reason: 'TOO_OLD', report: { sequence: 2, httpRequests: 2 } }]);
    expect(spool.hasRecorded).toBe(false);
  });

  it('for a clock that ran ahead give their counters to the next report', async () => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(2);
    fake.refusals.set(1, 'INTERVAL_IN_FUTURE').set(2, 'INTERVAL_IN_FUTURE');
    await reporter.exchange();
    await report(1);
    expect(spool.pending(10)).toMatchObject([{ sequence: 3, httpRequests: 6, activeDevices: 1 }]);
    await reporter.exchange();
    await report(1);
    expect(spool.pending(10)).toMatchObject([{ sequence: 4, httpRequests: 2 }]);
  });
});

describe('the license that comes along', () => {
  it('is not taken when it does not verify, and the reports are settled all the same', async () => {
    const { fake, keeper, spool, reporter, report } = await createReporter();
    await reporter.exchange();
    const forged = signLicense(createTestKey('key_1'), testClaims({ version: 2 }));
    fake.license = { token: forged, jti: 'lic_forged' };
    await report(1);
    expect(await reporter.exchange()).toMatchObject({ accepted: 1, license: 'BAD_SIGNATURE' });
    expect(keeper.standing().token).toBe(token);
    expect(spool.pendingCount).toBe(0);
  });

  it('brings the time of the control plane with it', async () => {
    const { fake, clock, reporter } = await createReporter();
    fake.now = () => new Date(START.getTime() + 3_600_000);
    await reporter.exchange();
    expect(clock.now()).toEqual(new Date(START.getTime() + 3_600_000));
    expect(clock.serverSkewSeconds()).toBe(-3600);
  });
});

describe('an answer that is not for us, or not of now', () => {
  it('settles no report: the receipt of another call does not fit', async () => {
    const { fake, spool, reporter, report } = await createReporter();
    await report(1);
    const reportUsage = { accepted: 1, late: 0, duplicates: 0, rejected: [], receipt: '0'.repeat(64) };
    const fetchLicense = { license: null, revocationList: 'x', keyAnnouncements: [], customer: { id: 'cust_a' }, serverTime: START.toISOString(), refreshAfterSeconds: 60 };
    fake.behaviours.push({ status: 200, body: JSON.stringify({ data: { reportUsage, fetchLicense } }) });
    await expect(reporter.exchange()).rejects.toMatchObject({ kind: 'protocol', message: expect.stringContaining('another call') as string });
    expect(spool.pendingCount).toBe(1);
    expect(await reporter.exchange()).toMatchObject({ accepted: 1 });
  });

  it('moves no clock: another time is asked for once more, and followed only when it is signed for the question', async () => {
    const { fake, clock, reporter } = await createReporter();
    await reporter.exchange();
    fake.now = () => new Date(START.getTime() - 10 * 86_400_000);
    fake.provesTime = false;
    await reporter.exchange();
    expect([clock.now(), reporter.timeNotProven]).toEqual([START, true]);
    fake.now = () => new Date(START.getTime() + 86_400_000);
    fake.provesTime = true;
    await reporter.exchange();
    expect([clock.now(), reporter.timeNotProven]).toEqual([fake.now(), false]);
    expect(operations(fake).filter((operation) => operation === 'AgentProveTime')).toHaveLength(2);
  });

  it('whose list revokes the license that it brings leaves the one held', async () => {
    const { fake, keeper, reporter } = await createReporter();
    await reporter.exchange();
    const next = testClaims({ version: 2 });
    fake.license = { token: signLicense(key, next), jti: next.jti };
    fake.epoch = 1;
    fake.revoked = { [next.jti]: START.getTime() / 1000 };
    expect(await reporter.exchange()).toMatchObject({ license: 'REVOKED', revocations: 'accepted' });
    expect(keeper.standing()).toMatchObject({ state: 'licensed', token });
  });

  it('that revokes the license held puts it onto its calendar', async () => {
    const { fake, keeper, reporter } = await createReporter();
    await reporter.exchange();
    fake.license = null;
    fake.epoch = 1;
    fake.revoked = { [claims.jti]: START.getTime() / 1000 };
    await reporter.exchange();
    expect(keeper.standing()).toMatchObject({ state: 'grace', revokedAt: START });
  });
});
