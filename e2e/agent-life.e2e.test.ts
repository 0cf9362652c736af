/** Ninety days of one agent, through everything that goes wrong with networks, clocks, files, keys and people. */
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calendarOf, calendarState, licenseClaimsSchema } from '@iotistic/contracts/license';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import type { GraphqlClient } from '@iotistic/testkit/client';
import { createTestClock } from '@iotistic/testkit/clock';
import { waitFor } from '@iotistic/testkit/wait';
import { type Agent, createAgent } from 'iotistic-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIGN_UP } from './documents.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ROUND_HOURS = 3;
const STATES = { VALID: 'licensed', GRACE: 'grace', READ_ONLY: 'read-only', EXPIRED: 'expired' } as const;

const clock = createTestClock();
const root = mkdtempSync(join(tmpdir(), 'iotistic-life-'));
let booted: BootedPlane;
let admin: GraphqlClient;
let customerId: string;
let secret: string;

beforeAll(async () => {
  booted = await bootPlane({ clock });
  admin = booted.admin;
  const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'life@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  customerId = signUp.customer.id;
  await admin.ask('mutation ($input: ChangePlanInput!) { changePlan(input: $input) { subscription { status } } }', { input: { customerId, plan: 'ENTERPRISE' } });
  ({ secret } = (await booted.client.as({ bearer: signUp.session.token }).ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'agent' } })).createApiKey);
});
afterAll(async () => {
  await booted.stop();
  rmSync(root, { recursive: true, force: true });
});

/** A machine and the wire between it and us; both lie as they are told. */
class Instance {
  /** What its wall clock is off by. */
  skewMs = 0;
  wire: 'good' | 'cut' | 'rubbish' | 'replays' = 'good';
  /** What the product counted, and what it was told to count by agents that ran here. */
  messages = 0;
  agent!: Agent;
  private readonly recorded = new Map<string, string>();

  constructor(readonly folder: string) {}

  async start(): Promise<void> {
    this.agent = createAgent({
      environment: { BILLING_API_URL: booted.plane.url, IOTISTIC_API_KEY: secret, INSTANCE_ID: 'plant-1', AGENT_DATA_DIR: this.folder, LOG_LEVEL: 'silent' },
      clock: { now: () => new Date(clock.now().getTime() + this.skewMs), monotonicMs: () => clock.now().getTime() },
      fetch: (url, init) => this.send(url as string, init),
      localApi: false,
      schedule: false,
    });
    await this.agent.start();
  }

  async restart(harm: () => void = () => undefined): Promise<void> {
    await this.agent.stop();
    harm();
    await this.start();
  }

  /** Some hours of ordinary work. */
  async work(days: number): Promise<void> {
    for (let hours = 0; hours < days * 24; hours += ROUND_HOURS) {
      clock.advance({ hours: ROUND_HOURS });
      await this.agent.record({ activeDevices: 3, totalDevices: 4, mqttMessagesPublished: 7 });
      this.messages += 7;
      await this.agent.collectAndReport().catch(() => undefined);
      this.check();
    }
  }

  /** Its rights are those that its license has at the true time, whatever its clock says: none refused, none granted wrongly. */
  check(): void {
    const token = readFileSync(join(this.folder, 'license.jwt'), 'utf8');
    const claims = licenseClaimsSchema.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
    const view = this.agent.licenseStatus();
    const revokedAt = view.license?.revokedAt ?? null;
    const expected = STATES[calendarState(calendarOf(claims, revokedAt === null ? null : new Date(revokedAt)), clock.now())];
    expect({ at: clock.now().toISOString(), state: view.state, license: view.license?.id }).toEqual({ at: clock.now().toISOString(), state: expected, license: claims.jti });
  }

  private async send(url: string, init: RequestInit | undefined): Promise<Response> {
    if (this.wire === 'cut') throw new TypeError('fetch failed', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
    const operation = /(?:mutation|query) (\w+)/.exec(init?.body as string)?.[1] ?? '';
    if (this.wire === 'rubbish') return new Response('{"data":{"reportUsage":{"accepted":1},"fetchLicense":{"license":{"token":"a.b.c"}}}}', { status: 200 });
    if (this.wire === 'replays') return new Response(this.recorded.get(operation) ?? '{"data":null}', { status: 200 });
    const response = await fetch(url, init);
    const text = await response.text();
    this.recorded.set(operation, text);
    return new Response(text, { status: response.status, headers: { 'content-type': 'application/json' } });
  }
}

async function stored(): Promise<{ messages: number; intake: { received: number; accepted: number; duplicates: number; late: number; rejected: number } }> {
  const from = new Date(clock.now().getTime() - 120 * DAY_MS).toISOString();
  const { customer } = await admin.ask<{ customer: { usageSeries: { quantity: number }[]; intake: { received: number; accepted: number; duplicates: number; late: number; rejected: number } } }>(
    'query ($id: ID!, $from: DateTime!, $to: DateTime!) { customer(id: $id) { usageSeries(meter: MQTT_MESSAGES, from: $from, to: $to, granularity: MONTH) { quantity } intake { received accepted duplicates late rejected } } }',
    { id: customerId, from, to: new Date(clock.now().getTime() + DAY_MS).toISOString() },
  );
  return { messages: customer.usageSeries.reduce((sum, { quantity }) => sum + quantity, 0), intake: customer.intake };
}

async function standing(): Promise<{ duplicateSeenAt: string | null; health: { problems: string[]; clockSkewSeconds: number } }> {
  const { customer } = await admin.ask<{ customer: { activations: { duplicateSeenAt: string | null; health: { problems: string[]; clockSkewSeconds: number } }[] } }>('query ($id: ID!) { customer(id: $id) { activations { duplicateSeenAt health { problems clockSkewSeconds } } } }', { id: customerId });
  return customer.activations[0] as never;
}

const REVOKE = 'mutation ($input: RevokeLicenseInput!) { revokeLicense(input: $input) { license { id } } }';
const REINSTATE = 'mutation ($input: ReinstateLicenseInput!) { reinstateLicense(input: $input) { license { id } } }';
const ROTATE = 'mutation ($emergency: Boolean!) { rotateSigningKey(input: { emergency: $emergency }) { signingKey { id } } }';

async function untilReissued(): Promise<void> {
  await waitFor(async () => {
    const { licenseReissues } = await admin.ask<{ licenseReissues: { finishedAt: string | null }[] }>('{ licenseReissues { finishedAt } }');
    expect(licenseReissues.every(({ finishedAt }) => finishedAt !== null)).toBe(true);
  });
}

describe('ninety days of an agent', () => {
  const instance = new Instance(join(root, 'plant-1'));

  it('begins with a license, and answers that make no sense change nothing', async () => {
    await instance.start();
    await instance.agent.collectAndReport();
    await instance.work(2);
    instance.wire = 'rubbish';
    await instance.work(1);
    instance.wire = 'good';
    await instance.work(1);
    expect(instance.agent.licenseStatus()).toMatchObject({ state: 'licensed', plan: 'enterprise', problems: [], spool: { pending: 0 } });
  });

  it("is not moved by who replays yesterday's answers: no report is taken for delivered, no list, no license, no time", async () => {
    instance.wire = 'replays';
    await instance.work(1);
    expect(instance.agent.licenseStatus().spool.pending).toBe(24 / ROUND_HOURS);
    instance.wire = 'good';
    await instance.work(0.5);
    expect(instance.agent.licenseStatus()).toMatchObject({ spool: { pending: 0 }, problems: [] });
  });

  it.each([['60 days back', -60 * DAY_MS], ['two hours ahead', 2 * HOUR_MS], ['ten years ahead', 3650 * DAY_MS]] as const)('keeps its time when the clock is set %s while it runs, over a restart, and says so', async (_how, skewMs) => {
    instance.skewMs = skewMs;
    await instance.work(0.5);
    expect((await standing()).health).toMatchObject({ problems: ['CLOCK_SKEW'], clockSkewSeconds: skewMs / 1000 });
    await instance.restart();
    await instance.work(0.5);
    instance.wire = 'cut';
    await instance.restart();
    await instance.work(0.5);
    instance.wire = 'good';
    instance.skewMs = 0;
    await instance.work(0.5);
    await instance.restart();
    await instance.work(0.5);
    expect((await standing()).health.problems).toEqual([]);
  });

  it('runs on when its license file is truncated, gone, or swapped for an older one', async () => {
    const file = join(instance.folder, 'license.jwt');
    const older = readFileSync(file, 'utf8');
    await instance.work(12);
    instance.wire = 'cut';
    for (const harm of [() => truncateSync(file, 100), () => rmSync(file), () => writeFileSync(file, older)]) {
      await instance.restart(harm);
      await instance.work(0.5);
    }
    instance.wire = 'good';
    await instance.work(0.5);
    expect(readFileSync(file, 'utf8')).not.toBe(older);
  });

  it('is 31 days without us: its calendar tells the state to the day, and every report arrives afterwards', async () => {
    instance.wire = 'cut';
    await instance.work(31);
    expect(instance.agent.licenseStatus()).toMatchObject({ spool: { pending: (31 * 24) / ROUND_HOURS } });
    instance.wire = 'good';
    await instance.work(0.25);
    expect(instance.agent.licenseStatus()).toMatchObject({ state: 'licensed', spool: { pending: 0 } });
  });

  it('sleeps through two rotations and an emergency, and is refused nothing', async () => {
    instance.wire = 'cut';
    await admin.ask(ROTATE, { emergency: false });
    await instance.work(1);
    await admin.ask(ROTATE, { emergency: false });
    await untilReissued();
    instance.wire = 'good';
    await instance.work(0.5);
    await admin.ask(ROTATE, { emergency: true });
    await untilReissued();
    await instance.work(0.25);
    await instance.restart();
    await instance.work(0.5);
    expect(instance.agent.licenseStatus()).toMatchObject({ state: 'licensed', problems: [], license: { revokedAt: null } });
  });

  it('falls onto its calendar when its license is revoked, and rises when that is taken back', async () => {
    await admin.ask(REVOKE, { input: { customerId, reason: 'unpaid invoice' } });
    await instance.work(0.25);
    expect(instance.agent.licenseStatus()).toMatchObject({ state: 'grace', license: { revokedAt: expect.any(String) as string } });
    await instance.restart();
    await instance.work(8);
    expect(instance.agent.licenseStatus().state).toBe('read-only');
    await admin.ask(REINSTATE, { input: { customerId, reason: 'paid' } });
    await instance.work(0.25);
    expect(instance.agent.licenseStatus().state).toBe('licensed');
  });

  it('is told apart from a clone of itself; neither is refused anything, and both are counted', async () => {
    await instance.agent.stop();
    const clone = new Instance(join(root, 'clone'));
    cpSync(instance.folder, clone.folder, { recursive: true });
    await instance.start();
    await clone.start();
    for (let day = 0; day < 2; day += 1) {
      await instance.work(0.25);
      await clone.work(0.25);
    }
    expect((await standing()).duplicateSeenAt).not.toBeNull();
    expect([instance.agent.licenseStatus().state, clone.agent.licenseStatus().state]).toEqual(['licensed', 'licensed']);
    await clone.agent.stop();
    instance.messages += clone.messages;
  });

  it('is 40 days without us, and at the end what is stored equals what was spooled', async () => {
    instance.wire = 'cut';
    await instance.work(40);
    expect(['grace', 'read-only']).toContain(instance.agent.licenseStatus().state);
    instance.wire = 'good';
    await instance.work(0.25);
    expect(instance.agent.licenseStatus()).toMatchObject({ state: 'licensed', spool: { pending: 0 } });
    await instance.agent.stop();
    const { messages, intake } = await stored();
    expect(messages).toBe(instance.messages);
    expect(intake.rejected).toBe(0);
    expect(intake.received).toBe(intake.accepted + intake.late + intake.duplicates);
    expect(clock.now().getTime() - Date.parse('2026-11-20T12:00:00.000Z')).toBeGreaterThan(90 * DAY_MS);
  });
});
