/** The plane's clock is stepped while it works: forward by days, back by hours, by minutes as time servers do. What elapses stays true; what the calendar says does not. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type BootedPlane, simulate } from '@iotistic/testkit/boot';
import { createGraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { type Agent, createAgent } from 'iotistic-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { PayingCustomer } from './paying-customer.ts';

const ADMIN_TOKEN = 'an-admin-token-for-steps';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** From the time at which the customer pays. By the last, the first has come true. */
const STEPS_MS = [3 * DAY_MS, -5 * HOUR_MS, 120_000, -180_000, 40_000, 3 * DAY_MS + 2 * HOUR_MS] as const;
const ROUNDS = 3;
const LONG = { timeout: 180_000, interval: 250 };

const LIBRARY = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find((path) => existsSync(path));
if (LIBRARY === undefined) process.stderr.write("no libfaketime (Debian's package faketime): the plane's stepped clock is skipped\n");

const folder = mkdtempSync(join(tmpdir(), 'iotistic-steps-'));
const offsetFile = join(folder, 'offset');
let baseMs = 0;
let plane: StartedProcess;
let booted: BootedPlane;
let customer: PayingCustomer;
let agent: Agent;

/** The wall clock of the plane and all that it started. */
function setClock(byMs: number): void {
  writeFileSync(offsetFile, `${byMs < 0 ? '' : '+'}${(byMs / 1000).toFixed(3)}\n`, { mode: 0o644 });
}

/** By the head of an answer, which the process's own clock dates. */
async function planeTime(): Promise<number> {
  const response = await fetch(`${booted.plane.url}/healthz`);
  return Date.parse(response.headers.get('date') ?? '');
}

async function start(): Promise<void> {
  await build();
  await chmod(folder, 0o755);
  const [port, stripePort] = [await findFreePort(), await findFreePort()];
  const lying = { LD_PRELOAD: LIBRARY ?? '', FAKETIME_TIMESTAMP_FILE: offsetFile, FAKETIME_CACHE_DURATION: '1', DONT_FAKE_MONOTONIC: '1' };
  const own = { PORT: String(port), DATA_DIR: join(folder, 'plane'), ADMIN_API_TOKEN: ADMIN_TOKEN, STRIPE_SIMULATOR_PORT: String(stripePort), LOG_LEVEL: 'error', SIMULATED_DEPLOYMENT_MS: '2000', QUEUE_BACKOFF_DELAY: '500' };
  const url = `http://127.0.0.1:${port}`;
  const startOnce = (): Promise<void> => {
    plane = startProcess(process.execPath, [mainOf('control-plane')], { ...own, ...lying }, { cwd: ROOT });
    return untilReady(`${url}/readyz`, plane, 300_000);
  };
  // On a machine too busy to open a connection in time it ends, and is started again as an orchestrator would.
  await startOnce().catch(startOnce);
  const client = createGraphqlClient(url);
  const clock = { now: () => new Date(Date.now() + baseMs) };
  booted = { plane: { url, clock } as BootedPlane['plane'], client, admin: client.as({ bearer: ADMIN_TOKEN }), databaseUrl: '', simulate: (path, body = {}) => simulate(`http://127.0.0.1:${stripePort}`, path, body), stop: () => plane.stop().then(() => undefined) };
}

/** In a paid period, so that usage is billed, with an agent whose own clock is never stepped. */
async function prepare(): Promise<void> {
  customer = await PayingCustomer.signUp(booted, 'steps@example.com');
  await booted.simulate('/_sim/time', { days: 15 });
  baseMs = 15 * DAY_MS;
  await customer.checkOut('PROFESSIONAL');
  await waitFor(async () => expect((await customer.subscription()).status).toBe('ACTIVE'), LONG);
  const { createApiKey } = await booted.admin.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: customer.id, name: 'plant' } });
  agent = createAgent({
    environment: { BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: createApiKey.secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: join(folder, 'agent'), LOG_LEVEL: 'silent', LIVE_UPDATES: 'false' },
    clock: { now: () => new Date(Date.now() + baseMs), monotonicMs: () => performance.now() },
    localApi: false,
    schedule: false,
  });
  await agent.start();
}

const DEPLOYMENTS = 'query ($id: ID!) { customer(id: $id) { deployments(first: 50) { edges { node { status attempts instance { name } } } } } }';
const MESSAGES = 'query ($id: ID!) { reconciliation(customerId: $id) { balanced meters { meter reported stripe cause } } }';
const LICENSE = 'query ($id: ID!) { customer(id: $id) { subscription { version } license { status claims expiresAt } } }';

interface Deployments {
  customer: { deployments: { edges: { node: { status: string; attempts: number; instance: { name: string } } }[] } };
}

describe.skipIf(LIBRARY === undefined)("when the plane's clock is stepped while it works", () => {
  let counted = 0;
  const versions: number[] = [];

  beforeAll(async () => {
    setClock(0);
    await start();
    await prepare();
    for (const [index, stepMs] of STEPS_MS.entries()) {
      await booted.admin.ask('mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { instance { id } } }', { input: { customerId: customer.id, name: `plain-${index}`, deploy: true } });
      setClock(stepMs);
      await waitFor(async () => expect(Math.abs((await planeTime()) - Date.now() - stepMs)).toBeLessThan(20_000), LONG);
      for (let round = 0; round < ROUNDS; round += 1) {
        counted += 1_000 + round;
        await agent.record({ activeDevices: 7, totalDevices: 9, mqttMessagesPublished: 1_000 + round });
        await agent.collectAndReport().catch(() => undefined);
      }
      const { license } = agent.licenseStatus();
      versions.push((license as { version: number } | null)?.version ?? 0);
    }
    // What was refused as being of the future is brought along.
    await waitFor(async () => {
      await agent.record({ activeDevices: 7, totalDevices: 9, mqttMessagesPublished: 1 });
      counted += 1;
      expect((await agent.collectAndReport()).exchange).toMatchObject({ rejected: 0 });
    }, LONG);
  }, 900_000);
  afterAll(async () => {
    await agent?.stop();
    await plane?.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('every message that was counted is billed, once', async () => {
    await waitFor(async () => {
      const { reconciliation } = await booted.admin.ask<{ reconciliation: { balanced: boolean; meters: { meter: string; reported: number; stripe: number; cause: string | null }[] } }>(MESSAGES, { id: customer.id });
      expect(reconciliation.meters.find(({ meter }) => meter === 'MQTT_MESSAGES')).toMatchObject({ reported: Math.ceil(counted / 1_000), stripe: Math.ceil(counted / 1_000), cause: null });
      expect(reconciliation.balanced).toBe(true);
    }, LONG);
  }, 200_000);

  it('each deployment ends once, at its first attempt', async () => {
    await waitFor(async () => {
      const { customer: found } = await booted.admin.ask<Deployments>(DEPLOYMENTS, { id: customer.id });
      const ended = found.deployments.edges.map(({ node }) => [node.instance.name, `${node.status} at attempt ${node.attempts}`]);
      expect(ended).toHaveLength(STEPS_MS.length);
      expect(Object.fromEntries(ended)).toEqual(Object.fromEntries(STEPS_MS.map((_step, index) => [`plain-${index}`, 'SUCCEEDED at attempt 1'])));
    }, LONG);
  }, 200_000);

  it('the license in force is valid and the newest, and none that an instance held went backwards', async () => {
    const { customer: found } = await booted.admin.ask<{ customer: { subscription: { version: number }; license: { status: string; claims: { version: number }; expiresAt: string } } }>(LICENSE, { id: customer.id });
    expect(found.license).toMatchObject({ status: 'ACTIVE', claims: { version: found.subscription.version } });
    expect(versions).toEqual(versions.toSorted((one, other) => one - other));
    expect(agent.licenseStatus().state).toBe('licensed');
  });

  it('the plane has not ended', () => {
    expect([plane.child.exitCode, plane.child.signalCode]).toEqual([null, null]);
  });
});
