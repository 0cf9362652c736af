/** Redis that is paused, full, flushed or gone: what is asked of the plane is done, /readyz says what is wrong, the log stays short, and the queues catch up. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { findRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from '../built.ts';
import { reportOf, SIGN_UP } from '../documents.ts';

const probe = await findRedis({ PATH: process.env['PATH'] });
await probe?.stop();
if (probe === null) process.stderr.write("no redis-server (Debian's package): the faults of Redis are skipped\n");

const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';
const HEALED = { timeout: 150_000, interval: 250 };
/** Of a process that says each of its errors once a second, in some seconds. */
const MAX_LOG_BYTES = 1_000_000;

describe.skipIf(probe === null)('Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-redis-faults-'));
  let redisPort: number;
  let server: StartedProcess;
  let control: Redis;
  let database: TestDatabase;
  let looking: pg.Client;
  let plane: StartedProcess;
  let url: string;
  let user: GraphqlClient;
  let instance: GraphqlClient;
  let customerId: string;
  let messages = 0;

  async function startRedis(): Promise<void> {
    server = startProcess('redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], {});
    await waitFor(() => expect(server.output()).toContain('Ready to accept connections'));
  }

  beforeAll(async () => {
    await build();
    redisPort = await findFreePort();
    await startRedis();
    control = new Redis(redisPort, '127.0.0.1', { maxRetriesPerRequest: null }).on('error', () => undefined);
    database = await createTestDatabase({ template: 'plane', migrate: () => Promise.resolve() });
    looking = new pg.Client({ connectionString: database.url });
    await looking.connect();
    const port = await findFreePort();
    url = `http://127.0.0.1:${port}`;
    plane = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(port), DATA_DIR: join(folder, 'plane'), DATABASE_URL: database.url, REDIS_URL: `redis://127.0.0.1:${redisPort}`, LOG_LEVEL: 'warn' }, { cwd: ROOT });
    await untilReady(`${url}/readyz`, plane, 240_000);
    const client = createGraphqlClient(url);
    const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'redis@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
    customerId = signUp.customer.id;
    user = client.as({ bearer: signUp.session.token });
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
    instance = client.as({ apiKey: createApiKey.secret });
  }, 600_000);
  afterAll(async () => {
    await plane?.stop('SIGKILL');
    control?.disconnect();
    await looking?.end();
    await server?.stop('SIGKILL');
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Each is answered, and as done. */
  async function report(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const { reportUsage } = await instance.ask<{ reportUsage: { accepted: number } }>(REPORT, { input: { instance: 'prod', reports: [reportOf({ minutesAgo: 1, mqttMessagesPublished: 1 })] } });
      expect(reportUsage.accepted).toBe(1);
      messages += 1;
    }
  }

  async function readiness(): Promise<{ status: number; queue: string | undefined }> {
    const response = await fetch(`${url}/readyz`);
    const { dependencies } = (await response.json()) as { dependencies: Record<string, string> };
    return { status: response.status, queue: dependencies['queue'] };
  }

  /** Billing hears of usage by the queues only. */
  async function metered(): Promise<number> {
    const quantity = await waitFor(async () => {
      const { rows } = await looking.query<{ quantity: string }>("select quantity from billing.metered_quantities where customer_id = $1 and meter = 'MQTT_MESSAGES'", [customerId]);
      expect(Number(rows[0]?.quantity ?? 0)).toBe(messages);
      return Number(rows[0]?.quantity);
    }, HEALED);
    await waitFor(async () => expect(await readiness()).toEqual({ status: 200, queue: 'ready' }), HEALED);
    return quantity;
  }

  const notReady = (): Promise<void> => waitFor(async () => expect(await readiness()).toEqual({ status: 503, queue: 'unavailable' }), HEALED);

  it('that is there is a dependency by its name, and usage comes to billing', async () => {
    await report(3);
    expect(await metered()).toBe(messages);
  }, 240_000);

  it('that is paused makes nobody wait for it, and is named in /readyz', async () => {
    await control.call('CLIENT', 'PAUSE', '10000', 'ALL');
    await report(10);
    await notReady();
    expect(await metered()).toBe(messages);
  }, 360_000);

  it('that is full is named in /readyz, fills no log, and is filled when it has room again', async () => {
    const before = plane.output().length;
    await control.config('SET', 'maxmemory', '1');
    await notReady();
    await report(20);
    await user.ask('mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } } }', { input: { id: customerId, companyName: 'Acme Ltd' } });
    await waitFor(() => expect(plane.output().slice(before)).toContain('"repeated":'), HEALED);
    expect(plane.output().length - before).toBeLessThan(MAX_LOG_BYTES);
    await control.config('SET', 'maxmemory', '0');
    expect(await metered()).toBe(messages);
  }, 360_000);

  it('that is flushed in the middle of the load has all its work again', async () => {
    await Promise.all([report(40), control.flushall(), report(10)]);
    await control.flushall();
    await report(1);
    expect(await metered()).toBe(messages);
  }, 360_000);

  it('that is killed and comes back is worked with again, and reports were taken meanwhile', async () => {
    const before = plane.output().length;
    await server.stop('SIGKILL');
    await report(10);
    await notReady();
    expect(plane.output().length - before).toBeLessThan(MAX_LOG_BYTES);
    await startRedis();
    await report(1);
    expect(await metered()).toBe(messages);
  }, 360_000);

  it('does not hold the end of the plane up while it is away', async () => {
    await server.stop('SIGKILL');
    await notReady();
    expect(await plane.stop('SIGTERM')).toBe(0);
  }, 120_000);
});
