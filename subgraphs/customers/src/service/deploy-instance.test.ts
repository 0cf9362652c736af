import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { newId } from '@iotistic/contracts/ids';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, ADMIN, ANYONE, type CustomersUnderTest, type Json, PASSWORD, prepareDatabase, startUnderTest } from '../under-test.ts';

const clock = createTestClock();
let database: TestDatabase;
let customers: CustomersUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'customers', migrate: prepareDatabase });
  customers = await startUnderTest(database.url, clock, { QUEUE_BACKOFF_DELAY: '50' });
});
afterAll(async () => {
  await customers.close();
  await database.drop();
});

const FIELDS = 'id status operation progress step namespace url attempts error reason log createdAt startedAt finishedAt instance { id name } customer { id }';
const DEPLOY = `mutation ($id: ID!, $name: String!) { createInstance(input: { customerId: $id, name: $name, deploy: true }) { instance { id deployment { ${FIELDS} } } } }`;
const LIST = `query ($first: Int, $after: String, $status: DeploymentStatus) { deployments(first: $first, after: $after, status: $status) { totalCount edges { node { id status } } pageInfo { hasNextPage endCursor } } }`;

interface Seen {
  id: string;
  status: string;
  progress: number;
  reason: string | null;
  attempts: number;
  log: string[];
}

/** Billing says what a customer has, as it does a moment after a sign-up. */
const license = (account: { id: string }): Promise<void> =>
  customers.deliver('subscription.changed', { customerId: account.id, customerName: 'x', subscriptionId: 'subn_1', plan: 'TRIAL', status: 'TRIALING', trialEndsAt: '2027-01-01T00:00:00.000Z', currentPeriodStart: null, currentPeriodEndsAt: '2027-01-01T00:00:00.000Z', entitlements: { features: {}, limits: {}, included: {} }, version: 1, updatedAt: clock.now().toISOString(), actor: 'billing', reason: null }, newId('evnt'));

async function deploy(account: Account, name: string): Promise<Seen & { instanceId: string }> {
  const { createInstance } = await customers.data<{ createInstance: { instance: { id: string; deployment: Seen } } }>(account.user, DEPLOY, { id: account.id, name });
  return { ...createInstance.instance.deployment, instanceId: createInstance.instance.id };
}
const look = async (account: Account, id: string): Promise<Seen> => (await customers.data<{ deployment: Seen }>(account.user, `query ($id: ID!) { deployment(id: $id) { ${FIELDS} } }`, { id })).deployment;
const until = (account: Account, id: string, status: string): Promise<Seen> =>
  waitFor(async () => {
    const seen = await look(account, id);
    expect(seen).toMatchObject({ status });
    return seen;
  });

describe('createInstance with deploy', () => {
  it('is deployed by the queue; its progress, log and end are there to read, for its people', async () => {
    const account = await customers.signUp('deploy@example.com');
    await license(account);
    const queued = await deploy(account, 'prod');
    expect(queued).toMatchObject({ operation: 'DEPLOY', namespace: expect.stringMatching(/^customer-[0-9a-f]{8}-prod$/) as unknown, instance: { name: 'prod' }, customer: { id: account.id } });
    const done = await until(account, queued.id, 'SUCCEEDED');
    expect(done).toMatchObject({ progress: 100, reason: null, startedAt: clock.now().toISOString(), finishedAt: clock.now().toISOString() });
    expect(done.log.every((line) => /^2026-11-20T12:00:00\.000Z \S/.test(line))).toBe(true);
    expect(await customers.audited(account.id)).toEqual(expect.arrayContaining([`user:${account.user.userId} deployment.queued ${queued.id} (prod)`, expect.stringContaining('deployment api_key.created')]));
    // What the deployment says of itself is committed a moment before its job is done.
    await waitFor(async () => expect(await customers.platform.jobs.counts('customer-deployments')).toMatchObject({ waiting: 0, active: 0 }));
    const metrics = await customers.platform.metrics.text();
    expect(metrics).toMatch(/iotistic_deployments_total\{status="SUCCEEDED"\} [1-9]/);
    expect(metrics).toContain('iotistic_deployment_duration_seconds_count{status="SUCCEEDED"}');
    expect(metrics).toContain('iotistic_deployments_running 0');
  });

  it('tries again what fails at first, and gives up what always does', async () => {
    const account = await customers.signUp('faults@example.com');
    await license(account);
    const [flaky, failing, taken] = [await deploy(account, 'flaky-one'), await deploy(account, 'fail-one'), await deploy(account, 'taken-one')];
    expect(await until(account, flaky.id, 'SUCCEEDED')).toMatchObject({ attempts: 2, reason: null });
    expect(await until(account, taken.id, 'FAILED')).toMatchObject({ attempts: 1, reason: 'NAMESPACE_TAKEN' });
    expect(await until(account, failing.id, 'FAILED')).toMatchObject({ attempts: 3, reason: 'HELM_FAILED' });
    const { retryDeployment } = await customers.data<{ retryDeployment: { deployment: Seen } }>(account.user, `mutation ($id: ID!) { retryDeployment(input: { id: $id }) { deployment { ${FIELDS} } } }`, { id: failing.id });
    expect(retryDeployment.deployment).toMatchObject({ status: 'QUEUED', attempts: 0, reason: null });
    expect(await until(account, failing.id, 'FAILED')).toMatchObject({ attempts: 3 });
    expect((await customers.db.selectFrom('api_keys').select('id').where('customer_id', '=', account.id).where('revoked_at', 'is', null).execute()).length).toBe(1);
  });

  it('is seen where queues are looked at, and a retry that is pressed there counts as one', async () => {
    const account = await customers.signUp('board@deploy.example');
    await license(account);
    const { id } = await deploy(account, 'taken-board');
    await until(account, id, 'FAILED');
    const { job_id: jobId } = await customers.db.selectFrom('deployments').select('job_id').where('id', '=', id).executeTakeFirstOrThrow();
    const queue = customers.platform.jobs.boardQueue('customer-deployments');
    await waitFor(async () => expect(await queue.getJobState(jobId)).toBe('failed'));
    const job = await queue.getJob(jobId);
    expect(job).toMatchObject({ name: 'deploy-instance', progress: 5, failedReason: expect.stringMatching(/^NAMESPACE_TAKEN/) as unknown, opts: { attempts: 3, backoff: { type: 'exponential', delay: 50 } } });
    expect((await queue.getJobLogs(jobId)).logs.join()).toContain('the customer may deploy (TRIAL)');
    await job?.retry();
    await waitFor(async () => expect((await look(account, id)).log.filter((line) => line.endsWith('attempt 1 of 3 begins'))).toHaveLength(2));
    expect(await until(account, id, 'FAILED')).toMatchObject({ attempts: 1 });
    expect(await customers.audited(account.id)).toContain(`queue deployment.retried ${id}`);
  });

  it.each(['Prod', 'a.b', 'x'.repeat(46), '-a', ''])('takes a DNS label only: not %j', async (name) => {
    const account = await customers.signUp(`${newId('user')}@example.com`);
    expect(await customers.refusal(account.user, DEPLOY, { id: account.id, name })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_NAME' });
    expect(await customers.db.selectFrom('instances').select('id').where('customer_id', '=', account.id).execute()).toEqual([]);
  });
});

describe('signUp with deployInstance', () => {
  const SIGN_UP = 'mutation ($input: SignUpInput!) { signUp(input: $input) { customer { id instances { edges { node { name deployment { id status } } } } } } }';

  it('queues the first deployment with the account, which waits for its trial to be known', async () => {
    const { signUp } = await customers.data<{ signUp: { customer: { id: string; instances: { edges: { node: { name: string; deployment: Seen } }[] } } } }>(ANYONE, SIGN_UP, { input: { email: 'first@example.com', password: PASSWORD, deployInstance: 'first' } });
    const [{ node } = { node: null }] = signUp.customer.instances.edges;
    expect(node).toMatchObject({ name: 'first' });
    await license(signUp.customer);
    await waitFor(async () => expect(await customers.data(ADMIN, 'query ($id: ID!) { deployment(id: $id) { status } }', { id: node?.deployment.id })).toEqual({ deployment: { status: 'SUCCEEDED' } }));
  });

  it('makes no account for a name that cannot be deployed', async () => {
    expect(await customers.refusal(ANYONE, SIGN_UP, { input: { email: 'none@example.com', password: PASSWORD, deployInstance: 'No Label' } })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_NAME' });
    expect(await customers.db.selectFrom('customers').select('id').where('email', '=', 'none@example.com').execute()).toEqual([]);
  });
});

describe('who sees a deployment', () => {
  it('is its customer, and the operator; to others it does not exist, and an instance may not read it', async () => {
    const [mine, theirs] = [await customers.signUp('mine@deploy.example'), await customers.signUp('theirs@deploy.example')];
    await license(mine);
    const { id, instanceId } = await deploy(mine, 'prod');
    const ONE = 'query ($id: ID!) { deployment(id: $id) { id } }';
    const gone = { code: 'NOT_FOUND', reason: 'DEPLOYMENT_NOT_FOUND' };
    expect(await customers.data(ADMIN, ONE, { id })).toEqual({ deployment: { id } });
    expect(await customers.refusal(theirs.user, ONE, { id })).toEqual(gone);
    expect(await customers.refusal(mine.user, ONE, { id: newId('depl') })).toEqual(gone);
    expect(await customers.refusal(theirs.user, 'mutation ($id: ID!) { retryDeployment(input: { id: $id }) { deployment { id } } }', { id })).toEqual(gone);
    expect(await customers.refusal(theirs.user, 'mutation ($id: ID!) { removeInstance(input: { id: $id }) { instance { id } } }', { id: instanceId })).toEqual({ code: 'NOT_FOUND', reason: 'INSTANCE_NOT_FOUND' });
    expect(await customers.refusal(mine.instance, 'query ($id: ID!) { customer(id: $id) { instances { edges { node { deployment { id } } } } } }', { id: mine.id })).toEqual({ code: 'FORBIDDEN', reason: 'NOT_FOR_INSTANCES' });
    const entity = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Deployment { id status } } }';
    expect(await customers.data(theirs.user, entity, { representations: [{ __typename: 'Deployment', id }] })).toEqual({ _entities: [null] });
    await until(mine, id, 'SUCCEEDED');
  });

  it('are all paged, newest first, and by status; a customer has its own list', async () => {
    const account = await customers.signUp('list@deploy.example');
    await license(account);
    const ids: string[] = [];
    for (const name of ['a', 'b', 'taken-c']) {
      clock.advance(1);
      ids.unshift((await deploy(account, name)).id);
    }
    await until(account, ids[0] ?? '', 'FAILED');
    for (const id of ids.slice(1)) await until(account, id, 'SUCCEEDED');
    const page = async (variables: Json): Promise<{ totalCount: number; edges: { node: Seen }[]; pageInfo: { hasNextPage: boolean; endCursor: string } }> => (await customers.data<{ deployments: never }>(ADMIN, LIST, variables)).deployments;
    const first = await page({ first: 2 });
    expect(first.edges.map(({ node }) => node.id)).toEqual(ids.slice(0, 2));
    expect((await page({ first: 1, after: first.pageInfo.endCursor })).edges.map(({ node }) => node.id)).toEqual(ids.slice(2));
    const failed = await page({ status: 'FAILED' });
    expect(failed.edges.map(({ node }) => node.status)).toEqual(failed.edges.map(() => 'FAILED'));
    expect(failed.totalCount).toBe(failed.edges.length);
    const own = await customers.data<{ customer: { deployments: { totalCount: number } } }>(account.user, 'query ($id: ID!) { customer(id: $id) { deployments(status: SUCCEEDED) { totalCount } } }', { id: account.id });
    expect(own.customer.deployments.totalCount).toBe(2);
    expect(await customers.refusal(account.user, LIST)).toEqual({ code: 'FORBIDDEN', reason: 'ADMIN_ONLY' });
    expect(await customers.refusal(ADMIN, LIST, { after: 'x' })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_CURSOR' });
  });
});

describe('deploymentProgressed', () => {
  it('tells each change of its customer’s deployments, in order, and nobody else’s', async () => {
    const [watched, other] = [await customers.signUp('watched@deploy.example'), await customers.signUp('other@deploy.example')];
    await Promise.all([license(watched), license(other)]);
    const events = await customers.subscribe(watched.user, 'subscription ($id: ID!) { deploymentProgressed(customerId: $id) { id status progress customer { id } } }', { id: watched.id });
    await deploy(other, 'prod');
    const { id } = await deploy(watched, 'prod');
    const seen: { id: string; status: string; progress: number; customer: { id: string } }[] = [];
    while (seen.at(-1)?.status !== 'SUCCEEDED') {
      const next = await events.next();
      seen.push((next.value as { data: { deploymentProgressed: (typeof seen)[number] } }).data.deploymentProgressed);
    }
    await events.return?.();
    expect(new Set(seen.map((event) => `${event.id} ${event.customer.id}`))).toEqual(new Set([`${id} ${watched.id}`]));
    const progress = seen.map((event) => event.progress);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.length).toBeGreaterThan(4);
  });
});
