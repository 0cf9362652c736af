/** A subgraph that is blocked, and one that runs out of memory: the others go on, nothing that was answered is lost. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from '../built.ts';
import { reportOf, SIGN_UP } from '../documents.ts';
import { Replicas } from './replicas.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-subgraph-faults-'));
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted duplicates } }';
/** On SIGUSR2 the process takes memory until there is none, in the middle of whatever it does. */
const HUNGRY = "process.on('SIGUSR2', () => { const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length)); });\n";

let database: TestDatabase;
let plane: Replicas;
let user: GraphqlClient;
let instance: GraphqlClient;
let customerId: string;

beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'processes', migrate: () => Promise.resolve() });
  const hungry = join(folder, 'hungry.mjs');
  writeFileSync(hungry, HUNGRY);
  plane = await Replicas.start({ folder, databaseUrl: database.url, count: 1, nodeArgs: { usage: ['--max-old-space-size=160', '--import', hungry] } });
  const client = createGraphqlClient(plane.url('gateway'));
  const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'blocked@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  customerId = signUp.customer.id;
  user = client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
  instance = client.as({ apiKey: createApiKey.secret });
}, 600_000);
afterAll(async () => {
  await plane?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a subgraph that is blocked', () => {
  it('costs its fields, as SUBGRAPH_TIMEOUT; the others are answered, and it is asked again when it goes on', async () => {
    const { child } = plane.process('usage');
    child.kill('SIGSTOP');
    const [joined, others] = await Promise.all([user.send('query ($id: ID!) { customer(id: $id) { companyName latestUsage { activeDevices } } }', { id: customerId }), user.send('query ($id: ID!) { customer(id: $id) { companyName license { status } subscription { status } } }', { id: customerId })]);
    expect(joined).toMatchObject({ status: 200, data: { customer: { companyName: 'Acme Corp', latestUsage: null } }, errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_TIMEOUT' } }] });
    expect(others).toMatchObject({ status: 200, data: { customer: { companyName: 'Acme Corp', license: { status: 'ACTIVE' }, subscription: { status: 'TRIALING' } } }, errors: undefined });
    const report = await instance.send(REPORT, { input: { instance: 'blocked', reports: [reportOf({ minutesAgo: 1 })] } });
    expect(report).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_TIMEOUT' } }] });
    const ready = await fetch(`${plane.url('gateway')}/readyz`);
    expect([ready.status, ((await ready.json()) as { dependencies: Record<string, string> }).dependencies['usage']]).toEqual([503, 'unavailable']);
    child.kill('SIGCONT');
    await waitFor(async () => expect((await instance.send(REPORT, { input: { instance: 'blocked', reports: [reportOf({ minutesAgo: 1 })] } })).errors).toBeUndefined(), { timeout: 60_000, interval: 200 });
  }, 240_000);
});

describe('a subgraph that runs out of memory in the middle of its work', () => {
  it('has lost nothing that it answered, and counts nothing twice that is sent again', async () => {
    const sent: Record<string, unknown>[][] = [];
    const answered = new Set<string>();
    let isDown = false;
    const stream = async (): Promise<void> => {
      while (!isDown) {
        const reports = Array.from({ length: 5 }, () => reportOf({ minutesAgo: 10, mqttMessagesPublished: 1 }));
        sent.push(reports);
        const { data } = await instance.send(REPORT, { input: { instance: 'hungry', reports } }).catch(() => ({ data: null }));
        if ((data as { reportUsage?: { accepted: number } } | null)?.reportUsage?.accepted === 5) for (const { reportId } of reports) answered.add(reportId as string);
        else isDown = plane.process('usage').child.exitCode !== null || plane.process('usage').child.signalCode !== null;
      }
    };
    const streams = Array.from({ length: 6 }, stream);
    await waitFor(() => expect(answered.size).toBeGreaterThan(100), { timeout: 120_000 });
    plane.process('usage').child.kill('SIGUSR2');
    expect(await plane.process('usage').exited).not.toBe(0);
    expect(plane.process('usage').output()).toContain('heap out of memory');
    await Promise.all(streams);
    await plane.startOne('usage');
    const totals = async (): Promise<{ reports: number; messages: number }> => {
      const [from, to] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
      const { customer } = await user.ask<{ customer: { usageReports: { totalCount: number }; usageSeries: { quantity: number }[] } }>('query ($id: ID!, $from: DateTime!, $to: DateTime!) { customer(id: $id) { usageReports(first: 1, instance: "hungry") { totalCount } usageSeries(meter: MQTT_MESSAGES, from: $from, to: $to) { quantity } } }', { id: customerId, from, to });
      return { reports: customer.usageReports.totalCount, messages: customer.usageSeries.reduce((sum, { quantity }) => sum + quantity, 0) };
    };
    // The gateway asks it again within a second.
    const after = await waitFor(totals);
    expect(after.reports).toBeGreaterThanOrEqual(answered.size);
    expect(after.messages).toBe(after.reports);
    for (const reports of sent) await waitFor(async () => expect((await instance.send(REPORT, { input: { instance: 'hungry', reports } })).errors).toBeUndefined());
    expect(await totals()).toEqual({ reports: sent.flat().length, messages: sent.flat().length });
  }, 480_000);
});
