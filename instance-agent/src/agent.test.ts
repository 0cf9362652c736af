import { waitFor } from '@iotistic/testkit/wait';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Usage } from './usage.ts';
import { createAgent, type AgentOptions } from './agent.ts';
import { FakePlane } from './fake-plane.testkit.ts';
import { createTestKey, signLicense, START, testClaims } from './licenses.testkit.ts';
import { createTestMachine, silentLog, startMetricsPage, temporaryFolder } from './surroundings.testkit.ts';

const key = createTestKey('key_1');
const claims = testClaims();

async function startPlane(): Promise<FakePlane> {
  const plane = await FakePlane.start();
  plane.keys = [key];
  plane.license = { token: signLicense(key, claims), jti: claims.jti };
  onTestFinished(() => plane.stop());
  return plane;
}

async function makeAgent(environment: Record<string, string>, options: Partial<AgentOptions> = {}) {
  const agent = createAgent({
    environment: { IOTISTIC_API_KEY: 'iotk_test', INSTANCE_ID: 'site-1', AGENT_PORT: '0', ...environment },
    log: silentLog,
    localApi: false,
    schedule: false,
    ...options,
  });
  await agent.start();
  onTestFinished(() => agent.stop());
  return agent;
}

describe('the agent', () => {
  it('collects, reports and fetches its license in one round', async () => {
    const [plane, endpoint, machine] = [await startPlane(), await startMetricsPage(), createTestMachine(START)];
    plane.now = machine.now;
    const agent = await makeAgent({ BILLING_API_URL: plane.url, AGENT_DATA_DIR: await temporaryFolder(), METRICS_URLS: endpoint.url }, { clock: machine });
    endpoint.page = 'iotistic_active_devices 3\niotistic_http_requests_total 100\n';
    expect(await agent.collectAndReport()).toMatchObject({ report: { sequence: 1, activeDevices: 3, httpRequests: 0 }, exchange: { accepted: 1, license: 'accepted' } });
    machine.advance(60_000);
    endpoint.page = 'iotistic_active_devices 4\niotistic_http_requests_total 130\n';
    const { report } = await agent.collectAndReport();
    expect(report).toMatchObject({ sequence: 2, activeDevices: 4, httpRequests: 30, intervalStart: START.toISOString(), intervalEnd: new Date(START.getTime() + 60_000).toISOString() });
    expect(agent.licenseStatus()).toMatchObject({ state: 'licensed', usage: { devices: { current: 4, max: 50 } } });
    expect(plane.sequences).toEqual([1, 2]);
  });

  it('only fetches when nothing is measured', async () => {
    const plane = await startPlane();
    const agent = await makeAgent({ BILLING_API_URL: plane.url, AGENT_DATA_DIR: await temporaryFolder() }, { clock: createTestMachine(START) });
    expect(await agent.collectAndReport()).toMatchObject({ report: null, exchange: { sent: 0, license: 'accepted' } });
    expect(plane.requests.map(({ operation }) => operation)).toEqual(['AgentFetchLicense', 'AgentSigningKeys']);
  });

  it('reports what the product records itself, and refuses what is no count', async () => {
    const [plane, machine] = [await startPlane(), createTestMachine(START)];
    const agent = await makeAgent({ BILLING_API_URL: plane.url, AGENT_DATA_DIR: await temporaryFolder() }, { clock: machine });
    await agent.record({ activeDevices: 2, mqttMessagesPublished: 10 });
    await agent.record({ mqttMessagesPublished: 5 });
    await expect(agent.record({ httpRequests: 1.5 })).rejects.toBeInstanceOf(RangeError);
    await expect(agent.record({ httpRequests: -1 })).rejects.toBeInstanceOf(RangeError);
    await expect(agent.record({ httpRequest: 1 } as Usage)).rejects.toThrow(/no httpRequest\..*httpRequests/);
    expect((await agent.collectAndReport()).report).toMatchObject({ activeDevices: 2, mqttMessagesPublished: 15, httpRequests: 0 });
    machine.advance(1000);
    expect((await agent.collectAndReport()).report).toMatchObject({ sequence: 2, activeDevices: 2, mqttMessagesPublished: 0 });
  });

  it('makes no report of an interval in which no endpoint answered; the next one covers it', async () => {
    const [plane, endpoint, machine] = [await startPlane(), await startMetricsPage(), createTestMachine(START)];
    const agent = await makeAgent({ BILLING_API_URL: plane.url, AGENT_DATA_DIR: await temporaryFolder(), METRICS_URLS: endpoint.url }, { clock: machine });
    const rounds = ['iotistic_http_requests_total 1\n', null, 'iotistic_http_requests_total 9\n'];
    const reports = [];
    for (const page of rounds) {
      endpoint.page = page;
      reports.push((await agent.collectAndReport()).report);
      machine.advance(60_000);
    }
    expect(reports).toMatchObject([{ sequence: 1 }, null, { sequence: 2, httpRequests: 8, intervalStart: START.toISOString(), intervalEnd: new Date(START.getTime() + 120_000).toISOString() }]);
  });

  it('counts through a stop and a start as if there had been none', async () => {
    const [plane, endpoint, machine, folder] = [await startPlane(), await startMetricsPage(), createTestMachine(START), await temporaryFolder()];
    let total = 0;
    for (let round = 1; round <= 4; round += 1) {
      const agent = await makeAgent({ BILLING_API_URL: plane.url, AGENT_DATA_DIR: folder, METRICS_URLS: endpoint.url }, { clock: machine });
      endpoint.page = `iotistic_http_requests_total ${round * 10}\n`;
      total += (await agent.collectAndReport()).report?.httpRequests ?? 0;
      machine.advance(1000);
      await agent.stop();
    }
    expect(total).toBe(30);
    expect(plane.sequences).toEqual([1, 2, 3, 4]);
  });

  it('works on by itself while the control plane is away, and catches up with nothing lost or doubled', async () => {
    const [plane, endpoint, folder] = [await startPlane(), await startMetricsPage(), await temporaryFolder()];
    const port = Number(new URL(plane.url).port);
    const environment = { BILLING_API_URL: plane.url, AGENT_DATA_DIR: folder, METRICS_URLS: endpoint.url, COLLECTION_INTERVAL: '100' };
    // These agents go by the machine's clock: their license is of today.
    const ofToday = testClaims({ iat: Math.floor(Date.now() / 1000) });
    plane.license = { token: signLicense(key, ofToday), jti: ofToday.jti };
    plane.now = () => new Date();
    endpoint.page = 'iotistic_http_requests_total 1\n';
    const before = await makeAgent(environment);
    await before.collectAndReport();
    await before.stop();
    await plane.stop();
    const agent = await makeAgent(environment, { schedule: true });
    expect(agent.licenseStatus().state).toBe('licensed');
    endpoint.page = 'iotistic_http_requests_total 500\n';
    await waitFor(() => expect(agent.licenseStatus().spool.pending).toBeGreaterThan(3));
    plane.behaviours.push('lose the reply', 'lose the reply');
    await plane.listen(port);
    await waitFor(() => expect(agent.licenseStatus().spool.pending).toBe(0));
    await agent.stop();
    const sequences = plane.sequences;
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    expect([...plane.stored.values()].reduce((sum, { httpRequests }) => sum + httpRequests, 0)).toBe(499);
  });

  it('stops at once though a request hangs, and is not startable again', async () => {
    const plane = await startPlane();
    let tellAsked = () => {};
    const asked = new Promise<void>((resolve) => (tellAsked = resolve));
    const hanging: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        tellAsked();
      });
    const agent = await makeAgent({ BILLING_API_URL: plane.url, AGENT_DATA_DIR: await temporaryFolder() }, { fetch: hanging });
    const round = agent.collectAndReport();
    const failed = round.catch((error: unknown) => error);
    await asked;
    await agent.stop();
    expect(await failed).toMatchObject({ kind: 'unreachable' });
    await expect(agent.start()).rejects.toThrow('once');
    expect(() => agent.licenseStatus()).toThrow('not started');
  });
});
