import { randomUUID } from 'node:crypto';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialHash } from '../domain/credential.ts';
import { type Account, ADMIN, type CustomersUnderTest, GATEWAY, type Json, prepareDatabase, startUnderTest } from '../under-test.ts';

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

const CREATE = 'mutation ($id: ID!, $name: String!) { createApiKey(input: { customerId: $id, name: $name }) { apiKey { id name prefix createdAt lastUsedAt revokedAt } secret } }';
const REVOKE = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id name prefix revokedAt } } }';
const KEYS = 'query ($id: ID!) { customer(id: $id) { apiKeys { id name lastUsedAt revokedAt } } }';
const CREDENTIAL = 'query ($sha256: String!) { credential(sha256: $sha256) { state kind id customerId userId expiresAt } }';

interface Created {
  apiKey: Json & { id: string };
  secret: string;
}
const create = async (account: Account, name: string): Promise<Created> => (await customers.data<{ createApiKey: Created }>(account.user, CREATE, { id: account.id, name })).createApiKey;
const lookUp = async (secret: string): Promise<unknown> => (await customers.data(GATEWAY, CREDENTIAL, { sha256: credentialHash(secret) }))['credential'];
const keysOf = async (account: Account): Promise<Json[]> => (await customers.data<{ customer: { apiKeys: Json[] } }>(account.user, KEYS, { id: account.id })).customer.apiKeys;

describe('a new key', () => {
  it('tells its secret once, and keeps only its hash', async () => {
    const account = await customers.signUp('key@example.com');
    const { apiKey, secret } = await create(account, '  Plant 7 ');
    expect(secret).toMatch(/^iotk_[\w-]{43}$/);
    expect(apiKey).toMatchObject({ name: 'Plant 7', prefix: secret.slice(0, 12), lastUsedAt: null, revokedAt: null });
    expect(JSON.stringify(await customers.db.selectFrom('api_keys').selectAll().execute())).not.toContain(secret);
    expect(JSON.stringify(await customers.db.selectFrom('audit_entries').selectAll().execute())).not.toContain(secret);
    expect((await customers.audited(account.id)).at(-1)).toBe(`user:${account.user.userId} api_key.created ${apiKey.id} (Plant 7)`);
  });

  it('is found by the gateway, and by nobody else', async () => {
    const account = await customers.signUp('lookup@example.com');
    const { apiKey, secret } = await create(account, 'agent');
    expect(await lookUp(secret)).toEqual({ state: 'ACTIVE', kind: 'API_KEY', id: apiKey.id, customerId: account.id, userId: null, expiresAt: null });
    for (const caller of [ADMIN, account.user, account.instance]) expect(await customers.refusal(caller, CREDENTIAL, { sha256: credentialHash(secret) })).toEqual({ code: 'NOT_FOUND', reason: 'OBJECT_NOT_FOUND' });
  });

  it('has a name that no other key in force has, in whatever case', async () => {
    const account = await customers.signUp('names@example.com');
    const { apiKey } = await create(account, 'agent');
    expect(await customers.refusal(account.user, CREATE, { id: account.id, name: 'AGENT' })).toEqual({ code: 'CONFLICT', reason: 'NAME_TAKEN' });
    await customers.data(account.user, REVOKE, { id: apiKey.id });
    expect((await create(account, 'agent')).apiKey.id).not.toBe(apiKey.id);
    expect((await keysOf(account)).map((key) => key['revokedAt'] === null)).toEqual([true, false]);
  });

  it.each([
    ['', 'INVALID_NAME'],
    [' ', 'INVALID_NAME'],
    ['x'.repeat(201), 'INVALID_NAME'],
    ['tab\there', 'INVALID_TEXT'],
  ])('has a name of visible characters: not %j', async (name, reason) => {
    const account = await customers.signUp(`${randomUUID()}@example.com`);
    expect(await customers.refusal(account.user, CREATE, { id: account.id, name })).toMatchObject({ code: 'INVALID_INPUT', reason });
  });

  it('is the hundredth at most', async () => {
    const account = await customers.signUp('many@example.com');
    for (let index = 0; index < 100; index += 1) await create(account, `key ${index}`);
    expect(await customers.refusal(account.user, CREATE, { id: account.id, name: 'one more' })).toEqual({ code: 'LIMIT_EXCEEDED', reason: 'TOO_MANY_API_KEYS' });
  });
});

describe('revoking', () => {
  it('ends the key at once and everywhere', async () => {
    const account = await customers.signUp('revoke@example.com');
    const { apiKey, secret } = await create(account, 'agent');
    const heard = customers.hearCredentials();
    const { revokeApiKey } = await customers.data<{ revokeApiKey: { apiKey: Json } }>(account.user, REVOKE, { id: apiKey.id });
    expect(revokeApiKey.apiKey).toEqual({ id: apiKey.id, name: 'agent', prefix: apiKey['prefix'], revokedAt: clock.now().toISOString() });
    expect(heard).toEqual([credentialHash(secret)]);
    expect(await lookUp(secret)).toMatchObject({ state: 'REVOKED', id: apiKey.id });
    expect((await customers.audited(account.id)).at(-1)).toBe(`user:${account.user.userId} api_key.revoked ${apiKey.id} (agent)`);
  });

  it('twice, and twice at once, is the same answer and one entry', async () => {
    const account = await customers.signUp('again@example.com');
    const { apiKey } = await create(account, 'agent');
    const [first, second] = await Promise.all([customers.data(account.user, REVOKE, { id: apiKey.id }), customers.data(ADMIN, REVOKE, { id: apiKey.id })]);
    clock.advance({ hours: 1 });
    expect(second).toEqual(first);
    expect(await customers.data(account.user, REVOKE, { id: apiKey.id })).toEqual(first);
    expect((await customers.audited(account.id)).filter((entry) => entry.includes('api_key.revoked'))).toHaveLength(1);
  });

  it('does not reach another account’s key, nor what is none', async () => {
    const [mine, theirs] = [await customers.signUp('mine@example.com'), await customers.signUp('theirs@example.com')];
    const { apiKey, secret } = await create(theirs, 'agent');
    for (const id of [apiKey.id, 'akey_000000000000000000000000', 'akey_', '']) expect(await customers.refusal(mine.user, REVOKE, { id })).toEqual({ code: 'NOT_FOUND', reason: 'API_KEY_NOT_FOUND' });
    expect(await customers.refusal(mine.user, REVOKE, { id: 'akey_\0' })).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_TEXT' });
    expect(await lookUp(secret)).toMatchObject({ state: 'ACTIVE' });
  });
});

describe('the use of a key', () => {
  it('is written down, once a minute at most', async () => {
    const account = await customers.signUp('used@example.com');
    const { secret } = await create(account, 'agent');
    const lastUse = async (): Promise<unknown> => (await keysOf(account))[0]?.['lastUsedAt'];
    const start = clock.now();
    await Promise.all(Array.from({ length: 20 }, () => lookUp(secret)));
    await expect.poll(lastUse).toBe(start.toISOString());
    clock.advance({ seconds: 59 });
    await lookUp(secret);
    clock.advance({ seconds: 1 });
    await lookUp(secret);
    await expect.poll(lastUse).toBe(new Date(start.getTime() + 60_000).toISOString());
  });

  it('is written before the subgraph has closed', async () => {
    const account = await customers.signUp('closing@example.com');
    const { secret } = await create(account, 'agent');
    const another = await startUnderTest(database.url, clock);
    await another.data(GATEWAY, CREDENTIAL, { sha256: credentialHash(secret) });
    await another.close();
    expect((await keysOf(account))[0]?.['lastUsedAt']).toBe(clock.now().toISOString());
  });
});

it.each(['0'.repeat(64), 'A'.repeat(64), ''])('a hash that nobody has is UNKNOWN: %j', async (sha256) => {
  expect(await customers.data(GATEWAY, CREDENTIAL, { sha256 })).toEqual({ credential: { state: 'UNKNOWN', kind: null, id: null, customerId: null, userId: null, expiresAt: null } });
});
