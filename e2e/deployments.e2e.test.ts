/** Fifty deployments while workers are killed, put to sleep and lose their queue: the workers are processes, as `npm run start:customers` starts them. */
import { generateKeyPairSync } from 'node:crypto';
import { systemClock } from '@iotistic/chassis/clock';
import { openDatabase } from '@iotistic/chassis/database';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createLog } from '@iotistic/chassis/log';
import { CALLER_HEADER, type Caller } from '@iotistic/contracts/caller';
import type { CustomersTables } from '@iotistic/customers/repository/tables';
import { createCallerSigner } from '@iotistic/gateway/caller';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf } from './built.ts';

const DEPLOYMENTS = 50;
const KILL_EVERY_MS = 1_000;
/** Long enough that each worker dies more than once; what is left then is done in peace. */
const MAX_KILLS = 8;
const ADMIN: Caller = { kind: 'admin', name: 'operator' };

const keys = generateKeyPairSync('ed25519');
const signCaller = createCallerSigner(keys.privateKey, systemClock);
const log = createLog({ level: 'silent', name: 'test' });
// One of its own: it is emptied in the middle.
const redis: TestRedis | null = await findRedis({ PATH: process.env['PATH'] });
if (redis === null) process.stderr.write('no redis-server on the PATH: deployments on Redis are skipped\n');
beforeAll(build);
afterAll(() => redis?.stop());

interface Worker {
  port: number;
  process: StartedProcess;
  isReady: boolean;
}

describe.each([['PostgreSQL'], ['Redis']] as const)('deployments on %s', (kind) => {
  describe.skipIf(kind === 'Redis' && redis === null)('whose workers are killed every second', () => {
    let database: TestDatabase;
    let customers: ReturnType<typeof openDatabase<CustomersTables>>;
    let workers: Worker[] = [];
    let isOver = false;

    async function startWorker(): Promise<Worker> {
      const port = await findFreePort();
      const started = startProcess(process.execPath, [mainOf('subgraphs/customers')], {
        PORT: String(port),
        DATABASE_URL: database.url,
        CALLER_PUBLIC_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        LOG_LEVEL: 'warn',
        SIMULATED_DEPLOYMENT_MS: '400',
        QUEUE_CONCURRENCY: '3',
        QUEUE_BACKOFF_DELAY: '500',
        ...(kind === 'Redis' && redis !== null ? { REDIS_URL: redis.url } : {}),
      });
      const worker: Worker = { port, process: started, isReady: false };
      workers.push(worker);
      await untilReady(`http://127.0.0.1:${port}/readyz`, started).then(() => {
        worker.isReady = true;
      }, (error: unknown) => {
        if (!isOver) throw error;
      });
      return worker;
    }

    async function ask<T>(worker: Worker, query: string, variables: object): Promise<T> {
      const headers = { 'content-type': 'application/json', [CALLER_HEADER]: await signCaller(ADMIN, 'customers') };
      const response = await fetch(`http://127.0.0.1:${worker.port}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
      expect(errors).toBeUndefined();
      return data;
    }

    const rows = () => customers.db.selectFrom('deployments').selectAll().orderBy('created_at').orderBy('id').execute();
    const countOver = async (): Promise<number> => (await rows()).filter(({ status }) => status === 'SUCCEEDED' || status === 'FAILED').length;

    beforeAll(async () => {
      database = await createTestDatabase({ template: 'deployments', migrate: () => Promise.resolve() });
      const worker = await startWorker();
      customers = openDatabase<CustomersTables>({ url: database.url, schema: 'customers', log });
      const { createCustomer } = await ask<{ createCustomer: { customer: { id: string } } }>(worker, 'mutation { createCustomer(input: { email: "fleet@example.com" }) { customer { id } } }', {});
      const { id } = createCustomer.customer;
      await customers.db.insertInto('subscriptions').values({ customer_id: id, plan: 'ENTERPRISE', licensed_until: null, version: 1 }).execute();
      for (let index = 0; index < DEPLOYMENTS; index += 1) await ask(worker, 'mutation ($id: ID!, $name: String!) { createInstance(input: { customerId: $id, name: $name, deploy: true }) { instance { id } } }', { id, name: `plant-${index}` });
      await Promise.all([startWorker(), startWorker()]);
    }, 120_000);
    afterAll(async () => {
      isOver = true;
      await Promise.all(workers.map((worker) => worker.process.stop('SIGKILL')));
      await customers.close();
      await database.drop();
    });

    /** Kills one that works every second, and starts another in its place, until all is done or enough have died. */
    async function killWorkers(): Promise<number> {
      const replacements: Promise<unknown>[] = [];
      let kills = 0;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve, reject) => {
        timer = setInterval(() => {
          const victim = workers.find(({ isReady }) => isReady);
          if (victim === undefined) return;
          workers = workers.filter((worker) => worker !== victim);
          kills += 1;
          replacements.push(victim.process.stop('SIGKILL'), startWorker());
          if (kills === MAX_KILLS) resolve();
          if (kills === MAX_KILLS / 2 && kind === 'Redis' && redis !== null) flush(redis.url).catch(reject);
        }, KILL_EVERY_MS);
      });
      clearInterval(timer);
      await Promise.all(replacements);
      return kills;
    }

    it(`ends with each of ${DEPLOYMENTS} done exactly once, also when its worker sleeps and wakes later${kind === 'Redis' ? ', and the queue is emptied in the middle' : ''}`, async () => {
      // One sleeps in the middle of its work, and is nobody's victim.
      const [sleeper] = workers.splice(0, 1) as [Worker];
      await waitFor(async () => expect((await rows()).some(({ status }) => status === 'RUNNING')).toBe(true));
      sleeper.process.child.kill('SIGSTOP');
      const replacement = startWorker();
      await killWorkers();
      await replacement;
      await waitFor(async () => expect(await countOver()).toBe(DEPLOYMENTS), { timeout: 120_000, interval: 250 });
      const done = await rows();
      sleeper.process.child.kill('SIGCONT');
      await untilReady(`http://127.0.0.1:${sleeper.port}/readyz`, sleeper.process);
      await ask(sleeper, '{ deployments { totalCount } }', {});

      expect(done.map(({ status, attempts, progress }) => `${status} ${attempts} ${progress}`)).toEqual(Array.from({ length: DEPLOYMENTS }, () => 'SUCCEEDED 1 100'));
      expect(done.some(({ fence }) => fence > 1), 'some worker died at work').toBe(true);
      const told = await customers.db.selectFrom('outbox').select('payload').where('name', '=', 'deployment.changed').execute();
      const ends = told.map(({ payload }) => payload as unknown as { deploymentId: string; status: string }).filter(({ status }) => status === 'SUCCEEDED');
      expect(ends.map(({ deploymentId }) => deploymentId).toSorted()).toEqual(done.map(({ id }) => id).toSorted());
      const inForce = await customers.db.selectFrom('api_keys').select('deployment_id').where('revoked_at', 'is', null).execute();
      expect(inForce.map(({ deployment_id: id }) => `${id}`).toSorted()).toEqual(done.map(({ id }) => id).toSorted());
      await sleeper.process.stop();
      expect(await rows()).toEqual(done);
    }, 300_000);
  });
});

async function flush(url: string): Promise<void> {
  const client = new Redis(url);
  await client.flushall();
  client.disconnect();
}
