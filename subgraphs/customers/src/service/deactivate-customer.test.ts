import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { credentialHash } from '../domain/credential.ts';
import { ADMIN, type CustomersUnderTest, GATEWAY, type Json, prepareDatabase, startUnderTest } from '../under-test.ts';

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

const DEACTIVATE = 'mutation ($id: ID!, $reason: String!) { deactivateCustomer(input: { id: $id, reason: $reason }) { customer { id status updatedAt } } }';
const CREATE_KEY = 'mutation ($id: ID!, $name: String!) { createApiKey(input: { customerId: $id, name: $name }) { secret } }';
const stateOf = async (token: string): Promise<unknown> => ((await customers.data(GATEWAY, 'query ($sha256: String!) { credential(sha256: $sha256) { state } }', { sha256: credentialHash(token) }))['credential'] as Json)['state'];

it('deactivation ends every key and session at once and everywhere, and deletes nothing', async () => {
  const account = await customers.signUp('end@example.com');
  const secrets = [];
  for (const name of ['one', 'two']) secrets.push((await customers.data<{ createApiKey: { secret: string } }>(account.user, CREATE_KEY, { id: account.id, name })).createApiKey.secret);
  const heard = customers.hearCredentials();
  clock.advance({ hours: 1 });
  const { deactivateCustomer } = await customers.data<{ deactivateCustomer: { customer: Json } }>(ADMIN, DEACTIVATE, { id: account.id, reason: ' unpaid ' });
  expect(deactivateCustomer.customer).toMatchObject({ status: 'DEACTIVATED', updatedAt: clock.now().toISOString() });
  expect(heard.sort()).toEqual([account.token, ...secrets].map(credentialHash).sort());
  expect(await Promise.all([account.token, ...secrets].map(stateOf))).toEqual(['DEACTIVATED', 'DEACTIVATED', 'DEACTIVATED']);
  const { customer } = await customers.data<{ customer: Json }>(ADMIN, 'query ($id: ID!) { customer(id: $id) { email users { id } apiKeys { revokedAt } } }', { id: account.id });
  expect(customer).toMatchObject({ email: 'end@example.com', users: [{ id: account.user.userId }], apiKeys: [{ revokedAt: clock.now().toISOString() }, { revokedAt: clock.now().toISOString() }] });
});

it('the others hear of it with reason and actor, once, however often it is asked for', async () => {
  const account = await customers.signUp('once@example.com');
  const answers = await Promise.all([1, 2, 3].map((time) => customers.data(ADMIN, DEACTIVATE, { id: account.id, reason: `time ${time}` })));
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
  const heard = (await customers.published()).filter((event) => event.name === 'customer.deactivated' && event.payload['customerId'] === account.id);
  expect(heard).toHaveLength(1);
  expect(heard[0]?.payload).toMatchObject({ actor: 'admin:operator', at: clock.now().toISOString(), reason: expect.stringMatching(/^time \d$/) as unknown });
  expect((await customers.audited(account.id)).filter((entry) => entry.startsWith('admin:operator customer.deactivated'))).toHaveLength(1);
});

it('nothing new can be made in a deactivated account, by the operator neither', async () => {
  const account = await customers.signUp('closed@example.com');
  await customers.data(ADMIN, DEACTIVATE, { id: account.id, reason: 'closed' });
  expect(await customers.refusal(ADMIN, CREATE_KEY, { id: account.id, name: 'late' })).toEqual({ code: 'CONFLICT', reason: 'CUSTOMER_DEACTIVATED' });
  expect(await customers.refusal(ADMIN, 'mutation ($id: ID!) { createInstance(input: { customerId: $id, name: "late" }) { instance { id } } }', { id: account.id })).toEqual({ code: 'CONFLICT', reason: 'CUSTOMER_DEACTIVATED' });
});

it('a key that is made while the account ends does not outlive it', async () => {
  const account = await customers.signUp('racing@example.com');
  await Promise.all([customers.data(ADMIN, DEACTIVATE, { id: account.id, reason: 'race' }), ...Array.from({ length: 5 }, (_, index) => customers.run(account.user, CREATE_KEY, { id: account.id, name: `key ${index}` }))]);
  expect(await customers.db.selectFrom('api_keys').select('id').where('customer_id', '=', account.id).where('revoked_at', 'is', null).execute()).toEqual([]);
});

it('a reason is needed', async () => {
  const account = await customers.signUp('why@example.com');
  for (const reason of ['', '  ', 'x'.repeat(501), 'a\0b']) expect(await customers.refusal(ADMIN, DEACTIVATE, { id: account.id, reason })).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_TEXT' });
});
