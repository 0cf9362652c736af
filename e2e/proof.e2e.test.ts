/** From an invoice's amount down to the reports that made it, across billing and usage, and from there to the agent's own archive. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { waitFor } from '@iotistic/testkit/wait';
import { type Agent, createAgent } from 'iotistic-agent';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, ROOT } from './built.ts';
import { PayingCustomer } from './paying-customer.ts';
const INVOICES = `query ($id: ID!) { customer(id: $id) { invoices(first: 4) { edges { node { status periodStart lines {
  description quantity amount { amount } meter
  trueUp { fromUnits toUnits amount { amount } }
  usage { meter periodStart periodEnd quantity measured adjusted unit billedUnits trueUps { fromUnits toUnits invoiceId } points { quantity reports } reports(first: 10) { totalCount edges { node { fate activeDevices mqttMessagesPublished } } } evidence(instance: "plant-1") }
} } } } } }`;

interface Usage {
  meter: string;
  periodStart: string;
  quantity: number;
  measured: number;
  adjusted: number;
  unit: string;
  billedUnits: number;
  trueUps: { fromUnits: number; toUnits: number; invoiceId: string | null }[];
  points: { quantity: number; reports: number }[];
  reports: { totalCount: number; edges: { node: { fate: string; activeDevices: number; mqttMessagesPublished: number } }[] };
  evidence: string;
}
interface Line {
  description: string;
  quantity: number;
  amount: { amount: number };
  meter: string | null;
  trueUp: { fromUnits: number; toUnits: number; amount: { amount: number } } | null;
  usage: Usage | null;
}

const folder = mkdtempSync(join(tmpdir(), 'iotistic-proof-'));
let booted: BootedPlane;
let customer: PayingCustomer;
let agent: Agent;
let isCut = false;

beforeAll(async () => {
  await build();
  booted = await bootPlane({ environment: { USAGE_TRUE_UP_QUIET_SECONDS: '60' } });
  customer = await PayingCustomer.signUp(booted, 'proof@example.com');
  await booted.simulate('/_sim/time', { days: 15 });
  await customer.checkOut('PROFESSIONAL');
  await waitFor(async () => expect((await customer.subscription()).status).toBe('ACTIVE'));
  const { createApiKey } = await customer.user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: customer.id, name: 'plant' } });
  const { clock } = booted.plane;
  agent = createAgent({
    environment: { BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: createApiKey.secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: folder, LOG_LEVEL: 'silent' },
    clock: { now: () => clock.now(), monotonicMs: () => clock.now().getTime() },
    fetch: (url, init) => (isCut ? Promise.reject(new TypeError('the network is down')) : fetch(url, init)),
    localApi: false,
    schedule: false,
  });
  await agent.start();
}, 120_000);
afterAll(async () => {
  await agent.stop();
  await booted.stop();
  rmSync(folder, { recursive: true, force: true });
});

const pass = (time: { days?: number; seconds?: number }): Promise<unknown> => booted.simulate('/_sim/time', time);

async function measure(numbers: { activeDevices: number; mqttMessagesPublished: number }): Promise<void> {
  await agent.record({ ...numbers, totalDevices: 50 });
  await pass({ seconds: 3_600 });
  await agent.collectAndReport().catch(() => undefined);
}

async function linesOf(): Promise<Line[]> {
  const { customer: found } = await booted.admin.ask<{ customer: { invoices: { edges: { node: { lines: Line[] } }[] } } }>(INVOICES, { id: customer.id });
  return found.invoices.edges.flatMap(({ node }) => node.lines);
}

/** Until the period that began then is invoiced. */
async function endPeriod(days: number): Promise<void> {
  const before = (await customer.subscription()).currentPeriodStart;
  await pass({ days });
  await waitFor(async () => expect((await customer.subscription()).currentPeriodStart).not.toBe(before));
  await pass({ seconds: 7_200 });
}

function verify(file: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'instance-agent/bin/iotistic-agent.js'), 'verify-invoice', file], { env: { ...process.env, BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: 'iotk_none', INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: folder, NODE_ENV: 'production' } }, (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }));
  });
}

describe('an amount on an invoice', () => {
  it('leads to its hours and reports, late ones and corrections named, and all lines of a period add up to it', async () => {
    const start = (await customer.subscription()).currentPeriodStart ?? '';
    for (const [activeDevices, mqttMessagesPublished] of [[18, 400_000], [25, 300_000], [21, 250_000]] as const) await measure({ activeDevices, mqttMessagesPublished });
    // Two more come only when the invoice is final.
    isCut = true;
    await measure({ activeDevices: 28, mqttMessagesPublished: 200_000 });
    await measure({ activeDevices: 3, mqttMessagesPublished: 1_000 });
    await endPeriod(31);
    await waitFor(async () => expect((await linesOf()).some(({ usage }) => usage?.periodStart === start && usage.billedUnits > 0)).toBe(true));
    isCut = false;
    await agent.collectAndReport();
    await booted.admin.ask('mutation ($input: AdjustUsageInput!) { adjustUsage(input: $input) { adjustment { id } } }', { input: { customerId: customer.id, meter: 'MQTT_MESSAGES', periodStart: start, quantity: -51_000, reason: 'counted twice by the broker', reference: 'TICKET-1' } });
    // Late reports and the correction are trued up together, or one after the other where billing was told in between.
    let corrections: Record<'DEVICES' | 'MQTT_MESSAGES', { fromUnits: number; toUnits: number; status: string }[]> = { DEVICES: [], MQTT_MESSAGES: [] };
    await waitFor(async () => {
      await pass({ seconds: 120 });
      const { customer: found } = await booted.admin.ask<{ customer: Record<'devices' | 'messages', { trueUps: (typeof corrections)['DEVICES'] }> }>(
        'query ($id: ID!, $start: DateTime!) { customer(id: $id) { devices: meteredPeriod(meter: DEVICES, periodStart: $start) { trueUps { fromUnits toUnits status } } messages: meteredPeriod(meter: MQTT_MESSAGES, periodStart: $start) { trueUps { fromUnits toUnits status } } } }',
        { id: customer.id, start },
      );
      corrections = { DEVICES: found.devices.trueUps, MQTT_MESSAGES: found.messages.trueUps };
      expect([found.devices.trueUps.at(-1)?.toUnits, found.messages.trueUps.at(-1)?.toUnits]).toEqual([28, 1_100]);
    });
    await endPeriod(31);
    // One that the plan includes is on no invoice.
    const billed = [...corrections.DEVICES, ...corrections.MQTT_MESSAGES].filter(({ status }) => status !== 'FREE');
    await waitFor(async () => expect((await linesOf()).filter(({ trueUp }) => trueUp !== null)).toHaveLength(billed.length));

    const lines = (await linesOf()).filter(({ usage }) => usage?.periodStart === start);
    for (const [meter, quantity, unit] of [['DEVICES', 28, 1], ['MQTT_MESSAGES', 1_100_000, 1_000]] as const) {
      const ofMeter = lines.filter((line) => line.meter === meter);
      const usage = ofMeter[0]?.usage as Usage;
      const values = usage.points.map((point) => point.quantity);
      const reports = usage.reports.edges.map(({ node }) => node);
      expect(usage.measured).toBe(meter === 'DEVICES' ? Math.max(...values) : values.reduce((sum, value) => sum + value, 0));
      expect(usage.measured).toBe(meter === 'DEVICES' ? Math.max(...reports.map(({ activeDevices }) => activeDevices)) : reports.reduce((sum, { mqttMessagesPublished }) => sum + mqttMessagesPublished, 0));
      expect([usage.quantity, usage.quantity]).toEqual([quantity, usage.measured + usage.adjusted]);
      const counted = ofMeter.filter(({ trueUp }) => trueUp === null).reduce((sum, line) => sum + line.quantity, 0);
      const later = corrections[meter].reduce((sum, { fromUnits, toUnits }) => sum + toUnits - fromUnits, 0);
      expect([usage.billedUnits, counted + later]).toEqual([counted, quantity / unit]);
      expect(reports.filter(({ fate }) => fate === 'LATE').length).toBeGreaterThanOrEqual(2);
    }
    const trueUps = lines.filter(({ trueUp }) => trueUp !== null);
    const trueUpOf = (of: string): number => trueUps.filter(({ meter }) => meter === of).reduce((sum, { amount }) => sum + amount.amount, 0);
    expect([trueUpOf('DEVICES'), trueUpOf('MQTT_MESSAGES')]).toEqual([1_200, 1_000]);
    expect(trueUps.map(({ description }) => description).join()).toMatch(/known after its invoice/);
  }, 180_000);

  it('is proven by the agent against its own archive; a file in which one number was changed is not', async () => {
    const usages = new Map((await linesOf()).flatMap(({ usage }) => (usage === null ? [] : [[`${usage.meter}-${usage.periodStart.slice(0, 10)}`, usage]] as const)));
    const [[name, usage] = []] = [...usages].filter(([key, value]) => key.startsWith('MQTT_MESSAGES') && value.reports.totalCount >= 5);
    if (name === undefined || usage === undefined) throw new Error('no usage was billed');
    const file = join(folder, `${name}.jsonl`);
    writeFileSync(file, usage.evidence);
    const good = await verify(file);
    expect([good.code, good.output]).toEqual([0, expect.stringContaining('plant-1')]);
    writeFileSync(file, usage.evidence.replace('400000', '400001'));
    expect((await verify(file)).code).toBe(1);
    writeFileSync(file, usage.evidence.slice(0, -40));
    expect((await verify(file)).code).toBe(2);
  });
  it('is proven as well sixty days and three hundred days later, by digests once its reports are not kept any more; not proven without them, nor without its archive', async () => {
    const [start = ''] = (await linesOf()).flatMap(({ usage }) => (usage !== null && usage.reports.totalCount >= 5 ? [usage.periodStart] : []));
    const file = join(folder, 'later.jsonl');
    const check = async (meter: string): Promise<{ state: string; code: number; output: string }> => {
      const { customer: found } = await booted.admin.ask<{ customer: { meteredPeriod: { evidenceState: string; evidence: string } } }>('query ($id: ID!, $meter: Meter!, $start: DateTime!) { customer(id: $id) { meteredPeriod(meter: $meter, periodStart: $start) { evidenceState evidence(instance: "plant-1") } } }', { id: customer.id, meter, start });
      writeFileSync(file, found.meteredPeriod.evidence);
      return { state: found.meteredPeriod.evidenceState, ...(await verify(file)) };
    };
    const purge = async (): Promise<void> => void (await booted.admin.ask('mutation { purgeUsageReports(input: { olderThanDays: 1 }) { deleted } }'));
    await pass({ days: 60 });
    await purge();
    for (const meter of ['DEVICES', 'MQTT_MESSAGES']) expect(await check(meter)).toMatchObject({ state: 'REPORTS', code: 0 });
    for (let months = 0; months < 8; months += 1) await endPeriod(31);
    await waitFor(async () => {
      await purge();
      for (const meter of ['DEVICES', 'MQTT_MESSAGES']) expect(await check(meter)).toMatchObject({ state: 'DIGESTS', code: 0, output: expect.stringMatching(/Reports in the file {2,}0\n/) as string });
    }, { timeout: 60_000 });
    const archive = join(folder, 'archive');
    const kept = readdirSync(archive).map((name) => ({ path: join(archive, name), bytes: readFileSync(join(archive, name)) }));
    for (const { path } of kept) rmSync(path);
    expect((await check('MQTT_MESSAGES')).code).toBe(2);
    for (const { path, bytes } of kept) writeFileSync(path, bytes);
    expect((await check('MQTT_MESSAGES')).code).toBe(0);
    const database = new Client({ connectionString: booted.databaseUrl });
    await database.connect();
    await database.query('delete from usage.usage_digests');
    await database.end();
    expect(await check('MQTT_MESSAGES')).toMatchObject({ state: 'PARTLY_MISSING', code: 2, output: expect.stringContaining('Not proven') as string });
  }, 900_000);
});
