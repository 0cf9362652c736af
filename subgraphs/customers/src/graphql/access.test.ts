import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { instanceId } from '@iotistic/contracts/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, ADMIN, ANYONE, type CustomersUnderTest, GATEWAY, type Json, prepareDatabase, startUnderTest } from '../under-test.ts';

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

let mine: Account;
let theirs: Account;
beforeAll(async () => {
  mine = await customers.signUp('mine@example.com', { companyName: 'Mine', fullName: 'Ada' });
  theirs = await customers.signUp('theirs@example.com', { companyName: 'Theirs' });
  for (const account of [mine, theirs]) {
    await customers.data(account.user, 'mutation ($id: ID!) { createInstance(input: { customerId: $id, name: "prod" }) { instance { id } } createApiKey(input: { customerId: $id, name: "agent" }) { secret } }', { id: account.id });
  }
});

const NOT_FOR_INSTANCES = { code: 'FORBIDDEN', reason: 'NOT_FOR_INSTANCES' };

type Who = 'anyone' | 'admin' | 'myUser' | 'myInstance' | 'theirUser' | 'theirInstance' | 'gateway';
const ADMIN_ONLY: Partial<Record<Who, string>> = { anyone: 'CREDENTIAL_REQUIRED', theirUser: 'ADMIN_ONLY', theirInstance: 'ADMIN_ONLY', myUser: 'ADMIN_ONLY', myInstance: 'ADMIN_ONLY', gateway: 'ADMIN_ONLY' };
const OWN: Partial<Record<Who, string>> = { anyone: 'CREDENTIAL_REQUIRED', theirUser: 'CUSTOMER_NOT_FOUND', theirInstance: 'CUSTOMER_NOT_FOUND', gateway: 'CUSTOMER_NOT_FOUND' };
const OWN_PEOPLE: Partial<Record<Who, string>> = { ...OWN, myInstance: 'NOT_FOR_INSTANCES' };

/** Each operation, on the account of `mine` where it is on one, with who is refused and why; who is not named passes the door. */
const OPERATIONS: Record<string, { query: string; refused: Partial<Record<Who, string>> }> = {
  customer: { query: 'query ($id: ID!) { customer(id: $id) { id companyName status createdAt instances { totalCount edges { node { id name createdAt customer { id } } } } } }', refused: OWN },
  customers: { query: 'query { customers { totalCount } }', refused: ADMIN_ONLY },
  queueStats: { query: 'query { queueStats { name waiting active completed failed delayed } }', refused: ADMIN_ONLY },
  plane: { query: 'query { plane { now version } }', refused: {} },
  logOut: { query: 'mutation { logOut }', refused: { anyone: 'CREDENTIAL_REQUIRED', admin: 'USER_ONLY', theirInstance: 'USER_ONLY', myInstance: 'USER_ONLY', gateway: 'USER_ONLY' } },
  createCustomer: { query: 'mutation { createCustomer(input: { email: "none" }) { customer { id } } }', refused: ADMIN_ONLY },
  updateCustomer: { query: 'mutation ($id: ID!) { updateCustomer(input: { id: $id }) { customer { id } } }', refused: OWN_PEOPLE },
  deactivateCustomer: { query: 'mutation ($id: ID!) { deactivateCustomer(input: { id: $id, reason: "" }) { customer { id } } }', refused: ADMIN_ONLY },
  createApiKey: { query: 'mutation ($id: ID!) { createApiKey(input: { customerId: $id, name: "" }) { secret } }', refused: OWN_PEOPLE },
  // Only the key says whose it is: another account's is API_KEY_NOT_FOUND.
  revokeApiKey: { query: 'mutation { revokeApiKey(input: { id: "" }) { apiKey { id } } }', refused: { anyone: 'CREDENTIAL_REQUIRED', theirInstance: 'NOT_FOR_INSTANCES', myInstance: 'NOT_FOR_INSTANCES' } },
  createInstance: { query: 'mutation ($id: ID!) { createInstance(input: { customerId: $id, name: "" }) { instance { id } } }', refused: OWN_PEOPLE },
  deployments: { query: 'query { deployments { totalCount } }', refused: ADMIN_ONLY },
  // Only the deployment or instance says whose it is: another account's is not found.
  deployment: { query: 'query { deployment(id: "") { id } }', refused: { anyone: 'CREDENTIAL_REQUIRED', theirInstance: 'NOT_FOR_INSTANCES', myInstance: 'NOT_FOR_INSTANCES' } },
  removeInstance: { query: 'mutation { removeInstance(input: { id: "" }) { instance { id } } }', refused: { anyone: 'CREDENTIAL_REQUIRED', theirInstance: 'NOT_FOR_INSTANCES', myInstance: 'NOT_FOR_INSTANCES' } },
  retryDeployment: { query: 'mutation { retryDeployment(input: { id: "" }) { deployment { id } } }', refused: { anyone: 'CREDENTIAL_REQUIRED', theirInstance: 'NOT_FOR_INSTANCES', myInstance: 'NOT_FOR_INSTANCES' } },
};
const REFUSALS = new Set<unknown>(['CREDENTIAL_REQUIRED', 'CUSTOMER_NOT_FOUND', 'ADMIN_ONLY', 'USER_ONLY', 'NOT_FOR_INSTANCES']);

describe.each(Object.entries(OPERATIONS))('%s', (_name, { query, refused }) => {
  const callerOf: Record<Who, () => Caller> = { anyone: () => ANYONE, admin: () => ADMIN, gateway: () => GATEWAY, myUser: () => mine.user, myInstance: () => mine.instance, theirUser: () => theirs.user, theirInstance: () => theirs.instance };
  it.each(Object.keys(callerOf) as Who[])('lets %s through or refuses as SPEC says', async (who) => {
    const { reason } = await customers.refusal(callerOf[who](), query, { id: mine.id });
    expect(REFUSALS.has(reason) ? reason : 'passes').toBe(refused[who] ?? 'passes');
  });
});

describe('an instance', () => {
  it.each(['email', 'fullName', 'updatedAt', 'users { id }', 'apiKeys { id }', 'auditLog { edges { node { id } } }'])('may not read %s of its own account', async (field) => {
    expect(await customers.refusal(mine.instance, `query ($id: ID!) { customer(id: $id) { ${field} } }`, { id: mine.id })).toEqual(NOT_FOR_INSTANCES);
    expect(await customers.refusal(mine.instance, `query ($id: ID!) { _entities(representations: [{ __typename: "Customer", id: $id }]) { ... on Customer { ${field} } } }`, { id: mine.id })).toEqual(NOT_FOR_INSTANCES);
  });
});

describe('_entities', () => {
  const ENTITIES = 'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename ... on Customer { id companyName } ... on Instance { id name customer { companyName } } } }';
  const ask = async (caller: Caller, ...representations: Json[]): Promise<unknown> => (await customers.data(caller, ENTITIES, { representations }))['_entities'];

  it('gives what the caller may see, and null for another account’s, an unknown and an impossible one', async () => {
    const [own, foreign] = [instanceId(mine.id, 'prod'), instanceId(theirs.id, 'prod')];
    const representations = [
      { __typename: 'Customer', id: mine.id },
      { __typename: 'Customer', id: theirs.id },
      { __typename: 'Instance', id: own },
      { __typename: 'Instance', id: foreign },
      { __typename: 'Instance', id: instanceId(mine.id, 'not here yet') },
      { __typename: 'Instance', id: 'inst_' },
    ];
    const mineSeen = [{ __typename: 'Customer', id: mine.id, companyName: 'Mine' }, null, { __typename: 'Instance', id: own, name: 'prod', customer: { companyName: 'Mine' } }, null, null, null];
    expect(await ask(mine.user, ...representations)).toEqual(mineSeen);
    expect(await ask(mine.instance, ...representations)).toEqual(mineSeen);
    expect(await ask(ANYONE, ...representations)).toEqual([null, null, null, null, null, null]);
    expect(await customers.refusal(mine.user, ENTITIES, { representations: [{ __typename: 'Instance', id: '\0' }] })).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_TEXT' });
    expect(await ask(GATEWAY, ...representations)).toEqual([null, null, null, null, null, null]);
    expect(await ask(ADMIN, ...representations.slice(0, 4))).not.toContain(null);
  });
});

describe('viewer', () => {
  const VIEWER = 'query { viewer { __typename ... on AdminViewer { name } ... on UserViewer { user { email fullName } customer { id email } } ... on InstanceViewer { customer { id companyName } } } }';
  it('is who asks, and null without a credential', async () => {
    expect(await customers.data(ADMIN, VIEWER)).toEqual({ viewer: { __typename: 'AdminViewer', name: 'operator' } });
    expect(await customers.data(mine.user, VIEWER)).toEqual({ viewer: { __typename: 'UserViewer', user: { email: 'mine@example.com', fullName: 'Ada' }, customer: { id: mine.id, email: 'mine@example.com' } } });
    expect(await customers.data(mine.instance, VIEWER)).toEqual({ viewer: { __typename: 'InstanceViewer', customer: { id: mine.id, companyName: 'Mine' } } });
    expect(await customers.data(ANYONE, VIEWER)).toEqual({ viewer: null });
  });
});

describe('the audit log', () => {
  const LOG = 'query ($id: ID!, $first: Int, $after: String) { customer(id: $id) { auditLog(first: $first, after: $after) { edges { node { at actor action detail } } pageInfo { hasNextPage endCursor } } } }';
  type Log = { edges: { node: Json }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  const read = async (page: Json): Promise<Log> => (await customers.data<{ customer: { auditLog: Log } }>(mine.user, LOG, { id: mine.id, ...page })).customer.auditLog;

  it('tells its account who did what, newest first, page by page, and nothing of others', async () => {
    const actions: unknown[] = [];
    for (let page: Log | null = null; page === null || page.pageInfo.hasNextPage; ) {
      page = await read({ first: 1, ...(page === null ? {} : { after: page.pageInfo.endCursor }) });
      actions.push(...page.edges.map((edge) => edge.node['action']));
      for (const edge of page.edges) expect(edge.node['actor']).toBe(actorOf(mine.user));
    }
    expect(actions.slice(-3)).toEqual(['api_key.created', 'instance.created', 'customer.signed_up']);
  });

  it('keeps target and request id beside what it shows', async () => {
    const entry = await customers.db.selectFrom('audit_entries').selectAll().where('customer_id', '=', mine.id).orderBy('position').executeTakeFirstOrThrow();
    expect(entry).toMatchObject({ target: mine.id, request_id: 'req_of_test' });
  });

  it.each(['x', Buffer.from('[0]').toString('base64url'), Buffer.from('[1e20]').toString('base64url')])('refuses a cursor that is none: %s', async (after) => {
    expect(await customers.refusal(mine.user, LOG, { id: mine.id, after })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_CURSOR' });
  });
});

it('each customer has its own lists, though those of the whole page and of other requests are read together', async () => {
  const LIST = 'query { customers { edges { node { id users { email } apiKeys { name } instances(first: 5) { totalCount edges { node { name } } } } } } }';
  const ask = async (): Promise<Json[]> => (await customers.data<{ customers: { edges: { node: Json }[] } }>(ADMIN, LIST)).customers.edges.map((edge) => edge.node);
  for (const nodes of await Promise.all([ask(), ask(), ask()])) {
    for (const account of [mine, theirs]) {
      expect(nodes.find((node) => node['id'] === account.id)).toEqual({ id: account.id, users: [{ email: account.email }], apiKeys: [{ name: 'agent' }], instances: { totalCount: 1, edges: [{ node: { name: 'prod' } }] } });
    }
  }
});
