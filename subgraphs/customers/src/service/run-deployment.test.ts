import { createMetrics } from '@iotistic/chassis/metrics';
import { loadConfig } from '@iotistic/chassis/config';
import { openDatabase } from '@iotistic/chassis/database';
import type { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CustomersApp } from '../app.ts';
import type { Cluster, StepRun } from '../clients/cluster.ts';
import { customersConfig } from '../config.ts';
import type { Deployment } from '../domain/deployment.ts';
import { DeploymentFailure } from '../domain/deployment-failure.ts';
import { findDeployments } from '../repository/deployments.ts';
import type { CustomersTables } from '../repository/tables.ts';
import { ADMIN, prepareDatabase } from '../under-test.ts';
import { continueDeployments } from './continue-deployments.ts';
import { createInstance } from './create-instance.ts';
import { createDeploymentMetrics } from './deployment-metrics.ts';
import { recordSubscription } from './record-subscription.ts';
import { removeInstance } from './remove-instance.ts';
import { removeUnlicensed } from './remove-unlicensed.ts';
import { retryDeployment } from './retry-deployment.ts';
import { runDeployment } from './run-deployment.ts';

type App = Pick<CustomersApp, 'db' | 'clock' | 'live' | 'log' | 'config' | 'cluster' | 'deploymentMetrics' | 'work'>;
type Row = CustomersTables['deployments'];

const clock = createTestClock();
const DAY = { days: 1 };
let database: TestDatabase;
let opened: ReturnType<typeof openDatabase<CustomersTables>>;
let app: App;
/** What the cluster was asked for, in order. */
let asked: string[];
/** What it does at a step instead of going on. */
let at: Partial<Record<keyof Cluster, (run: StepRun) => Promise<void> | void>>;
/** The jobs that were sent. */
let sent: { id: string; deploymentId: string }[];
/** Ids of the jobs that the queue knows of. */
let pending: Set<string>;

const silent = { warn: () => undefined, error: () => undefined, info: () => undefined, debug: () => undefined } as unknown as CustomersApp['log'];
const deaf = { publish: () => Promise.resolve(), subscribe: () => () => undefined, onGap: () => () => undefined } as unknown as CustomersApp['live'];

const fakeCluster = new Proxy({} as Cluster, {
  get: (_target, step: keyof Cluster) => async (...args: unknown[]) => {
    asked.push(step);
    const run = args.at(-1) as StepRun;
    run.log(`${step} is done`);
    await at[step]?.(run);
  },
});

beforeAll(async () => {
  database = await createTestDatabase({ template: 'customers', migrate: prepareDatabase });
  opened = openDatabase<CustomersTables>({ url: database.url, schema: 'customers', log: silent });
  app = {
    db: opened.db,
    clock,
    live: deaf,
    log: silent,
    config: loadConfig(customersConfig, { REMOVE_UNLICENSED_AFTER_DAYS: '10', QUEUE_BACKOFF_DELAY: '1' }),
    cluster: fakeCluster,
    deploymentMetrics: createDeploymentMetrics(createMetrics()),
    work: {
      add: (_name, id, data) => {
        sent.push({ id, deploymentId: (data as { deploymentId: string }).deploymentId });
        pending.add(id);
        return Promise.resolve();
      },
      isPending: (_name, id) => Promise.resolve(pending.has(id)),
    },
  };
});
beforeEach(() => {
  asked = [];
  at = {};
  sent = [];
  pending = new Set();
});
afterAll(async () => {
  await opened.close();
  await database.drop();
});

async function newCustomer(): Promise<string> {
  const id = newId('cust');
  await opened.db.insertInto('customers').values({ id, email: `${id}@example.com`, company_name: null, full_name: null, status: 'ACTIVE', created_at: clock.now(), updated_at: clock.now(), deactivated_at: null, deactivation_reason: null }).execute();
  await recordSubscription(app, { customerId: id, plan: 'STARTER', status: 'ACTIVE', trialEndsAt: null, currentPeriodEndsAt: clock.now().toISOString(), endsAt: clock.now().toISOString(), version: 1, updatedAt: clock.now().toISOString(), entitlements: { features: {}, limits: {}, included: {} } } as never);
  return id;
}

const newestOf = async (customerId: string): Promise<string> => (await opened.db.selectFrom('deployments').select('id').where('customer_id', '=', customerId).orderBy('created_at', 'desc').limit(1).executeTakeFirstOrThrow()).id;
const read = async (id: string): Promise<Deployment> => (await findDeployments(opened.db, [id]))[0] as Deployment;
const put = (id: string, values: Partial<Row> | object): Promise<unknown> => opened.db.updateTable('deployments').set(values).where('id', '=', id).execute();
const logOf = async (id: string): Promise<string[]> => (await opened.db.selectFrom('deployment_log_lines').select('line').where('deployment_id', '=', id).orderBy('position').execute()).map(({ line }) => line);
const keysOf = async (id: string, inForce = true): Promise<number> => (await opened.db.selectFrom('api_keys').select('id').where('deployment_id', '=', id).where('revoked_at', inForce ? 'is' : 'is not', null).execute()).length;
const toldOf = async (id: string): Promise<string[]> => {
  const rows = await opened.db.selectFrom('outbox').select('payload').where('name', '=', 'deployment.changed').orderBy('position').execute();
  return rows.map((row) => row.payload as unknown as { deploymentId: string; status: string }).filter((payload) => payload.deploymentId === id).map((payload) => payload.status);
};

async function newDeployment(name = 'prod'): Promise<{ id: string; customerId: string; instanceId: string }> {
  const customerId = await newCustomer();
  const instance = await createInstance(app, ADMIN, { customerId, name, deploy: true });
  return { id: await newestOf(customerId), customerId, instanceId: instance.id };
}

/** A worker's turn with the job that was queued last; answers what it threw. */
async function work(id: string, over: { attempt?: number; closing?: AbortSignal; app?: Partial<App> } = {}): Promise<string | null> {
  const { jobId } = await read(id);
  const quiet = { log: () => Promise.resolve(), progress: () => Promise.resolve() };
  return runDeployment({ ...app, ...over.app }, id, { id: jobId, attempt: over.attempt ?? 1, closing: over.closing ?? new AbortController().signal, ...quiet }).then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
}
const leaseOver = (id: string): Promise<unknown> => put(id, { lease_until: sql`clock_timestamp() - interval '1 second'` });

const STEPS = ['ensureNamespace', 'applySecret', 'upgradeRelease', 'awaitRollout', 'checkHealth'];

describe('a deployment', () => {
  it('takes its steps in order and stands, with one key, told at each change of status', async () => {
    const { id } = await newDeployment();
    expect(sent).toEqual([{ id: (await read(id)).jobId, deploymentId: id }]);
    expect(await work(id)).toBeNull();
    expect(asked).toEqual(STEPS);
    expect(await read(id)).toMatchObject({ status: 'SUCCEEDED', progress: 100, step: 'finish', attempts: 1, reason: null, url: expect.stringMatching(/^https:\/\/prod-[0-9a-f]{8}\.instances\.localhost\/$/) as unknown, finishedAt: clock.now(), deployedAt: clock.now() });
    expect(await keysOf(id)).toBe(1);
    expect(await toldOf(id)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED']);
    expect(await logOf(id)).toEqual(['queued', 'attempt 1 of 3 begins', 'the customer may deploy (STARTER)', ...STEPS.map((step) => `${step} is done`), 'the instance is deployed']);
  });

  it('tells its queue how far it is, up to the end', async () => {
    const { id } = await newDeployment();
    const told: number[] = [];
    const progress = (percent: number): Promise<void> => Promise.resolve(void told.push(percent));
    await runDeployment(app, id, { id: (await read(id)).jobId, attempt: 1, closing: new AbortController().signal, log: () => Promise.resolve(), progress });
    expect(told.at(-1)).toBe(100);
    expect(told).toEqual([...new Set(told)].toSorted((one, other) => one - other));
  });

  it('that is done is not done again, by the same job or by one of before', async () => {
    const { id } = await newDeployment();
    await work(id);
    const before = await read(id);
    expect(await work(id)).toBeNull();
    await put(id, { job_id: 'another' });
    expect(await runDeployment(app, id, { id: before.jobId, attempt: 1, closing: new AbortController().signal, log: () => Promise.resolve(), progress: () => Promise.resolve() })).toBeUndefined();
    expect(await runDeployment(app, newId('depl'), { id: 'x', attempt: 1, closing: new AbortController().signal, log: () => Promise.resolve(), progress: () => Promise.resolve() })).toBeUndefined();
    expect(asked).toEqual(STEPS);
    expect(await read(id)).toEqual({ ...before, jobId: 'another' });
  });

  it.each([
    ['check', STEPS],
    ['namespace', STEPS],
    ['secret', STEPS.slice(1)],
    ['release', STEPS.slice(2)],
    ['rollout', STEPS.slice(3)],
    ['health', STEPS.slice(4)],
    ['finish', []],
  ])('whose worker was killed at %s goes on there, in the same attempt, with one key', async (step, rest) => {
    const { id, customerId } = await newDeployment();
    await put(id, { status: 'RUNNING', step, attempts: 1, fence: 1, started_at: clock.now(), deadline_at: sql`clock_timestamp() + interval '1 minute'`, lease_until: sql`clock_timestamp() - interval '1 second'` });
    if (step !== 'check' && step !== 'namespace') await opened.db.insertInto('api_keys').values({ id: newId('akey'), customer_id: customerId, name: 'of the dead', prefix: 'iotk_', secret_sha256: newId('key'), created_at: clock.now(), last_used_at: null, revoked_at: null, deployment_id: id }).execute();
    expect(await work(id)).toBeNull();
    expect(asked).toEqual(rest);
    expect(await read(id)).toMatchObject({ status: 'SUCCEEDED', attempts: 1, fence: 2 });
    expect(await keysOf(id)).toBe(1);
    expect(await toldOf(id)).toEqual(['QUEUED', 'SUCCEEDED']);
  });

  it('whose worker sleeps is taken over; when that one wakes it changes nothing and stops', async () => {
    const { id } = await newDeployment();
    let wake = (): void => undefined;
    let signal: AbortSignal | null = null;
    at.awaitRollout = (run) => {
      signal = run.signal;
      delete at.awaitRollout;
      return new Promise((resolve) => {
        wake = resolve;
      });
    };
    const sleeper = work(id);
    await waitFor(() => expect(signal).not.toBeNull());
    await leaseOver(id);
    expect(await work(id)).toBeNull();
    const after = await read(id);
    expect(after).toMatchObject({ status: 'SUCCEEDED', fence: 2, attempts: 1 });
    await waitFor(() => expect(signal?.aborted).toBe(true));
    wake();
    expect(await sleeper).toBeNull();
    expect(await read(id)).toEqual(after);
    expect(await toldOf(id)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED']);
    expect(await keysOf(id)).toBe(1);
  });

  it('is in one hand at a time: a second job waits, and finds it done', async () => {
    const { id } = await newDeployment();
    let go = (): void => undefined;
    at.awaitRollout = () => new Promise((resolve) => {
      go = resolve;
    });
    const [first, second] = [work(id), waitFor(() => expect(asked).toContain('awaitRollout')).then(() => work(id))];
    await waitFor(() => expect(asked).toContain('awaitRollout'));
    go();
    expect(await Promise.all([first, second])).toEqual([null, null]);
    expect(asked).toEqual(STEPS);
  });

  it('that is handed back when the process ends goes on elsewhere, in the same attempt', async () => {
    const { id } = await newDeployment();
    const closing = new AbortController();
    at.awaitRollout = (run) => {
      delete at.awaitRollout;
      return new Promise((_resolve, reject) => {
        run.signal.addEventListener('abort', () => reject(run.signal.reason as Error));
        closing.abort();
      });
    };
    expect(await work(id, { closing: closing.signal })).toBe('the process ends; the deployment goes on elsewhere');
    expect(await read(id)).toMatchObject({ status: 'RUNNING', step: 'rollout', attempts: 1 });
    expect(await work(id)).toBeNull();
    expect(asked).toEqual([...STEPS.slice(0, 4), 'awaitRollout', 'checkHealth']);
    expect(await read(id)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
  });

  it('that kills every worker at the same step is given up, and cleared away', async () => {
    const { id } = await newDeployment();
    await put(id, { status: 'RUNNING', step: 'release', attempts: 1, fence: 20, interruptions: 20, started_at: clock.now(), lease_until: sql`clock_timestamp() - interval '1 second'` });
    expect(await work(id)).toMatch(/^WORKER_LOST/);
    expect(asked).toEqual(['uninstallRelease', 'deleteNamespace']);
    expect(await read(id)).toMatchObject({ status: 'FAILED', reason: 'WORKER_LOST' });
  });
});

describe('an attempt that fails', () => {
  it('is followed by two more; then what it left is cleared away, and its key ends', async () => {
    const { id } = await newDeployment();
    at.upgradeRelease = () => {
      throw new DeploymentFailure('HELM_FAILED', 'Error: no such chart');
    };
    expect([await work(id, { attempt: 1 }), await work(id, { attempt: 2 })]).toEqual(['HELM_FAILED: Error: no such chart', 'HELM_FAILED: Error: no such chart']);
    expect(await read(id)).toMatchObject({ status: 'QUEUED', attempts: 2, reason: 'HELM_FAILED', error: 'Error: no such chart' });
    expect(await keysOf(id)).toBeGreaterThan(0);
    await work(id, { attempt: 3 });
    expect(asked.slice(-2)).toEqual(['uninstallRelease', 'deleteNamespace']);
    expect(await read(id)).toMatchObject({ status: 'FAILED', step: 'clean-up', attempts: 3, reason: 'HELM_FAILED', finishedAt: clock.now(), url: null });
    expect(await keysOf(id)).toBe(0);
    expect(await toldOf(id)).toEqual(['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING', 'QUEUED', 'RUNNING', 'FAILED']);
  });

  it('for good has no second one', async () => {
    const { id } = await newDeployment();
    at.ensureNamespace = () => {
      throw new DeploymentFailure('NAMESPACE_TAKEN');
    };
    expect(await work(id)).toMatch(/^NAMESPACE_TAKEN/);
    expect(await read(id)).toMatchObject({ status: 'FAILED', attempts: 1, reason: 'NAMESPACE_TAKEN' });
  });

  it('says so, too, where nothing could be cleared away; and who is killed while clearing is followed by one who goes on with that', async () => {
    const { id } = await newDeployment();
    await put(id, { status: 'RUNNING', step: 'clean-up', attempts: 3, fence: 3, reason: 'HELM_FAILED', error: 'Error: x', started_at: clock.now(), lease_until: sql`clock_timestamp() - interval '1 second'` });
    at.uninstallRelease = () => {
      throw new DeploymentFailure('CLUSTER_UNREACHABLE', 'connection refused');
    };
    await work(id);
    expect(asked).toEqual(['uninstallRelease']);
    expect(await read(id)).toMatchObject({ status: 'FAILED', reason: 'HELM_FAILED', error: 'Error: x' });
    expect(await logOf(id)).toContain('not all of it could be cleared away: connection refused');
  });

  it('for its deadline ends what it began, and clears away all the same', async () => {
    const { id } = await newDeployment();
    at.awaitRollout = (run) => new Promise((_resolve, reject) => run.signal.addEventListener('abort', () => reject(new Error('killed'))));
    const hurried = { config: { ...app.config, DEPLOYMENT_DEADLINE_SECONDS: 0.3, QUEUE_MAX_RETRY: 1 } };
    expect(await work(id, { app: hurried })).toMatch(/^DEPLOYMENT_TIMED_OUT/);
    expect(await read(id)).toMatchObject({ status: 'FAILED', reason: 'DEPLOYMENT_TIMED_OUT' });
    expect(asked.slice(-2)).toEqual(['uninstallRelease', 'deleteNamespace']);
  });

  it('for a fault of ours says no more than that', async () => {
    const { id } = await newDeployment();
    at.upgradeRelease = () => {
      throw new TypeError('secret of iotk_123');
    };
    await work(id);
    expect(await read(id)).toMatchObject({ status: 'QUEUED', reason: 'UNEXPECTED', error: 'A fault of ours; the log of the worker has it.' });
  });

  it('leaves an instance that stood before alone', async () => {
    const { id, instanceId } = await newDeployment();
    await work(id);
    at.uninstallRelease = () => {
      throw new DeploymentFailure('NAMESPACE_TAKEN');
    };
    await removeInstance(app, ADMIN, { id: instanceId });
    asked = [];
    await work(id);
    expect(asked).toEqual(['uninstallRelease']);
    expect(await read(id)).toMatchObject({ status: 'FAILED', operation: 'REMOVE' });
    expect(await keysOf(id)).toBe(1);
  });
});

describe('who may deploy', () => {
  it('is looked at when it is asked for, and again when its turn comes', async () => {
    const { id, customerId } = await newDeployment();
    await put(id, { status: 'QUEUED' });
    clock.advance({ days: 8 });
    expect(await work(id)).toMatch(/^LICENSE_REQUIRED/);
    expect(await read(id)).toMatchObject({ status: 'FAILED', reason: 'LICENSE_REQUIRED' });
    const refused = async (asking: Promise<unknown>): Promise<string> => asking.then(() => 'nothing', (error: unknown) => (error as AppError).reason);
    expect(await refused(retryDeployment(app, ADMIN, { id }))).toBe('LICENSE_REQUIRED');
    expect(await refused(createInstance(app, ADMIN, { customerId, name: 'second', deploy: true }))).toBe('LICENSE_REQUIRED');
    expect(await refused(createInstance({ ...app, cluster: null }, ADMIN, { customerId, name: 'third', deploy: true }))).toBe('HELM_NOT_CONFIGURED');
  });

  it('is not who was deactivated, before or after', async () => {
    const { id, customerId } = await newDeployment();
    await opened.db.updateTable('customers').set({ status: 'DEACTIVATED', deactivated_at: clock.now() }).where('id', '=', customerId).execute();
    expect(await work(id)).toMatch(/^CUSTOMER_DEACTIVATED/);
    await expect(retryDeployment(app, ADMIN, { id })).rejects.toMatchObject({ reason: 'CUSTOMER_DEACTIVATED' });
  });

  it('with a poison job loses that one alone', async () => {
    const { id } = await newDeployment();
    const other = await newDeployment();
    await opened.db.deleteFrom('subscriptions').where('customer_id', 'in', [(await read(id)).customerId]).execute();
    clock.advance({ hours: 2 });
    at.upgradeRelease = () => {
      delete at.upgradeRelease;
      throw new DeploymentFailure('HELM_FAILED', 'poison');
    };
    await work(id);
    await work(other.id);
    expect([(await read(id)).status, (await read(other.id)).status]).toEqual(['QUEUED', 'SUCCEEDED']);
  });
});

describe('retry and removal', () => {
  it('are refused while a worker is at it, and answered as they are when asked twice', async () => {
    const { id, instanceId } = await newDeployment();
    expect(await retryDeployment(app, ADMIN, { id })).toMatchObject({ status: 'QUEUED', run: 1 });
    await put(id, { status: 'RUNNING', lease_until: sql`clock_timestamp() + interval '1 minute'` });
    await expect(retryDeployment(app, ADMIN, { id })).rejects.toMatchObject({ reason: 'DEPLOYMENT_RUNNING' });
    await expect(removeInstance(app, ADMIN, { id: instanceId })).rejects.toMatchObject({ reason: 'DEPLOYMENT_RUNNING' });
    await put(id, { status: 'SUCCEEDED', lease_until: null });
    await expect(retryDeployment(app, ADMIN, { id })).rejects.toMatchObject({ reason: 'NOTHING_TO_RETRY' });
    sent = [];
    await Promise.all([1, 2, 3].map(() => removeInstance(app, ADMIN, { id: instanceId })));
    expect(sent).toHaveLength(1);
    await work(id);
    expect(await read(id)).toMatchObject({ status: 'REMOVED', operation: 'REMOVE', progress: 100, url: null });
    expect(await keysOf(id)).toBe(0);
    await removeInstance(app, ADMIN, { id: instanceId });
    expect(sent).toHaveLength(1);
    await expect(retryDeployment(app, ADMIN, { id })).rejects.toMatchObject({ reason: 'DEPLOYMENT_REMOVED' });
  });

  it('of what was removed there is a new deployment under the old name, and of what stands none', async () => {
    const { id, customerId, instanceId } = await newDeployment();
    await expect(createInstance(app, ADMIN, { customerId, name: 'prod', deploy: true })).rejects.toMatchObject({ reason: 'NAME_TAKEN' });
    await put(id, { status: 'REMOVED', operation: 'REMOVE' });
    clock.advance(1);
    expect(await createInstance(app, ADMIN, { customerId, name: 'prod', deploy: true })).toMatchObject({ id: instanceId });
    expect(await newestOf(customerId)).not.toBe(id);
  });

  it('a retry that is pressed where queues are looked at counts; a job that merely comes twice does not', async () => {
    const { id } = await newDeployment();
    at.ensureNamespace = () => {
      throw new DeploymentFailure('NAMESPACE_TAKEN');
    };
    await work(id, { attempt: 1 });
    delete at.ensureNamespace;
    expect(await work(id, { attempt: 1 })).toBeNull();
    expect((await read(id)).status).toBe('FAILED');
    expect(await work(id, { attempt: 2 })).toBeNull();
    expect(await read(id)).toMatchObject({ status: 'SUCCEEDED', run: 2, attempts: 1, reason: null });
  });

  it('nothing is removed of an instance that was not deployed, or is not known', async () => {
    const customerId = await newCustomer();
    const instance = await createInstance(app, ADMIN, { customerId, name: 'self-made' });
    await expect(removeInstance(app, ADMIN, { id: instance.id })).rejects.toMatchObject({ reason: 'NOT_DEPLOYED' });
    for (const id of ['', newId('inst')]) await expect(removeInstance(app, ADMIN, { id })).rejects.toMatchObject({ reason: 'INSTANCE_NOT_FOUND' });
    for (const id of ['', newId('depl')]) await expect(retryDeployment(app, ADMIN, { id })).rejects.toMatchObject({ reason: 'DEPLOYMENT_NOT_FOUND' });
  });

  it('what stands of a customer whose license is long over is removed where that is configured, and only then', async () => {
    const { id } = await newDeployment();
    await work(id);
    const look = (days: number | undefined): Promise<void> => removeUnlicensed({ ...app, config: { ...app.config, REMOVE_UNLICENSED_AFTER_DAYS: days } }, new AbortController().signal);
    clock.advance({ days: 31 });
    await look(10);
    expect((await read(id)).status).toBe('SUCCEEDED');
    clock.advance(DAY);
    await look(undefined);
    expect((await read(id)).status).toBe('SUCCEEDED');
    await look(10);
    expect(await read(id)).toMatchObject({ status: 'QUEUED', operation: 'REMOVE' });
  });
});

describe('a job that was lost', () => {
  const sweep = (): Promise<void> => continueDeployments(app, new AbortController().signal);

  it('is made again from its row, once; the lost one, should it come after all, does nothing', async () => {
    const { id } = await newDeployment();
    const lost = (await read(id)).jobId;
    await put(id, { next_attempt_at: sql`clock_timestamp() - interval '6 seconds'` });
    await sweep();
    expect((await read(id)).jobId).toBe(lost);
    pending.clear();
    await sweep();
    await sweep();
    const renewed = (await read(id)).jobId;
    expect(renewed).not.toBe(lost);
    expect(sent.map((job) => job.id)).toEqual([lost, renewed]);
  });

  it('is made again, too, when its worker died and the queue gave it up', async () => {
    const { id } = await newDeployment();
    await put(id, { status: 'RUNNING', step: 'rollout', attempts: 1, fence: 1, lease_until: sql`clock_timestamp() - interval '1 second'` });
    pending.clear();
    await sweep();
    expect(await work(id)).toBeNull();
    expect((await read(id)).status).toBe('SUCCEEDED');
  });
});
