import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type CustomersUnderTest, type Json, prepareDatabase, startUnderTest } from '../under-test.ts';

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

const LIST = 'query ($first: Int, $after: String, $search: String) { customers(first: $first, after: $after, search: $search) { totalCount edges { cursor node { id email } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }';

interface List {
  totalCount: number;
  edges: { cursor: string; node: { id: string; email: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}
const list = async (args: Json = {}): Promise<List> => (await customers.data<{ customers: List }>(ADMIN, LIST, args)).customers;
const emailsOf = (page: List): string[] => page.edges.map((edge) => edge.node.email);
const make = (email: string, names: Json = {}) => customers.data(ADMIN, 'mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { id } } }', { input: { email, ...names } });

beforeAll(async () => {
  // Three within one millisecond: their order is by id then.
  for (const email of ['a1@x.example', 'a2@x.example', 'a3@x.example']) await make(email);
  for (const email of ['b@x.example', 'c@x.example', 'd@x.example']) {
    clock.advance({ seconds: 1 });
    await make(email);
  }
});

describe('the list of customers', () => {
  it('is newest first, in pages that show each customer once, also while others sign up', async () => {
    const first = await list({ first: 2 });
    expect(emailsOf(first)).toEqual(['d@x.example', 'c@x.example']);
    expect(first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false, startCursor: first.edges[0]?.cursor, endCursor: first.edges[1]?.cursor });
    clock.advance({ seconds: 1 });
    await make('meanwhile@x.example');
    const second = await list({ first: 2, after: first.pageInfo.endCursor });
    const third = await list({ first: 100, after: second.pageInfo.endCursor });
    expect(emailsOf(second)[0]).toBe('b@x.example');
    expect([emailsOf(second)[1] ?? '', ...emailsOf(third)].sort()).toEqual(['a1@x.example', 'a2@x.example', 'a3@x.example']);
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    expect(third.totalCount).toBe(7);
  });

  it.each([0, -1, 101])('first is 1 to 100: not %d', async (first) => {
    expect(await customers.refusal(ADMIN, LIST, { first })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_PAGE_SIZE' });
  });

  it('takes first: null for the default', async () => {
    expect((await list({ first: null })).edges).toHaveLength(7);
  });

  const cursorOf = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');
  it.each(['', 'nonsense', cursorOf(null), cursorOf(['2026-11-20T12:00:00.000Z']), cursorOf(['yesterday', 'cust_000000000000000000000000']), cursorOf(['2026-11-20T12:00:00.000Z', 'cust_\0'])])('a cursor that is none of its own is refused: %j', async (after) => {
    expect(await customers.refusal(ADMIN, LIST, { after })).toEqual({ code: 'INVALID_INPUT', reason: 'INVALID_CURSOR' });
  });
});

describe('searching', () => {
  beforeAll(async () => {
    await make('sales@needle.example', { companyName: 'Hay GmbH' });
    await make('two@hay.example', { companyName: 'The Needle Works' });
    await make('three@hay.example', { fullName: 'Ada NEEDLE' });
    await make('four@hay.example', { companyName: '100% Hay_Stack\\Co' });
  });

  it('finds the text in address, company, name and id, in whatever case, and counts what it finds', async () => {
    const found = await list({ search: ' neeDLE ' });
    expect(emailsOf(found).sort()).toEqual(['sales@needle.example', 'three@hay.example', 'two@hay.example']);
    expect(found.totalCount).toBe(3);
    const one = found.edges[0]?.node ?? { id: '', email: '' };
    expect((await list({ search: one.id.slice(5, 20).toUpperCase() })).edges.map((edge) => edge.node)).toEqual([one]);
  });

  it.each(['100%', 'hay_', 'k\\c'])('takes %j as it stands', async (search) => {
    expect(emailsOf(await list({ search }))).toEqual(['four@hay.example']);
  });

  it('pages through what it finds', async () => {
    const first = await list({ search: 'needle', first: 2 });
    const second = await list({ search: 'needle', first: 2, after: first.pageInfo.endCursor });
    expect([...emailsOf(first), ...emailsOf(second)].sort()).toEqual(['sales@needle.example', 'three@hay.example', 'two@hay.example']);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  it('finds nothing, or everyone for nothing', async () => {
    expect(await list({ search: 'no such thing' })).toMatchObject({ totalCount: 0, edges: [], pageInfo: { startCursor: null, endCursor: null } });
    expect((await list({ search: '  ' })).totalCount).toBe((await list()).totalCount);
    expect(await customers.refusal(ADMIN, LIST, { search: 'nee\0dle' })).toMatchObject({ code: 'INVALID_INPUT', reason: 'INVALID_TEXT' });
  });
});
