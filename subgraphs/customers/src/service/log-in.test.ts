import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { hash, verify } from '@node-rs/argon2';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialHash } from '../domain/credential.ts';
import { ADMIN, ANYONE, type CustomersUnderTest, GATEWAY, type Json, PASSWORD, prepareDatabase, startUnderTest } from '../under-test.ts';

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

const LOG_IN = 'mutation ($input: LogInInput!) { logIn(input: $input) { customer { id email instances { edges { node { name } } } } session { token expiresAt } } }';
const logIn = (email: string, password: string) => customers.run(ANYONE, LOG_IN, { input: { email, password } });
const refusalOf = (email: string, password = PASSWORD): Promise<Json> => customers.refusal(ANYONE, LOG_IN, { input: { email, password } });
const stateOf = async (token: string): Promise<unknown> => ((await customers.data(GATEWAY, 'query ($sha256: String!) { credential(sha256: $sha256) { state } }', { sha256: credentialHash(token) }))['credential'] as Json)['state'];
const INVALID_LOGIN = { code: 'UNAUTHENTICATED', reason: 'INVALID_LOGIN' };

describe('logging in', () => {
  it('opens a session of its own beside the others, in whatever case the address is typed', async () => {
    const account = await customers.signUp('in@example.com');
    const { logIn: answer } = await customers.data<{ logIn: { customer: Json; session: { token: string } } }>(ANYONE, LOG_IN, { input: { email: ' IN@example.com', password: PASSWORD } });
    expect(answer.customer).toMatchObject({ id: account.id, email: 'in@example.com' });
    expect(await stateOf(answer.session.token)).toBe('ACTIVE');
    expect(await stateOf(account.token)).toBe('ACTIVE');
    expect((await customers.audited(account.id)).at(-1)).toMatch(new RegExp(`^user:${account.user.userId} session.opened sess_`));
  });

  it('takes a password and an address as another keyboard composes them (matrix-org/synapse#3306)', async () => {
    const [composed, decomposed] = ['crème brûlée', 'crème brûlée'].map((text, index) => text.normalize(index === 0 ? 'NFC' : 'NFD')) as [string, string];
    await customers.data(ANYONE, 'mutation ($input: SignUpInput!) { signUp(input: $input) { customer { id } } }', { input: { email: 'rene@b\u00fccher.example', password: decomposed } });
    for (const [email, password] of [['rene@bu\u0308cher.example', composed], ['RENE@xn--bcher-kva.example', decomposed]] as const) expect((await logIn(email, password)).errors).toBeUndefined();
    expect(await refusalOf('rene@b\u00fccher.example', 'creme brulee')).toMatchObject(INVALID_LOGIN);
    const again = await customers.refusal(ANYONE, 'mutation ($input: SignUpInput!) { signUp(input: $input) { customer { id } } }', { input: { email: 'rene@xn--bcher-kva.example', password: composed } });
    expect(again).toMatchObject({ reason: 'EMAIL_TAKEN' });
  });

  it('takes one that was hashed as it was typed, once, and hashes it in its normal form', async () => {
    const decomposed = 'crème brûlée'.normalize('NFD');
    await customers.signUp('old@example.com');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const storedHash = async (): Promise<string> => (await client.query<{ password_hash: string }>("select password_hash from customers.users where email = 'old@example.com'")).rows[0]?.password_hash ?? '';
      const old = await hash(decomposed);
      await client.query("update customers.users set password_hash = $1 where email = 'old@example.com'", [old]);
      expect((await logIn('old@example.com', decomposed.normalize('NFC'))).errors).toBeUndefined();
      const renewed = await storedHash();
      expect(renewed).not.toBe(old);
      expect(await verify(renewed, decomposed.normalize('NFC'))).toBe(true);
      expect((await logIn('old@example.com', decomposed)).errors).toBeUndefined();
      expect(await storedHash()).toBe(renewed);
    } finally {
      await client.end();
    }
  });

  it('is who asks from then on, and sees its own account only', async () => {
    const [one, two] = [await customers.signUp('first@example.com'), await customers.signUp('second@example.com')];
    const ENTER = `mutation ($email: String!) { logIn(input: { email: $email, password: "${PASSWORD}" }) { customer {
      email users { id } instances { edges { node { customer { email } } } } auditLog { edges { node { actor } } } } } }`;
    await customers.data(one.user, 'mutation ($id: ID!) { createInstance(input: { customerId: $id, name: "prod" }) { instance { id } } }', { id: one.id });
    // Three times: the document is compiled when it comes again. Both at once, so that neither sees what the other may.
    for (let time = 0; time < 3; time += 1) {
      const [first, second] = await Promise.all([one, two].map(({ email }) => customers.run(ANYONE, ENTER, { email })));
      expect(first?.data).toMatchObject({ logIn: { customer: { email: 'first@example.com', users: [{ id: one.user.userId }], instances: { edges: [{ node: { customer: { email: 'first@example.com' } } }] } } } });
      expect(second?.data).toMatchObject({ logIn: { customer: { email: 'second@example.com', users: [{ id: two.user.userId }], instances: { edges: [] } } } });
      expect(first?.caller).toMatchObject({ kind: 'user', customerId: one.id, userId: one.user.userId });
      expect(second?.caller).toMatchObject({ kind: 'user', customerId: two.id, userId: two.user.userId });
    }
  });

  it('happens once in a request: a second one, which would hash as well, is refused with the first', async () => {
    const enter = (name: string): string => `${name}: logIn(input: { email: "${name}@example.com", password: "${PASSWORD}" }) { customer { id } }`;
    const response = await customers.run(ANYONE, `mutation { ${enter('first')} ${enter('second')} }`);
    expect(response.data ?? null).toBeNull();
    expect(response.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('leaves who asks as it was when it fails', async () => {
    expect((await logIn('first@example.com', 'not the password')).caller).toBeUndefined();
  });

  it('says the same of an unknown address, a wrong password and what can be neither', async () => {
    await customers.signUp('same@example.com');
    expect(await refusalOf('same@example.com', 'not the password')).toEqual(INVALID_LOGIN);
    expect(await refusalOf('nobody@example.com')).toEqual(INVALID_LOGIN);
    expect(await refusalOf('no address')).toEqual(INVALID_LOGIN);
    expect(await refusalOf('same@example.com', 'x'.repeat(1_000))).toEqual(INVALID_LOGIN);
  });

  it('takes no account without a user', async () => {
    await customers.data(ADMIN, 'mutation { createCustomer(input: { email: "userless@example.com" }) { customer { id } } }');
    expect(await refusalOf('userless@example.com')).toEqual(INVALID_LOGIN);
  });

  it('tells a deactivated account only to who knows the password', async () => {
    const account = await customers.signUp('gone@example.com');
    await customers.data(ADMIN, 'mutation ($id: ID!) { deactivateCustomer(input: { id: $id, reason: "test" }) { customer { id } } }', { id: account.id });
    expect(await refusalOf('gone@example.com', 'not the password')).toEqual(INVALID_LOGIN);
    expect(await refusalOf('gone@example.com')).toEqual({ code: 'UNAUTHENTICATED', reason: 'CUSTOMER_DEACTIVATED' });
  });
});

describe('guessing', () => {
  it('ends at the tenth failure, for the right password and over a restart too, until the quarter of an hour is over', async () => {
    await customers.signUp('guessed@example.com');
    for (let guess = 0; guess < 10; guess += 1) {
      expect(await refusalOf('guessed@example.com', `guess number ${guess}`)).toEqual(INVALID_LOGIN);
      clock.advance({ seconds: 6 });
    }
    expect(await refusalOf('guessed@example.com')).toEqual({ code: 'LIMIT_EXCEEDED', reason: 'TOO_MANY_LOGIN_ATTEMPTS', retryAfterSeconds: 840 });
    const another = await startUnderTest(database.url, clock);
    expect(await another.refusal(ANYONE, LOG_IN, { input: { email: 'guessed@example.com', password: PASSWORD } })).toMatchObject({ reason: 'TOO_MANY_LOGIN_ATTEMPTS' });
    await another.close();
    clock.advance({ seconds: 840 });
    expect((await logIn('guessed@example.com', PASSWORD)).errors).toBeUndefined();
  });

  it('is slowed for an address without an account alike, and for that address only', async () => {
    for (let guess = 0; guess < 10; guess += 1) await refusalOf('phantom@example.com');
    expect(await refusalOf('phantom@example.com')).toMatchObject({ reason: 'TOO_MANY_LOGIN_ATTEMPTS' });
    expect(await refusalOf('another-phantom@example.com')).toEqual(INVALID_LOGIN);
  });

  it('a success forgets the failures before it', async () => {
    await customers.signUp('clumsy@example.com');
    for (let round = 0; round < 2; round += 1) {
      for (let guess = 0; guess < 9; guess += 1) await refusalOf('clumsy@example.com', 'a slip of the hand');
      expect((await logIn('clumsy@example.com', PASSWORD)).errors).toBeUndefined();
    }
  });

  it('in a hundred attempts at once, no more get through than are hashed at once', async () => {
    await customers.signUp('stormed@example.com');
    const answers = await Promise.all(Array.from({ length: 100 }, (_, guess) => refusalOf('stormed@example.com', `guess number ${guess}`)));
    const reasons = answers.map((answer) => answer['reason']);
    const tried = reasons.filter((reason) => reason === 'INVALID_LOGIN').length;
    expect(tried).toBeGreaterThanOrEqual(10);
    expect(tried).toBeLessThanOrEqual(10 + 3);
    expect(reasons.filter((reason) => reason === 'TOO_MANY_LOGIN_ATTEMPTS')).toHaveLength(100 - tried);
  });

  describe('from elsewhere', () => {
    const from = (clientAddress: string, input: Json) => customers.subgraph.executor.execute({ query: LOG_IN_DEVICE, variables: { input } }, { caller: ANYONE, requestId: 'req_of_test', clientAddress });
    const outcomeOf = async (clientAddress: string, input: Json): Promise<unknown> => {
      const { errors } = await from(clientAddress, input);
      return errors === undefined ? 'in' : errors[0]?.extensions?.['reason'];
    };
    const LOG_IN_DEVICE = 'mutation ($input: LogInInput!) { logIn(input: $input) { deviceToken session { token } } }';
    const guess = { password: 'a guess of a stranger' };

    it('never closes an account to its owner, who has been here before or comes from a new address', async () => {
      const email = 'owner@example.com';
      await customers.signUp(email);
      for (let time = 0; time < 10; time += 1) expect(await outcomeOf('203.0.113.9', { email, ...guess })).toBe('INVALID_LOGIN');
      expect(await outcomeOf('203.0.113.9', { email, password: PASSWORD })).toBe('TOO_MANY_LOGIN_ATTEMPTS');
      expect(await outcomeOf('198.51.100.7', { email, password: PASSWORD })).toBe('in');
    });

    it('of many addresses at once ends for strangers, and never for a device or an address that was let in before', async () => {
      const email = 'swarmed@example.com';
      await customers.signUp(email);
      const { data } = await from('198.51.100.1', { email, password: PASSWORD });
      const { deviceToken } = (data as unknown as { logIn: { deviceToken: string } }).logIn;
      for (let stranger = 0; stranger < 20; stranger += 1) {
        await Promise.all(Array.from({ length: 5 }, () => outcomeOf(`203.0.113.${stranger}`, { email, ...guess })));
      }
      expect(await outcomeOf('192.0.2.50', { email, password: PASSWORD })).toBe('TOO_MANY_LOGIN_ATTEMPTS');
      expect(await outcomeOf('198.51.100.1', { email, password: PASSWORD })).toBe('in');
      expect(await outcomeOf('192.0.2.51', { email, password: PASSWORD, deviceToken })).toBe('in');
      expect(await outcomeOf('192.0.2.52', { email, password: PASSWORD, deviceToken: `iotd_${'x'.repeat(43)}` })).toBe('TOO_MANY_LOGIN_ATTEMPTS');
      expect(await outcomeOf('192.0.2.53', { email, password: PASSWORD, deviceToken: 'no token' })).toBe('TOO_MANY_LOGIN_ATTEMPTS');
    });

    it('does not close one address to the accounts of others behind it', async () => {
      await customers.signUp('neighbour@example.com');
      await customers.signUp('guesser@example.com');
      for (let time = 0; time < 11; time += 1) await outcomeOf('192.0.2.9', { email: 'guesser@example.com', ...guess });
      expect(await outcomeOf('192.0.2.9', { email: 'neighbour@example.com', password: PASSWORD })).toBe('in');
    });

    it('a device that guesses itself has to wait like any other, and its token lets nobody in', async () => {
      const email = 'lent@example.com';
      await customers.signUp(email);
      const { data } = await from('198.51.100.1', { email, password: PASSWORD });
      const { deviceToken } = (data as unknown as { logIn: { deviceToken: string } }).logIn;
      for (let time = 0; time < 10; time += 1) expect(await outcomeOf(`192.0.2.${time}`, { email, ...guess, deviceToken })).toBe('INVALID_LOGIN');
      expect(await outcomeOf('192.0.2.77', { email, password: PASSWORD, deviceToken })).toBe('TOO_MANY_LOGIN_ATTEMPTS');
    });

    it('is remembered for the latest forty devices and addresses only', async () => {
      const email = 'traveller@example.com';
      await customers.signUp(email);
      for (let place = 0; place < 25; place += 1) {
        clock.advance({ seconds: 1 });
        expect(await outcomeOf(`198.51.100.${place}`, { email, password: PASSWORD })).toBe('in');
      }
      const known = await customers.db.selectFrom('known_devices').select('mark_sha256').where('account_sha256', '=', credentialHash(email)).execute();
      expect(known).toHaveLength(40);
    });
  });

  it('keeps no failure longer than it counts', async () => {
    clock.advance({ minutes: 16 });
    await refusalOf('last@example.com');
    expect(await customers.db.selectFrom('login_failures').select('account_sha256').execute()).toEqual([{ account_sha256: credentialHash('last@example.com') }]);
  });
});

describe('logging out', () => {
  it('ends the session at once and everywhere, and the other sessions stay', async () => {
    const account = await customers.signUp('out@example.com');
    const { logIn: answer } = await customers.data<{ logIn: { session: { token: string } } }>(ANYONE, LOG_IN, { input: { email: 'out@example.com', password: PASSWORD } });
    const other = answer.session.token;
    const heard = customers.hearCredentials();
    expect(await customers.data(account.user, 'mutation { logOut }')).toEqual({ logOut: true });
    expect(heard).toEqual([credentialHash(account.token)]);
    expect([await stateOf(account.token), await stateOf(other)]).toEqual(['REVOKED', 'ACTIVE']);
    expect((await customers.audited(account.id)).at(-1)).toBe(`user:${account.user.userId} session.ended ${account.user.sessionId}`);
  });

  it('twice is the same answer and one entry', async () => {
    const account = await customers.signUp('twice-out@example.com');
    expect(await customers.data(account.user, 'mutation { logOut }')).toEqual({ logOut: true });
    expect(await customers.data(account.user, 'mutation { logOut }')).toEqual({ logOut: true });
    expect((await customers.audited(account.id)).filter((entry) => entry.includes('session.ended'))).toHaveLength(1);
  });
});

it('a session ends by itself after SESSION_TTL_DAYS', async () => {
  const { token } = await customers.signUp('aging@example.com');
  clock.advance({ days: 30, seconds: -1 });
  expect(await stateOf(token)).toBe('ACTIVE');
  clock.advance({ seconds: 1 });
  expect(await stateOf(token)).toBe('EXPIRED');
});

it('sessions long over are forgotten at the next log-in', async () => {
  const account = await customers.signUp('forgetful@example.com');
  clock.advance({ days: 61 });
  await logIn('forgetful@example.com', PASSWORD);
  const sessions = await customers.db.selectFrom('sessions').select('id').where('customer_id', '=', account.id).execute();
  expect(sessions).toHaveLength(1);
  expect(sessions[0]?.id).not.toBe(account.user.sessionId);
});
