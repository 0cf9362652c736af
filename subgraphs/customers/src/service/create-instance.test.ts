import { randomUUID } from 'node:crypto';
import { openDatabase } from '@iotistic/chassis/database';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { instanceId } from '@iotistic/contracts/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, type CustomersUnderTest, type Json, prepareDatabase, startUnderTest } from '../under-test.ts';

const clock = createTestClock();
let database: TestDatabase;
let customers: CustomersUnderTest;

beforeAll(async () => {
  database = await createTestDatabase({ template: 'customers', migrate: prepareDatabase });
  customers = await startUnderTest(database.url, clock);
});
afterAll(async () => {
  await customers.close();
  await database.drop();
});

const CREATE = 'mutation ($id: ID!, $name: String!) { createInstance(input: { customerId: $id, name: $name }) { instance { id name createdAt customer { id } } } }';
const INSTANCES = 'query ($id: ID!, $first: Int, $after: String) { customer(id: $id) { instances(first: $first, after: $after) { totalCount edges { cursor node { id name createdAt } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }';

interface Instances {
  totalCount: number;
  edges: { cursor: string; node: { id: string; name: string; createdAt: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
}
const listOf = async (account: Account, page: Json = {}): Promise<Instances> => (await customers.data<{ customer: { instances: Instances } }>(account.user, INSTANCES, { id: account.id, ...page })).customer.instances;
const namesOf = (list: Instances): string[] => list.edges.map((edge) => edge.node.name);
const heardOf = (account: Account, name: string, at: string): Json => ({ customerId: account.id, instanceId: instanceId(account.id, name), name, at });

describe('naming an instance', () => {
  it('gives it the id that usage and licensing will derive, and tells them', async () => {
    const account = await customers.signUp('name@example.com');
    const { createInstance } = await customers.data<{ createInstance: { instance: Json } }>(account.user, CREATE, { id: account.id, name: 'us-east-1-prod' });
    const id = instanceId(account.id, 'us-east-1-prod');
    expect(createInstance.instance).toEqual({ id, name: 'us-east-1-prod', createdAt: clock.now().toISOString(), customer: { id: account.id } });
    expect((await customers.published()).at(-1)).toMatchObject({ name: 'instance.registered', payload: { customerId: account.id, instanceId: id, name: 'us-east-1-prod', at: clock.now().toISOString() } });
    expect((await customers.audited(account.id)).at(-1)).toBe(`user:${account.user.userId} instance.created ${id} (us-east-1-prod)`);
  });

  it('is NAME_TAKEN within the account, also at once, and free in another', async () => {
    const [one, two] = [await customers.signUp('one@example.com'), await customers.signUp('two@example.com')];
    const answers = await Promise.all([1, 2, 3].map(() => customers.run(one.user, CREATE, { id: one.id, name: 'prod' })));
    expect(answers.filter((answer) => answer.errors === undefined)).toHaveLength(1);
    expect(answers.flatMap((answer) => answer.errors ?? []).map((error) => error.extensions?.['reason'])).toEqual(['NAME_TAKEN', 'NAME_TAKEN']);
    expect((await customers.run(two.user, CREATE, { id: two.id, name: 'prod' })).errors).toBeUndefined();
  });

  it.each(['', ' ', 'a b', 'x'.repeat(129), 'ümlaut', 'a/b'])('takes what agents call themselves only: not %j', async (name) => {
    const account = await customers.signUp(`${randomUUID()}@example.com`);
    expect(await customers.refusal(account.user, CREATE, { id: account.id, name })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_NAME' });
  });

  it('takes no text that cannot be stored', async () => {
    const account = await customers.signUp(`${randomUUID()}@example.com`);
    expect(await customers.refusal(account.user, CREATE, { id: account.id, name: 'a\0' })).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_TEXT' });
  });
});

it('blanks around an instance\'s name mean nothing', async () => {
  const account = await customers.signUp('blanks@example.com');
  expect(await customers.data(account.user, CREATE, { id: account.id, name: ' prod\n' })).toMatchObject({ createInstance: { instance: { name: 'prod' } } });
});

describe('instances of one account', () => {
  it('are a thousand at most, and more where the operator grants them', async () => {
    const account = await customers.signUp('many@example.com');
    const { pool } = openDatabase({ url: database.url, schema: 'customers', log: customers.platform.log });
    await pool.query("insert into instances (id, customer_id, name, created_at) select 'inst_many_' || n, $1, 'made-' || n, now() from generate_series(1, 999) n", [account.id]);
    const create = (name: string): Promise<Json> => customers.refusal(account.user, CREATE, { id: account.id, name });
    expect(await create('the-thousandth')).toEqual({ code: undefined, reason: undefined });
    expect(await create('one-more')).toEqual({ code: 'LIMIT_EXCEEDED', reason: 'TOO_MANY_INSTANCES' });
    await pool.query("insert into subscriptions (customer_id, plan, version, max_instances) values ($1, 'STARTER', 1, 1001) on conflict (customer_id) do update set max_instances = 1001", [account.id]);
    expect(await create('one-more')).toEqual({ code: undefined, reason: undefined });
    await pool.end();
  });
});

describe('an instance that made itself known', () => {
  it('is listed as of its first sign of life, however often and in whatever order that is told', async () => {
    const account = await customers.signUp('heard@example.com');
    const [early, late] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'];
    await customers.deliver('instance.activated', heardOf(account, 'plant', late), 'evnt_late');
    await customers.deliver('instance.reported', heardOf(account, 'plant', early), 'evnt_early');
    await customers.deliver('instance.activated', heardOf(account, 'plant', late), 'evnt_late');
    await customers.deliver('instance.activated', heardOf(account, 'plant', late), 'evnt_late_again');
    await expect.poll(async () => (await customers.db.selectFrom('inbox').select('event_id').where('event_id', 'in', ['evnt_early', 'evnt_late', 'evnt_late_again']).execute()).length).toBe(3);
    const list = await listOf(account);
    expect(list.totalCount).toBe(1);
    expect(list.edges.map((edge) => edge.node)).toEqual([{ id: instanceId(account.id, 'plant'), name: 'plant', createdAt: early }]);
  });

  it('has its name taken', async () => {
    const account = await customers.signUp('self@example.com');
    await customers.deliver('instance.reported', heardOf(account, 'self-made', clock.now().toISOString()), 'evnt_self');
    await expect.poll(async () => (await listOf(account)).totalCount).toBe(1);
    expect(await customers.refusal(account.user, CREATE, { id: account.id, name: 'self-made' })).toEqual({ code: 'CONFLICT', reason: 'NAME_TAKEN' });
  });

  it('that was named before keeps its date and place', async () => {
    const account = await customers.signUp('before@example.com');
    await customers.data(account.user, CREATE, { id: account.id, name: 'named' });
    const before = await listOf(account);
    await customers.deliver('instance.reported', heardOf(account, 'named', new Date(clock.now().getTime() + 60_000).toISOString()), 'evnt_named');
    await expect.poll(async () => (await customers.db.selectFrom('inbox').select('event_id').where('event_id', '=', 'evnt_named').execute()).length).toBe(1);
    expect(await listOf(account)).toEqual(before);
  });
});

describe('the list of instances', () => {
  it('is paged by name, each instance once, also when one is added meanwhile', async () => {
    const account = await customers.signUp('pages@example.com');
    for (const name of ['b', 'd', 'f', 'B', 'h']) await customers.data(account.user, CREATE, { id: account.id, name });
    const first = await listOf(account, { first: 3 });
    expect(namesOf(first)).toEqual(['B', 'b', 'd']);
    expect(first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false, endCursor: first.edges[2]?.cursor });
    for (const name of ['a', 'g']) await customers.data(account.user, CREATE, { id: account.id, name });
    const second = await listOf(account, { first: 3, after: first.pageInfo.endCursor });
    expect(namesOf(second)).toEqual(['f', 'g', 'h']);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(second.totalCount).toBe(7);
    expect((await listOf(account, { after: second.pageInfo.endCursor })).edges).toEqual([]);
  });
});
