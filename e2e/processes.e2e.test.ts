/** Gateway and subgraphs as separate processes, as `npm run start:…` starts them, over HTTP and WebSocket; Stripe is another process, and `npm run stripe:sync` prepares it. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@iotistic/chassis/free-port';
import { emptyTestRedis } from '@iotistic/testkit/boot';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { reportOf, SIGN_UP } from './documents.ts';

const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'] as const;
const ADMIN_TOKEN = 'an-admin-token-for-tests';
const folder = mkdtempSync(join(tmpdir(), 'iotistic-processes-'));
const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
/** What billing knows of Stripe: its key, its address, and the secrets that the sync printed. */
let stripe: Record<string, string> = {};
const running = new Map<string, StartedProcess>();
const ports = new Map<string, number>();
let database: TestDatabase;
let shared: Record<string, string>;
let client: GraphqlClient;
let user: GraphqlClient;
let instance: GraphqlClient;
let customerId: string;

const at = (name: string, path: string): string => `http://127.0.0.1:${ports.get(name)}${path}`;

async function start(name: (typeof SUBGRAPHS)[number]): Promise<void> {
  const started = startProcess(process.execPath, [mainOf(`subgraphs/${name}`)], { ...shared, PORT: String(ports.get(name)), CALLER_PUBLIC_KEY: keys.publicKey, LICENSE_KEYS_DIR: join(folder, 'keys'), MAIL_DIR: join(folder, 'mail'), ...stripe });
  running.set(name, started);
  await untilReady(at(name, '/readyz'), started);
}

async function startStripe(): Promise<void> {
  const port = await findFreePort();
  const simulator = startProcess(process.execPath, [mainOf('stripe-simulator')], { PORT: String(port), DATA_DIR: join(folder, 'stripe') });
  running.set('stripe', simulator);
  await untilReady(`http://127.0.0.1:${port}/_sim/health`, simulator);
  stripe = { STRIPE_SECRET_KEY: 'sk_test_processes', STRIPE_API_URL: `http://127.0.0.1:${port}` };
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'subgraphs/billing/dist/stripe-sync.js'), '--webhook-url', at('gateway', '/api/webhooks/stripe')], { env: { PATH: process.env['PATH'] ?? '', ...stripe } });
  stripe = { ...stripe, ...Object.fromEntries([...stdout.matchAll(/(STRIPE_\w+)=(whsec_\w+)/g)].map(([, name = '', secret = '']) => [name, secret])) };
}

beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'processes', migrate: () => Promise.resolve() });
  const redisUrl = await emptyTestRedis();
  shared = { LOG_LEVEL: 'warn', DATABASE_URL: database.url, ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }) };
  for (const name of [...SUBGRAPHS, 'gateway']) ports.set(name, await findFreePort());
  await startStripe();
  await Promise.all(SUBGRAPHS.map(start));
  const urls = Object.fromEntries(SUBGRAPHS.map((name) => [`${name.toUpperCase()}_URL`, at(name, '/graphql')]));
  const gateway = startProcess(process.execPath, [mainOf('gateway')], { ...shared, ...urls, PORT: String(ports.get('gateway')), ADMIN_API_TOKEN: ADMIN_TOKEN, CALLER_PRIVATE_KEY: keys.privateKey });
  running.set('gateway', gateway);
  await untilReady(at('gateway', '/readyz'), gateway);
  client = createGraphqlClient(at('gateway', ''));
  const { signUp } = await client.ask<{ signUp: { customer: { id: string; license: object; subscription: object }; session: { token: string } } }>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  expect(signUp.customer).toMatchObject({ subscription: { status: 'TRIALING', plan: { key: 'TRIAL' } }, license: { claims: { customerName: 'Acme Corp' } } });
  customerId = signUp.customer.id;
  user = client.as({ bearer: signUp.session.token });
  const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
  instance = client.as({ apiKey: createApiKey.secret });
});
afterAll(async () => {
  await Promise.all([...running.values()].map((started) => started.stop()));
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const report = (numbers: Record<string, number>): Promise<{ reportUsage: { accepted: number } }> => instance.ask('mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }', { input: { instance: 'prod', reports: [reportOf({ minutesAgo: 1, ...numbers })] } });

describe('separate processes', () => {
  it('serve the operator with the token of the environment', async () => {
    expect(await client.as({ bearer: ADMIN_TOKEN }).ask('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 1 } });
  });

  it('a checkout at a Stripe elsewhere comes back as a webhook through the gateway, and becomes a license', async () => {
    expect(Object.keys(stripe)).toEqual(expect.arrayContaining(['STRIPE_WEBHOOK_SECRET', 'STRIPE_THIN_WEBHOOK_SECRET']));
    const { createCheckoutSession } = await user.ask<{ createCheckoutSession: { url: string } }>('mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }', { input: { customerId, plan: 'STARTER', successUrl: at('gateway', '/'), cancelUrl: at('gateway', '/') } });
    const paid = await fetch(createCheckoutSession.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card: '4242424242424242' }) });
    expect(paid.status).toBe(303);
    await waitFor(async () => expect(await user.ask('query ($id: ID!) { customer(id: $id) { subscription { plan { key } } license { claims } invoices { edges { node { status } } } } }', { id: customerId })).toMatchObject({ customer: { subscription: { plan: { key: 'STARTER' } }, license: { claims: { plan: 'starter' } }, invoices: { edges: [{ node: { status: 'PAID' } }] } } }), { interval: 100 });
  });

  it.each(SUBGRAPHS)('%s, reached directly, refuses whoever is not the gateway, _entities and _service included', async (name) => {
    for (const query of ['{ __typename }', '{ _service { sdl } }', `{ _entities(representations: [{ __typename: "Customer", id: "${customerId}" }]) { __typename } }`]) {
      for (const headers of [{}, { authorization: `Bearer ${ADMIN_TOKEN}` }, { 'x-iotistic-caller': 'eyJhbGciOiJub25lIn0.e30.' }] as Record<string, string>[]) {
        const response = await fetch(at(name, '/graphql'), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query }) });
        expect([response.status, ((await response.json()) as { errors: { extensions: { code: string } }[]; data?: unknown }).errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
      }
    }
  });

  it('a subscriber receives joined reports before, and after its subgraph was restarted', async () => {
    const live = user.live('subscription ($id: ID!) { usageReported(customerId: $id) { activeDevices instance { name } customer { companyName subscription { plan { name } } license { status } } } }', { id: customerId });
    await live.opened;
    const seen = (devices: number): Promise<void> =>
      waitFor(async () => {
        await report({ activeDevices: devices });
        expect(live.received.map(({ data }) => data)).toContainEqual({ usageReported: { activeDevices: devices, instance: { name: 'prod' }, customer: { companyName: 'Acme Corp', subscription: { plan: { name: 'Starter' } }, license: { status: 'ACTIVE' } } } });
      }, { interval: 200 });
    await seen(3);
    await running.get('usage')?.stop('SIGKILL');
    const down = await user.send('query ($id: ID!) { customer(id: $id) { companyName latestUsage { activeDevices } } }', { id: customerId });
    expect(down).toMatchObject({ status: 200, data: { customer: { companyName: 'Acme Corp', latestUsage: null } }, errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } }] });
    await start('usage');
    await seen(4);
    await live.stop();
  });

  it('while customers is down an instance that was seen before still reports and fetches its license', async () => {
    await report({ activeDevices: 5 });
    await running.get('customers')?.stop('SIGKILL');
    expect((await report({ activeDevices: 6 })).reportUsage.accepted).toBe(1);
    const fetched = await instance.ask<{ fetchLicense: { license: { token: string } } }>('mutation { fetchLicense(input: { instance: "prod" }) { license { token } } }');
    expect(fetched.fetchLicense.license.token.split('.')).toHaveLength(3);
    await start('customers');
    await waitFor(async () => expect((await user.send('query ($id: ID!) { customer(id: $id) { companyName } }', { id: customerId })).errors).toBeUndefined());
  });

  it('readiness names the part that is down', async () => {
    await running.get('billing')?.stop('SIGKILL');
    await waitFor(async () => {
      const response = await fetch(at('gateway', '/readyz'));
      expect([response.status, (await response.text()).includes('billing')]).toEqual([503, true]);
    });
    expect((await fetch(at('gateway', '/healthz'))).status).toBe(200);
    await start('billing');
    await waitFor(async () => expect((await fetch(at('gateway', '/readyz'))).status).toBe(200));
  });

  it('end on SIGTERM with 0, closing their sockets with 1001', async () => {
    const live = user.live('subscription ($id: ID!) { usageReported(customerId: $id) { id } }', { id: customerId });
    await live.opened;
    expect(await running.get('gateway')?.stop('SIGTERM')).toBe(0);
    expect(await live.ended).toMatchObject({ code: 1001 });
    for (const name of SUBGRAPHS) expect([name, await running.get(name)?.stop('SIGTERM')]).toEqual([name, 0]);
  });
});
