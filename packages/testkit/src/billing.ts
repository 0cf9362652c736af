import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@iotistic/chassis/config';
import type { HttpAnswer } from '@iotistic/chassis/http-server';
import type { Caller } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import { startStripeSimulator, type StripeSimulator } from '@iotistic/stripe-simulator/app';
import { type RunningBilling, startBilling } from '@iotistic/billing/app';
import { billingConfig } from '@iotistic/billing/config';
import { migrations } from '@iotistic/billing/repository/migrations';
import { Stripe } from 'stripe';
import { createTestClock, type TestClock } from './clock.ts';
import { startTestSubgraph, type TestSubgraph } from './subgraph.ts';

export const ADMIN: Caller = { kind: 'admin', name: 'operator' };
const START = '2026-11-20T12:00:00.000Z';

export interface BillingUnderTest {
  billing: TestSubgraph;
  running: RunningBilling;
  clock: TestClock;
  stripe: Stripe;
  simulator: StripeSimulator;
  /** One of the simulator's own controls. */
  simulate(path: string, body?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** A customer whose trial is over, so that what it buys is charged at once. */
  customerAfterTrial(): Promise<string>;
  /** The reason of the first error; null when it went well. */
  mutate(name: string, input: Record<string, unknown>): Promise<{ reason: string | null; code: string | null; data: Record<string, unknown> | null }>;
  /** Opens a checkout and pays it. */
  buy(customerId: string, plan: string): Promise<void>;
  /** What arrives at the webhook's address, as Stripe would send it. */
  receive(body: string, headers: Record<string, string>): Promise<HttpAnswer>;
  subscription(customerId: string): Promise<{ status: string; plan: string; stripe_subscription_id: string | null; version: number; cancel_at_period_end: boolean }>;
  close(): Promise<void>;
}

/** A real test account instead of the simulator, for what needs no moving of time: its key in STRIPE_TEST_SECRET_KEY. */
export function realAccount(environment: NodeJS.ProcessEnv = process.env): string | null {
  const key = environment['STRIPE_TEST_SECRET_KEY'];
  return key === undefined || !/^(sk|rk)_test_/.test(key) ? null : key;
}

/** Billing and the SDK, both at that account; nothing is told by webhook. */
export async function startAtAccount(secretKey: string, apiUrl: string | undefined): Promise<{ billing: TestSubgraph; stripe: Stripe; mutate: BillingUnderTest['mutate']; running: RunningBilling; close(): Promise<void> }> {
  const mailDir = mkdtempSync(join(tmpdir(), 'iotistic-mail-'));
  let running: RunningBilling | undefined;
  const config = loadConfig(billingConfig, { MAIL_DIR: mailDir, STRIPE_SECRET_KEY: secretKey, RETURN_ORIGINS: 'https://example.com', ...(apiUrl === undefined ? {} : { STRIPE_API_URL: apiUrl }) });
  const billing = await startTestSubgraph({ name: 'billing', migrations, clock: createTestClock(new Date()), start: async (platform) => (running = await startBilling(config, platform)) });
  const place = apiUrl === undefined ? {} : { host: new URL(apiUrl).hostname, port: Number(new URL(apiUrl).port), protocol: 'http' as const };
  return {
    billing,
    running: running as RunningBilling,
    stripe: new Stripe(secretKey, { telemetry: false, ...place }),
    mutate: (name, input) => mutate(billing, name, input),
    async close() {
      await billing.close();
      rmSync(mailDir, { recursive: true, force: true });
    },
  };
}

/** Billing on a database of its own and a Stripe of its own, on one clock that the test moves; webhooks arrive as over the network. */
export async function startUnderTest(environment: Record<string, string> = {}): Promise<BillingUnderTest> {
  const clock = createTestClock(START);
  const mailDir = mkdtempSync(join(tmpdir(), 'iotistic-mail-'));
  let running: RunningBilling | undefined;
  const simulator = await startStripeSimulator({ port: 0, dataDir: null, clock, deliveryRetryMs: [50], onTime: async () => running?.runScheduled() });
  const config = loadConfig(billingConfig, { MAIL_DIR: mailDir, STRIPE_SECRET_KEY: 'sk_test_under_test', STRIPE_API_URL: simulator.url, ...environment });
  const billing = await startTestSubgraph({ name: 'billing', migrations, clock, start: async (platform) => (running = await startBilling(config, platform)) });
  const started = running as RunningBilling;
  const { server, url } = await listenForWebhooks(started);
  await started.connectStripe({ webhookUrl: `${url}/webhooks/stripe` });
  const { hostname, port } = new URL(simulator.url);
  return {
    billing,
    running: started,
    clock,
    simulator,
    stripe: new Stripe('sk_test_under_test', { host: hostname, port: Number(port), protocol: 'http', telemetry: false, maxNetworkRetries: 0 }),
    simulate: (path, body = {}) => simulate(simulator, path, body),
    async customerAfterTrial() {
      const customerId = newId('cust');
      const at = clock.now().toISOString();
      await billing.tell('customer.signed_up', { customerId, email: `${customerId}@example.com`, companyName: 'Acme', fullName: null, createdAt: at, updatedAt: at });
      await simulate(simulator, '/_sim/time', { days: 15 });
      return customerId;
    },
    mutate: (name, input) => mutate(billing, name, input),
    async buy(customerId, plan) {
      const { data, reason } = await mutate(billing, 'createCheckoutSession', { customerId, plan, successUrl: 'http://127.0.0.1/', cancelUrl: 'http://127.0.0.1/' });
      if (data === null) throw new Error(`no checkout: ${String(reason)}`);
      await simulate(simulator, `/_sim/checkout/${String(data['sessionId'])}/complete`, { card: '4242424242424242' });
    },
    receive: (body, headers) => receive(started, Buffer.from(body), headers),
    async subscription(customerId) {
      const [row] = await billing.rows<Awaited<ReturnType<BillingUnderTest['subscription']>>>('select status, plan, stripe_subscription_id, version, cancel_at_period_end from subscriptions where customer_id = $1', [customerId]);
      if (row === undefined) throw new Error('no subscription');
      return row;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await simulator.close();
      await billing.close();
      rmSync(mailDir, { recursive: true, force: true });
    },
  };
}

/** `t=…,v1=…` as Stripe signs. @param seconds Unix time */
export function signatureOf(body: string, secret: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

async function listenForWebhooks(running: RunningBilling): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void receive(running, Buffer.concat(chunks), request.headers as Record<string, string>).then(({ status = 200, body = '' }) => response.writeHead(status).end(body));
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function receive(running: RunningBilling, body: Buffer, headers: Record<string, string>): Promise<HttpAnswer> {
  const route = running.http['POST /webhooks/stripe'];
  if (route === undefined) throw new Error('billing takes no webhooks');
  return route({ method: 'POST', path: '/webhooks/stripe', query: new URLSearchParams(), headers, requestId: newId('req'), body: () => Promise.resolve(body) });
}

async function simulate(simulator: StripeSimulator, path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
  const response = await fetch(`${simulator.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

const ANSWERS: Record<string, string> = { createCheckoutSession: 'sessionId url', createPortalSession: 'url', replayWebhookEvent: 'webhookEvent { id status }' };

async function mutate(billing: TestSubgraph, name: string, input: Record<string, unknown>): Promise<{ reason: string | null; code: string | null; data: Record<string, unknown> | null }> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const { data, errors } = await billing.ask(ADMIN, `mutation ($input: ${type}!) { ${name}(input: $input) { ${ANSWERS[name] ?? 'subscription { status version }'} } }`, { input });
  const extensions = errors?.[0]?.extensions as { reason?: string; code?: string } | undefined;
  return { reason: extensions?.reason ?? null, code: extensions?.code ?? null, data: (data as Record<string, Record<string, unknown>> | null | undefined)?.[name] ?? null };
}
