import { randomUUID } from 'node:crypto';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, ADMIN, ANYONE, type CustomersUnderTest, type Json, PASSWORD, prepareDatabase, startUnderTest } from '../under-test.ts';

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

const UPDATE = 'mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id email companyName fullName createdAt updatedAt users { email } } } }';
const update = async (account: Account, changes: Json): Promise<Json> => (await customers.data<{ updateCustomer: { customer: Json } }>(account.user, UPDATE, { input: { id: account.id, ...changes } })).updateCustomer.customer;
const eventsOf = async (id: string) => (await customers.published()).filter((event) => event.payload['customerId'] === id);

describe('changing a customer', () => {
  it('changes what is given, empties what is null, tells the others all of it', async () => {
    const account = await customers.signUp('change@example.com', { companyName: 'Before', fullName: 'Ada' });
    clock.advance({ minutes: 1 });
    expect(await update(account, { companyName: ' After ', fullName: null })).toMatchObject({ companyName: 'After', fullName: null, email: 'change@example.com' });
    expect((await eventsOf(account.id)).at(-1)).toMatchObject({
      name: 'customer.updated',
      payload: { customerId: account.id, email: 'change@example.com', companyName: 'After', fullName: null, updatedAt: clock.now().toISOString() },
    });
    expect((await customers.audited(account.id)).at(-1)).toBe(`user:${account.user.userId} customer.updated ${account.id} (companyName, fullName)`);
  });

  it('leaves no trace of a change that changes nothing', async () => {
    const account = await customers.signUp('same@example.com', { companyName: 'Same' });
    const before = await customers.audited(account.id);
    await update(account, { companyName: 'Same', email: 'SAME@example.com' });
    await update(account, {});
    expect(await customers.audited(account.id)).toEqual(before);
    expect(await eventsOf(account.id)).toHaveLength(1);
  });

  it('gives every change a later updatedAt, also within one millisecond', async () => {
    const account = await customers.signUp('quick@example.com');
    const names = ['one', 'two', 'three', 'four'];
    await Promise.all(names.map((companyName) => update(account, { companyName })));
    const times = (await eventsOf(account.id)).map((event) => String(event.payload['updatedAt']));
    expect(times).toEqual([...new Set(times)].sort());
    expect(times).toHaveLength(5);
  });

  it('moves the log-in of who signed up along with the address', async () => {
    const account = await customers.signUp('old@example.com');
    expect(await update(account, { email: 'New@example.com' })).toMatchObject({ email: 'new@example.com', users: [{ email: 'new@example.com' }] });
    const LOG_IN = 'mutation ($email: String!, $password: String!) { logIn(input: { email: $email, password: $password }) { customer { id } } }';
    expect(await customers.data(ANYONE, LOG_IN, { email: 'new@example.com', password: PASSWORD })).toEqual({ logIn: { customer: { id: account.id } } });
    expect(await customers.refusal(ANYONE, LOG_IN, { email: 'old@example.com', password: PASSWORD })).toMatchObject({ reason: 'INVALID_LOGIN' });
  });

  it('refuses a taken address and changes nothing then', async () => {
    await customers.signUp('theirs@example.com');
    const account = await customers.signUp('mine@example.com', { companyName: 'Mine' });
    expect(await customers.refusal(account.user, UPDATE, { input: { id: account.id, email: 'THEIRS@example.com', companyName: 'Stolen' } })).toEqual({ code: 'CONFLICT', reason: 'EMAIL_TAKEN' });
    expect(await update(account, {})).toMatchObject({ email: 'mine@example.com', companyName: 'Mine' });
  });

  it.each([
    ['an address that is null', { email: null }, 'INVALID_EMAIL'],
    ['an address that is none', { email: 'none' }, 'INVALID_EMAIL'],
    ['an empty name', { companyName: '' }, 'INVALID_NAME'],
    ['a name with a NUL', { fullName: 'a\0' }, 'INVALID_TEXT'],
  ])('%s is refused', async (_what, changes, reason) => {
    const account = await customers.signUp(`${randomUUID()}@example.com`);
    expect(await customers.refusal(account.user, UPDATE, { input: { id: account.id, ...changes } })).toMatchObject({ code: 'INVALID_INPUT', reason });
  });

  it.each(['cust_000000000000000000000000', 'cust_', ''])('an id that is nobody’s is CUSTOMER_NOT_FOUND: %j', async (id) => {
    expect(await customers.refusal(ADMIN, UPDATE, { input: { id, companyName: 'x' } })).toEqual({ code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' });
  });
});

describe('a customer that the operator makes', () => {
  const CREATE = 'mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { id email companyName users { id } } } }';

  it('has no user, and gets its trial like one that signed up', async () => {
    const { createCustomer } = await customers.data<{ createCustomer: { customer: Json } }>(ADMIN, CREATE, { input: { email: 'Made@Example.com', companyName: 'Made' } });
    expect(createCustomer.customer).toMatchObject({ email: 'made@example.com', companyName: 'Made', users: [] });
    const id = String(createCustomer.customer['id']);
    expect((await eventsOf(id)).map((event) => event.name)).toEqual(['customer.signed_up']);
    expect(await customers.audited(id)).toEqual([`admin:operator customer.created ${id}`]);
  });

  it('is refused for a bad or taken address and a bad name', async () => {
    expect(await customers.refusal(ADMIN, CREATE, { input: { email: 'made@example.com' } })).toEqual({ code: 'CONFLICT', reason: 'EMAIL_TAKEN' });
    expect(await customers.refusal(ADMIN, CREATE, { input: { email: 'x' } })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_EMAIL' });
    expect(await customers.refusal(ADMIN, CREATE, { input: { email: 'x@example.com', fullName: '' } })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_NAME' });
  });
});
