/** A plane is backed up while it works, goes on, is destroyed, and put back: what Stripe and the agents remember makes its books whole again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import { findRunningEmbedded } from '@iotistic/chassis/embedded-postgres-restore';
import { findFreePort } from '@iotistic/chassis/free-port';
import { backUp } from '@iotistic/control-plane/back-up';
import { planeConfig } from '@iotistic/control-plane/config';
import { backUpKeys, restoreKeys } from '@iotistic/control-plane/key-backup';
import { type RunningPlane, startPlane } from '@iotistic/control-plane/plane';
import { restore } from '@iotistic/control-plane/restore';
import { type BootedPlane, simulate } from '@iotistic/testkit/boot';
import { createGraphqlClient } from '@iotistic/testkit/client';
import { waitFor } from '@iotistic/testkit/wait';
import { type Agent, createAgent, type Round } from 'iotistic-agent';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readArchive } from '../instance-agent/src/archive-files.ts';
import type { ArchiveEntry } from '../instance-agent/src/archive-record.ts';
import { realDisk } from '../instance-agent/src/spool-disk.ts';
import { PayingCustomer } from './paying-customer.ts';
const PERIOD = `periodStart quantity measured trueUps { fromUnits toUnits amount { amount } }`;
const BOOKS = `query ($id: ID!) { customer(id: $id) {
  invoices(first: 10) { edges { node { number status periodStart total { amount } lines { description quantity meter amount { amount } usage { meter ${PERIOD} } } } } }
  usageReports(first: 1) { totalCount }
  subscription { status plan { key } currentPeriodStart version }
} }`;
const PERIODS = `query ($id: ID!, $start: DateTime!) { customer(id: $id) { devices: meteredPeriod(meter: DEVICES, periodStart: $start) { ${PERIOD} } messages: meteredPeriod(meter: MQTT_MESSAGES, periodStart: $start) { ${PERIOD} } } }`;
const RECONCILIATION = 'query ($id: ID!) { reconciliation(customerId: $id) { balanced meters { meter reported stripe cause } } }';

type Exchange = Round['exchange'];
interface MeteredView {
  periodStart: string;
  quantity: number;
  measured: number;
  trueUps: { fromUnits: number; toUnits: number }[];
}
interface Books {
  invoices: { edges: { node: { status: string; periodStart: string; total: { amount: number } } }[] };
  usageReports: { totalCount: number };
  subscription: { status: string; plan: { key: string }; currentPeriodStart: string; version: number };
}

const root = mkdtempSync(join(tmpdir(), 'iotistic-restore-'));
const [dataDir, agentDir, backup, keys] = ['plane', 'agent', 'backup', 'keys.sealed'].map((name) => join(root, name)) as [string, string, string, string];
const said: string[] = [];
const print = (line: string): void => void said.push(line);
let environment: NodeJS.ProcessEnv;
let plane: RunningPlane;
let booted: BootedPlane;
let customer: PayingCustomer;
let agent: Agent;
let isCut = false;
/** What came of each exchange, as the agent judges it. */
const exchanges: Exchange[] = [];

async function start(): Promise<void> {
  plane = await startPlane(loadConfig(planeConfig, environment), environment);
  const client = createGraphqlClient(plane.url);
  booted = { plane, client, admin: client.as({ bearer: plane.adminToken }), databaseUrl: '', simulate: (path, body = {}) => simulate(plane.stripeUrl ?? '', path, body), stop: () => plane.close() };
}

beforeAll(async () => {
  await chmod(root, 0o711);
  environment = { NODE_ENV: 'test', LOG_LEVEL: 'error', PORT: String(await findFreePort()), DATA_DIR: dataDir, USAGE_TRUE_UP_QUIET_SECONDS: '60', BACKUP_PASSPHRASE: 'correct horse battery' };
  await start();
  // One that follows the plane through its end and its second life.
  const whole: BootedPlane = { get plane() { return booted.plane; }, get client() { return booted.client; }, get admin() { return booted.admin; }, databaseUrl: '', simulate: (path, body) => booted.simulate(path, body), stop: () => booted.stop() };
  customer = await PayingCustomer.signUp(whole, 'restored@example.com');
  await pass({ days: 15 });
  await customer.checkOut('PROFESSIONAL');
  await waitFor(async () => expect((await customer.subscription()).status).toBe('ACTIVE'), { timeout: 60_000, interval: 200 });
  const { createApiKey } = await customer.user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: customer.id, name: 'plant' } });
  agent = createAgent({
    environment: { BILLING_API_URL: plane.url, IOTISTIC_API_KEY: createApiKey.secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: agentDir, LOG_LEVEL: 'silent' },
    clock: { now: () => plane.clock.now(), monotonicMs: () => plane.clock.now().getTime() },
    fetch: (url, init) => (isCut ? Promise.reject(new TypeError('the network is down')) : fetch(url, init)),
    localApi: false,
    schedule: false,
  });
  await agent.start();
}, 120_000);
afterAll(async () => {
  await agent.stop();
  await plane.close();
  rmSync(root, { recursive: true, force: true });
});

const pass = (time: { days?: number; seconds?: number }): Promise<unknown> => booted.simulate('/_sim/time', time);
const held = () => agent.licenseStatus().license as { id: string; version: number } | null;

async function measure(activeDevices: number, mqttMessagesPublished: number): Promise<void> {
  await agent.record({ activeDevices, mqttMessagesPublished, totalDevices: 50 });
  await pass({ seconds: 3_600 });
  await exchange().catch(() => undefined);
}

async function exchange(): Promise<void> {
  exchanges.push((await agent.collectAndReport()).exchange);
}

/** Until the running period is invoiced. @returns the next one's start. */
async function endPeriod(): Promise<string> {
  const before = (await customer.subscription()).currentPeriodStart;
  await pass({ days: 31 });
  await waitFor(async () => expect((await customer.subscription()).currentPeriodStart).not.toBe(before), { timeout: 60_000, interval: 200 });
  await pass({ seconds: 7_200 });
  return (await customer.subscription()).currentPeriodStart ?? '';
}

const books = async (): Promise<Books> => (await booted.admin.ask<{ customer: Books }>(BOOKS, { id: customer.id })).customer;
const periodAt = async (start: string): Promise<{ devices: MeteredView; messages: MeteredView }> => (await booted.admin.ask<{ customer: { devices: MeteredView; messages: MeteredView } }>(PERIODS, { id: customer.id, start })).customer;

/** Until what was measured has come to billing. */
async function settled(): Promise<void> {
  await pass({ seconds: 60 });
  const client = new pg.Client({ connectionString: (await findRunningEmbedded(join(dataDir, 'postgres'))) ?? '' });
  await client.connect();
  await waitFor(async () => {
    const { rows } = await client.query<{ behind: string }>(`
      select (select count(*) from usage.changed_customers) + count(*) as behind from usage.measured_periods m
      left join billing.metered_quantities q on q.customer_id = m.customer_id and q.period_start = m.period_start and q.meter = 'DEVICES'
      where q.revision is distinct from m.revision`);
    expect(rows).toEqual([{ behind: '0' }]);
  }, { timeout: 60_000, interval: 200 });
  await client.end();
}

/** What the agent's own archive says of the time between. */
async function spooled(from: string, to: string | null): Promise<{ devices: number; messages: number; reports: number }> {
  const entries: ArchiveEntry[] = [];
  await readArchive(realDisk, join(agentDir, 'archive'), (entry) => {
    if (entry.intervalEnd > from && (to === null || entry.intervalEnd <= to)) entries.push(entry);
  });
  return { devices: Math.max(0, ...entries.map(({ counts }) => counts[0] ?? 0)), messages: entries.reduce((sum, { counts }) => sum + (counts[2] ?? 0), 0), reports: entries.length };
}

it('the sums are equal again, nothing is billed twice, and no license goes backwards', async () => {
  const first = (await customer.subscription()).currentPeriodStart ?? '';
  for (const [devices, messages] of [[18, 400_000], [25, 900_000], [21, 250_000]] as const) await measure(devices, messages);
  // One more arrives only when the invoice is final, and the backup was made.
  isCut = true;
  await measure(28, 200_000);
  const second = await endPeriod();
  await waitFor(async () => expect((await books()).invoices.edges.some(({ node }) => node.status === 'PAID' && node.total.amount > 9_900)).toBe(true), { timeout: 60_000, interval: 200 });
  await backUpKeys(environment, [keys], print);
  await backUp(environment, [backup], print);

  // What the restored plane knows nothing of.
  isCut = false;
  for (const [devices, messages] of [[30, 600_000], [22, 700_000]] as const) await measure(devices, messages);
  await waitFor(async () => {
    await pass({ seconds: 120 });
    expect((await periodAt(first)).devices.trueUps).toMatchObject([{ fromUnits: 25, toUnits: 28 }]);
    expect((await periodAt(first)).messages.trueUps).toMatchObject([{ fromUnits: 1_550, toUnits: 1_750 }]);
  }, { timeout: 60_000, interval: 200 });
  await booted.admin.ask('mutation ($id: ID!) { revokeLicense(input: { customerId: $id, reason: "a mistake" }) { license { status } } }', { id: customer.id });
  await agent.collectAndReport();
  await booted.admin.ask('mutation ($id: ID!) { reinstateLicense(input: { customerId: $id, reason: "it was" }) { license { status } } rotateSigningKey { signingKey { id } } }', { id: customer.id });
  const third = await endPeriod();
  await measure(12, 5_000);
  await waitFor(async () => expect((await booted.admin.ask<{ reconciliation: { balanced: boolean } }>(RECONCILIATION, { id: customer.id })).reconciliation.balanced).toBe(true), { timeout: 60_000, interval: 200 });
  const before = await books();
  const periodsBefore = [await periodAt(first), await periodAt(second)];
  const license = held();
  expect(agent.licenseStatus().state).toBe('licensed');

  await plane.close();
  for (const name of ['postgres', 'keys', 'admin-token']) rmSync(join(dataDir, name), { recursive: true });
  await restore(environment, [backup], print);
  await restoreKeys(environment, [keys], print);
  await start();

  exchanges.length = 0;
  await measure(14, 7_000);
  await pass({ seconds: 60 });
  await exchange();
  await waitFor(async () => {
    const now = await books();
    expect(now.invoices).toEqual(before.invoices);
    expect(now.subscription).toMatchObject({ status: before.subscription.status, plan: before.subscription.plan, currentPeriodStart: third });
    // spooled = stored
    expect(now.usageReports.totalCount).toBe((await spooled('', null)).reports);
    // = rolled up = measured
    for (const [from, to] of [[first, second], [second, third], [third, null]] as const) {
      const [sums, { devices, messages }] = [await spooled(from, to), await periodAt(from)];
      expect([devices.measured, messages.measured]).toEqual([sums.devices, sums.messages]);
    }
    // = at Stripe
    const { reconciliation } = await booted.admin.ask<{ reconciliation: { balanced: boolean } }>(RECONCILIATION, { id: customer.id });
    expect(reconciliation.balanced).toBe(true);
  }, { timeout: 60_000, interval: 200 });
  await settled();
  // After the day that instances have to send again: what was billed beside an invoice is known, and not billed again.
  await pass({ seconds: 26 * 3_600 });
  await pass({ seconds: 120 });
  await waitFor(async () => expect([await periodAt(first), await periodAt(second)]).toEqual(periodsBefore), { timeout: 60_000, interval: 200 });
  expect((await books()).invoices).toEqual(before.invoices);

  // The license: above all that the agent has seen, and in force.
  await waitFor(async () => {
    await exchange();
    expect(held()?.version).toBeGreaterThan(1_000_000);
  }, { timeout: 60_000, interval: 200 });
  expect(held()?.id).not.toBe(license?.id);
  expect(agent.licenseStatus()).toMatchObject({ state: 'licensed', plan: 'professional' });
  expect(exchanges.length).toBeGreaterThan(2);
  for (const { license: offered, revocations, rejected } of exchanges) expect([offered ?? 'unchanged', revocations, rejected]).toEqual([expect.stringMatching(/^(accepted|unchanged)$/), expect.stringMatching(/^(accepted|unchanged)$/), 0]);
  expect(said.join('\n')).toContain('Restored as of');
}, 300_000);
