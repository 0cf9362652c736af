import { request } from 'node:http';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgent } from './agent.ts';
import { writeKeySet } from './license-file.ts';
import { createTestKey, DAY_MS, signLicense, START, testClaims } from './licenses.testkit.ts';
import { createTestMachine, silentLog, startMetricsPage, temporaryFolder } from './surroundings.testkit.ts';

const key = createTestKey('key_1');
const UNREACHABLE = 'http://127.0.0.1:9';

async function startAgent(claims: ReturnType<typeof testClaims> | null, environment: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  await writeKeySet(folder, new Map([[key.kid, key.publicKey]]));
  if (claims !== null) await writeFile(join(folder, 'license.jwt'), signLicense(key, claims));
  const machine = createTestMachine(START);
  const agent = createAgent({
    environment: { BILLING_API_URL: UNREACHABLE, AGENT_DATA_DIR: folder, AGENT_PORT: '0', INSTANCE_ID: 'site-1', ...environment },
    clock: machine,
    log: silentLog,
    schedule: false,
  });
  const url = (await agent.start()) ?? '';
  onTestFinished(() => agent.stop());
  return { agent, url, machine };
}

async function getLicense(url: string): Promise<Record<string, unknown>> {
  return (await fetch(`${url}/api/v1/license`)).json() as Promise<Record<string, unknown>>;
}

describe('GET /api/v1/license, with the control plane away', () => {
  it('tells customer, plan, features, limits, usage, calendar and state', async () => {
    const endpoint = await startMetricsPage();
    endpoint.page = 'iotistic_active_devices 7\n';
    const { agent, url } = await startAgent(testClaims(), { METRICS_URLS: endpoint.url });
    await expect(agent.collectAndReport()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await getLicense(url)).toMatchObject({
      state: 'licensed',
      customer: { id: 'cust_a', name: 'Acme Corp' },
      plan: 'professional',
      status: 'active',
      features: { maxDevices: 50, canExportData: true },
      limits: { maxUsers: 15 },
      usage: { devices: { current: 7, max: 50 } },
      trial: { isTrialMode: false, expiresAt: null, daysRemaining: null },
      calendar: { expiresAt: '2026-12-20T12:00:00.000Z', graceUntil: '2026-12-27T12:00:00.000Z', readOnlyFrom: '2026-12-27T12:00:00.000Z', unlicensedFrom: '2027-01-10T12:00:00.000Z' },
      license: { version: 1, issuedAt: START.toISOString() },
      instance: 'site-1',
      clock: { skewSeconds: 0, serverSkewSeconds: null },
      controlPlane: { lastContactAt: null },
      collectors: [{ url: endpoint.url, ok: true, error: null }],
      spool: { pending: 1 },
    });
  });

  it('counts a trial down in days that have begun', async () => {
    const trialEndsAt = new Date(START.getTime() + 14 * DAY_MS).toISOString();
    const { url, machine } = await startAgent(testClaims({ plan: 'trial', trial: { isTrialMode: true, trialEndsAt } }));
    expect(await getLicense(url)).toMatchObject({ trial: { isTrialMode: true, expiresAt: trialEndsAt, daysRemaining: 14 } });
    machine.advance(13.5 * DAY_MS);
    expect(await getLicense(url)).toMatchObject({ trial: { daysRemaining: 1 } });
    machine.advance(DAY_MS);
    expect(await getLicense(url)).toMatchObject({ trial: { daysRemaining: 0 } });
  });

  it('has the unlicensed limits without a license, and past the end of the calendar of one', async () => {
    const unlicensed = { features: { maxDevices: 2, canExportData: false, canExecuteJobs: true, hasRemoteAccess: true }, limits: {}, usage: { devices: { max: 2 } } };
    const none = await startAgent(null);
    expect(await getLicense(none.url)).toMatchObject({ state: 'unlicensed', customer: null, plan: null, calendar: null, ...unlicensed });
    const { url, machine } = await startAgent(testClaims());
    machine.advance(40 * DAY_MS);
    expect(await getLicense(url)).toMatchObject({ state: 'read-only', features: { maxDevices: 50 } });
    machine.advance(20 * DAY_MS);
    expect(await getLicense(url)).toMatchObject({ state: 'expired', customer: { id: 'cust_a' }, plan: 'professional', ...unlicensed });
  });

  it('tells how far the machine clock was set back', async () => {
    const { url, machine } = await startAgent(testClaims());
    await getLicense(url);
    machine.setWall(new Date(START.getTime() - DAY_MS));
    expect(await getLicense(url)).toMatchObject({ clock: { skewSeconds: -86_400, now: START.toISOString() } });
  });
});

describe('the local API', () => {
  it('says that it lives, that it is ready, and its metrics', async () => {
    const { url } = await startAgent(testClaims());
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain');
    const text = await metrics.text();
    expect(text).toContain('iotistic_agent_license_state{state="licensed"} 1');
    expect(text).toContain('iotistic_agent_license_state{state="grace"} 0');
    expect(text).toContain('iotistic_agent_spool_reports 0');
    expect(text).toContain('iotistic_agent_reports_total{verdict="accepted"} 0');
  });

  it.each([
    ['GET', '/nowhere', {}, 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/__proto__', {}, 404, 'ROUTE_NOT_FOUND'],
    ['POST', '/api/v1/license', {}, 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/api/v1/license', { host: 'evil.example:3002' }, 403, 'ORIGIN_NOT_ALLOWED'],
  ])('answers %s %s %j with %i', async (method, path, headers, status, reason) => {
    const { url } = await startAgent(null);
    const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      const outgoing = request(`${url}${path}`, { method, headers, agent: false }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        response.on('end', () => resolve({ status: response.statusCode, body }));
      });
      outgoing.on('error', reject).end();
    });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ error: { reason } });
  });

  it('answers HEAD without a body', async () => {
    const { url } = await startAgent(null);
    const response = await fetch(`${url}/api/v1/license`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('does not start on a port that is taken, and gives the data folder back', async () => {
    const { url } = await startAgent(null);
    const folder = await temporaryFolder();
    const environment = { AGENT_DATA_DIR: folder, AGENT_PORT: new URL(url).port, LOG_LEVEL: 'silent' };
    await expect(createAgent({ environment, schedule: false }).start()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const next = createAgent({ environment: { ...environment, AGENT_PORT: '0' }, schedule: false });
    await next.start();
    await next.stop();
  });
});
