/** The agent as its own program: it answers from its file while the plane is down, and catches up later with nothing lost or doubled. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { SIGN_UP } from './documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-agent-e2e-'));
const AGENT = join(ROOT, 'instance-agent/bin/iotistic-agent.js');
let messages = 1_000;
let product: Server;
let planePort: number;
let agentPort: number;
let plane: StartedProcess;
let agent: StartedProcess | undefined;
let client: GraphqlClient;
let user: GraphqlClient;
let customerId: string;
let agentEnvironment: Record<string, string>;

async function startPlane(): Promise<void> {
  plane = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(planePort), DATA_DIR: join(folder, 'plane'), LOG_LEVEL: 'warn' }, { cwd: ROOT });
  await untilReady(`http://127.0.0.1:${planePort}/readyz`, plane);
}

beforeAll(async () => {
  await build();
  product = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# TYPE iotistic_active_devices gauge\niotistic_active_devices 4\n# TYPE iotistic_total_devices gauge\niotistic_total_devices 6\n# TYPE iotistic_mqtt_messages_published_total counter\niotistic_mqtt_messages_published_total ${(messages += 10)}\n`);
  });
  await new Promise<void>((resolve) => {
    product.listen(0, '127.0.0.1', resolve);
  });
  planePort = await findFreePort();
  agentPort = await findFreePort();
  client = createGraphqlClient(`http://127.0.0.1:${planePort}`);
  await startPlane();
  const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  customerId = signUp.customer.id;
  user = client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'agent' } });
  agentEnvironment = {
    BILLING_API_URL: `http://127.0.0.1:${planePort}`,
    IOTISTIC_API_KEY: createApiKey.secret,
    INSTANCE_ID: 'us-east-1-prod',
    AGENT_DATA_DIR: join(folder, 'agent'),
    AGENT_PORT: String(agentPort),
    COLLECTION_INTERVAL: '1000',
    METRICS_URLS: `http://127.0.0.1:${(product.address() as AddressInfo).port}/metrics`,
    LOG_LEVEL: 'warn',
  };
});
afterAll(async () => {
  await agent?.stop();
  await plane.stop();
  product.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (command: string, environment: Record<string, string> = {}): StartedProcess => startProcess(process.execPath, [AGENT, command], { ...agentEnvironment, ...environment }, { cwd: ROOT });
const localLicense = async (): Promise<Record<string, unknown>> => (await (await fetch(`http://127.0.0.1:${agentPort}/api/v1/license`)).json()) as Record<string, unknown>;
const stored = async (): Promise<{ reports: number; messages: number }> => {
  const { customer } = await user.ask<{ customer: { usageReports: { totalCount: number; edges: { node: { mqttMessagesPublished: number } }[] } } }>('query ($id: ID!) { customer(id: $id) { usageReports(first: 100) { totalCount edges { node { mqttMessagesPublished } } } } }', { id: customerId });
  return { reports: customer.usageReports.totalCount, messages: customer.usageReports.edges.reduce((sum, { node }) => sum + node.mqttMessagesPublished, 0) };
};

describe('the agent', () => {
  it('once: fetches, verifies and keeps its license, reports, and ends with 0', async () => {
    const once = run('once');
    expect([await once.exited, once.output()]).toEqual([0, expect.any(String)]);
    const { customer } = await user.ask<{ customer: { activations: unknown[] } }>('query ($id: ID!) { customer(id: $id) { activations { instance { name } } } }', { id: customerId });
    expect(customer.activations).toEqual([{ instance: { name: 'us-east-1-prod' } }]);
  });

  it('doctor: finds all well, and says what is not', async () => {
    expect(await run('doctor').exited).toBe(0);
    const wrong = run('doctor', { IOTISTIC_API_KEY: 'iotk_wrong' });
    expect(await wrong.exited).toBe(1);
  });

  it('started with the plane down, answers from its file and catches up with nothing lost or doubled', async () => {
    const before = await stored();
    await plane.stop('SIGKILL');
    expect(await run('once').exited).toBe(6);
    agent = run('run');
    await untilReady(`http://127.0.0.1:${agentPort}/healthz`, agent);
    await waitFor(async () => expect(await localLicense()).toMatchObject({ state: 'licensed', plan: 'trial' }));
    const spooled = async (): Promise<number> => {
      const text = await (await fetch(`http://127.0.0.1:${agentPort}/metrics`)).text();
      return Number(/^iotistic_(?:agent_)?spool\w*reports\w* (\d+)/m.exec(text)?.[1] ?? 0);
    };
    await waitFor(async () => expect(await spooled()).toBeGreaterThanOrEqual(4), { interval: 200 });
    // A death while the plane is down loses nothing that was spooled.
    await agent.stop('SIGKILL');
    agent = run('run');
    await untilReady(`http://127.0.0.1:${agentPort}/healthz`, agent);
    await startPlane();
    await waitFor(async () => {
      expect((await stored()).reports).toBeGreaterThanOrEqual(before.reports + 5);
      expect(await spooled()).toBeLessThanOrEqual(1);
    }, { timeout: 40_000, interval: 250 });
    expect(await agent.stop('SIGTERM')).toBe(0);
    expect(await run('once').exited).toBe(0);
    // Each scrape adds ten: what is stored is what the counter rose by since the first one.
    const after = await stored();
    expect(after.messages % 10).toBe(0);
    expect(after.messages).toBe(messages - 1_010);
    const { customer } = await user.ask<{ customer: { intake: Record<string, number> } }>('query ($id: ID!) { customer(id: $id) { intake { received accepted late duplicates rejected } } }', { id: customerId });
    expect(customer.intake['accepted']).toBe(after.reports);
    expect(customer.intake['rejected']).toBe(0);
  });
});
