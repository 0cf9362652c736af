/** What docker-compose.yml runs, run: its commands, environments, order and health checks, on PostgreSQL and (in the half of the suites that has it) Redis; Stripe is the simulator, as another process. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@iotistic/chassis/free-port';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { ComposedPlane } from './composed-plane.ts';
import { SIGN_UP } from './documents.ts';

const ADMIN_TOKEN = 'an-admin-token-for-tests';
const folder = mkdtempSync(join(tmpdir(), 'iotistic-composed-'));
let database: TestDatabase;
let simulator: StartedProcess;
let plane: ComposedPlane;
let client: GraphqlClient;
let user: GraphqlClient;
let customerId: string;

const run = (script: string, args: readonly string[], environment: Record<string, string>): Promise<{ stdout: string }> => promisify(execFile)(process.execPath, [join(ROOT, script), ...args], { env: { PATH: process.env['PATH'] ?? '', ...environment } });

/** A simulated Stripe, and what of it stands in .env once `npm run stripe:sync` has printed it. */
async function startStripe(gatewayUrl: string): Promise<Record<string, string>> {
  const port = await findFreePort();
  simulator = startProcess(process.execPath, [mainOf('stripe-simulator')], { PORT: String(port), DATA_DIR: join(folder, 'stripe') });
  await untilReady(`http://127.0.0.1:${port}/_sim/health`, simulator);
  const stripe = { STRIPE_SECRET_KEY: 'sk_test_composed', STRIPE_API_URL: `http://127.0.0.1:${port}` };
  const { stdout } = await run('subgraphs/billing/dist/stripe-sync.js', ['--webhook-url', `${gatewayUrl}/api/webhooks/stripe`], stripe);
  return { ...stripe, ...Object.fromEntries([...stdout.matchAll(/(STRIPE_\w+)=(whsec_\w+)/g)].map(([, name = '', secret = '']) => [name, secret])) };
}

beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'composed', migrate: () => Promise.resolve() });
  const ports = await ComposedPlane.choosePorts();
  const stripe = await startStripe(`http://127.0.0.1:${ports.get('gateway:3100')}`);
  plane = new ComposedPlane({
    environment: { POSTGRES_PASSWORD: 'is-not-used-here', ADMIN_API_TOKEN: ADMIN_TOKEN, LOG_LEVEL: 'warn', SIMULATE_K8S_DEPLOYMENT: 'true', ...stripe },
    databaseUrl: database.url,
    usesRedis: (process.env['TEST_REDIS_URL'] ?? '') !== '',
    folder,
    ports,
  });
}, 120_000);
afterAll(async () => {
  await plane?.down();
  await simulator?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the services of docker-compose.yml', () => {
  it('the job of the Helm chart prepares every schema beforehand, and finds nothing to do the second time', async () => {
    for (const round of [1, 2]) {
      const said = await Promise.all(SUBGRAPH_NAMES.map((name) => run(`subgraphs/${name}/dist/migrate.js`, [], { DATABASE_URL: database.url, LOG_LEVEL: 'warn' })));
      expect(said.map(({ stdout }) => stdout.split(':')[0]), `round ${round}`).toEqual(SUBGRAPH_NAMES.map((name) => `The schema ${name} is up to date`));
    }
  });

  it('become healthy one after another, by their own checks', async () => {
    await plane.up([]);
    expect((await fetch(`${plane.url('gateway', 3100)}/readyz`)).status).toBe(200);
    expect(plane.output('keys')).toContain('caller-private.pem: CALLER_PRIVATE_KEY_FILE of the gateway');
  }, 240_000);

  it('serve a sign-up, and the operator', async () => {
    client = createGraphqlClient(plane.url('gateway', 3100));
    const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
    expect(signUp.customer).toMatchObject({ subscription: { status: 'TRIALING' }, license: { claims: { customerName: 'Acme Corp' } } });
    customerId = signUp.customer.id;
    user = client.as({ bearer: signUp.session.token });
    expect(await client.as({ bearer: ADMIN_TOKEN }).ask('{ customers { totalCount } }')).toEqual({ customers: { totalCount: 1 } });
  });

  it('sell: a checkout comes back as a webhook through the gateway, and becomes a license', async () => {
    const { createCheckoutSession } = await user.ask<{ createCheckoutSession: { url: string } }>('mutation ($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }', { input: { customerId, plan: 'STARTER', successUrl: 'http://127.0.0.1:3100/', cancelUrl: 'http://127.0.0.1:3100/' } });
    expect((await fetch(createCheckoutSession.url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ card: '4242424242424242' }) })).status).toBe(303);
    await waitFor(async () => expect(await user.ask('query ($id: ID!) { customer(id: $id) { subscription { plan { key } } license { claims } } }', { id: customerId })).toMatchObject({ customer: { subscription: { plan: { key: 'STARTER' } }, license: { claims: { plan: 'starter' } } } }), { interval: 200 });
  });

  it('deploy an instance, played since .env asks for it, by the workers that are in their processes', async () => {
    await user.ask('mutation ($input: CreateInstanceInput!) { createInstance(input: $input) { instance { id } } }', { input: { customerId, name: 'played', deploy: true } });
    await waitFor(async () => expect(await user.ask('query ($id: ID!) { customer(id: $id) { deployments { edges { node { status progress } } } } }', { id: customerId })).toEqual({ customer: { deployments: { edges: [{ node: { status: 'SUCCEEDED', progress: 100 } }] } } }), { timeout: 50_000, interval: 500 });
  });

  it('with the profile demo an agent reports, its report arrives live, and it holds its license', async () => {
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'demo' } });
    const live = user.live('subscription ($id: ID!) { usageReported(customerId: $id) { activeDevices instance { name } customer { companyName subscription { plan { key } } } } }', { id: customerId });
    await live.opened;
    await plane.up(['demo'], { IOTISTIC_API_KEY: createApiKey.secret });
    await waitFor(() => expect(live.received.map(({ data }) => data)).toContainEqual({ usageReported: { activeDevices: 4, instance: { name: 'demo' }, customer: { companyName: 'Acme Corp', subscription: { plan: { key: 'STARTER' } } } } }), { timeout: 45_000, interval: 200 });
    await waitFor(async () => expect(await (await fetch(`${plane.url('agent', 3002)}/api/v1/license`)).json()).toMatchObject({ state: 'licensed', plan: 'starter' }), { interval: 200 });
    expect(readFileSync(join(folder, 'data/agent/license.jwt'), 'utf8').trim().split('.')).toHaveLength(3);
    await live.stop();
  }, 240_000);

  it('end on SIGTERM with 0, who depends on others first', async () => {
    const ends = await plane.down();
    // A few lines of script; in its container the init ends it.
    const { product, ...rest } = ends;
    expect(product).toBe('SIGTERM');
    for (const name of [...SUBGRAPH_NAMES, 'gateway', 'agent']) expect([name, rest[name]]).toEqual([name, 0]);
    expect(Object.values(rest).every((end) => end === 0)).toBe(true);
  });

  it('keep their keys at the next start', async () => {
    const { stdout } = await run('control-plane/dist/generate-keys.js', [join(folder, 'keys'), '--keep'], { NODE_ENV: 'production' });
    expect(stdout).toContain('are kept');
  });
});
