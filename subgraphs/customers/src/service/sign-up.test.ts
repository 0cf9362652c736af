import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialHash } from '../domain/credential.ts';
import { ADMIN, ANYONE, type CustomersUnderTest, GATEWAY, type Json, PASSWORD, prepareDatabase, startUnderTest } from '../under-test.ts';

const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  customer { id email companyName fullName status createdAt updatedAt users { email fullName } apiKeys { id } instances { totalCount edges { node { name } } } auditLog { edges { node { action actor } } } }
  session { token expiresAt } } }`;

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

const refusalOf = (input: Json): Promise<Json> => customers.refusal(ANYONE, SIGN_UP, { input: { email: 'ok@example.com', password: PASSWORD, ...input } });

describe('who signs up', () => {
  it('gets account, user and session in one answer, all of it readable with no credential yet', async () => {
    const { signUp } = await customers.data<{ signUp: { customer: Json; session: { token: string; expiresAt: Date } } }>(ANYONE, SIGN_UP, {
      input: { email: '  Ada@Acme.Example ', password: PASSWORD, companyName: ' Acme Corp ', fullName: 'Ada Løvelace' },
    });
    expect(signUp.customer).toMatchObject({
      email: 'ada@acme.example',
      companyName: 'Acme Corp',
      fullName: 'Ada Løvelace',
      status: 'ACTIVE',
      users: [{ email: 'ada@acme.example', fullName: 'Ada Løvelace' }],
      apiKeys: [],
      instances: { totalCount: 0, edges: [] },
      auditLog: { edges: [{ node: { action: 'customer.signed_up' } }] },
    });
    expect(signUp.customer['id']).toMatch(/^cust_[0-9a-v]{24}$/);
    expect(signUp.session.token).toMatch(/^iots_[\w-]{43}$/);
    expect(new Date(signUp.session.expiresAt).toISOString()).toBe('2026-12-20T12:00:00.000Z');
  });

  it('leaves neither password nor token in the database', async () => {
    const account = await customers.signUp('secretive@example.com');
    const user = await customers.db.selectFrom('users').selectAll().where('id', '=', account.user.userId).executeTakeFirstOrThrow();
    expect(user.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const session = await customers.db.selectFrom('sessions').selectAll().where('id', '=', account.user.sessionId).executeTakeFirstOrThrow();
    expect(session.token_sha256).toBe(credentialHash(account.token));
    expect(JSON.stringify([user, session])).not.toContain(account.token);
  });

  it('has told the others in the same transaction, with the id of its request', async () => {
    const account = await customers.signUp('told@example.com', { companyName: 'Told' });
    expect((await customers.published()).filter((event) => event.payload['customerId'] === account.id)).toEqual([
      {
        name: 'customer.signed_up',
        payload: { customerId: account.id, email: 'told@example.com', companyName: 'Told', fullName: null, createdAt: clock.now().toISOString(), updatedAt: clock.now().toISOString() },
        requestId: 'req_of_test',
      },
    ]);
    expect(await customers.audited(account.id)).toEqual([`user:${account.user.userId} customer.signed_up ${account.id}`]);
  });

  it('holds a session that the gateway finds', async () => {
    const account = await customers.signUp('found@example.com');
    const { credential } = await customers.data(GATEWAY, 'query ($sha256: String!) { credential(sha256: $sha256) { state kind id customerId userId } }', { sha256: credentialHash(account.token) });
    expect(credential).toEqual({ state: 'ACTIVE', kind: 'SESSION', id: account.user.sessionId, customerId: account.id, userId: account.user.userId });
  });
});

describe('a taken address', () => {
  it('is EMAIL_TAKEN in whatever case, also when an operator made the account', async () => {
    await customers.signUp('taken@example.com');
    expect(await refusalOf({ email: 'TAKEN@example.com' })).toEqual({ code: 'CONFLICT', reason: 'EMAIL_TAKEN' });
    await customers.data(ADMIN, 'mutation { createCustomer(input: { email: "made@example.com" }) { customer { id } } }');
    expect(await refusalOf({ email: 'made@example.com' })).toEqual({ code: 'CONFLICT', reason: 'EMAIL_TAKEN' });
  });

  it('lets one of eight in who come at once, and leaves nothing of the others', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => customers.run(ANYONE, SIGN_UP, { input: { email: 'race@example.com', password: PASSWORD } })));
    expect(answers.filter((answer) => answer.errors === undefined)).toHaveLength(1);
    expect(answers.flatMap((answer) => answer.errors ?? []).map((error) => error.extensions?.['reason'])).toEqual(Array(7).fill('EMAIL_TAKEN'));
    expect((await customers.published()).filter((event) => event.payload['email'] === 'race@example.com')).toHaveLength(1);
  });
});

describe('bad input', () => {
  it.each([
    ['an address without @', { email: 'nobody' }, 'INVALID_EMAIL'],
    ['an address with a NUL', { email: 'a\0b@example.com' }, 'INVALID_TEXT'],
    ['a short password', { password: 'seven77' }, 'INVALID_PASSWORD'],
    ['a long password', { password: 'x'.repeat(257) }, 'INVALID_PASSWORD'],
    ['an empty company', { companyName: '   ' }, 'INVALID_NAME'],
    ['a long company', { companyName: 'x'.repeat(201) }, 'INVALID_NAME'],
    ['a name with a line break', { fullName: 'Ada\nBcc: all' }, 'INVALID_TEXT'],
  ])('%s is refused with its reason', async (_what, input, reason) => {
    expect(await refusalOf(input)).toMatchObject({ code: 'INVALID_INPUT', reason });
  });

  it('leaves the next request working', async () => {
    expect(await customers.signUp('ok@example.com')).toMatchObject({ email: 'ok@example.com' });
  });
});
