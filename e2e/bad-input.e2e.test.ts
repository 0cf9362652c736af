/** Bad input gets a clear error at the door, with the right status, and the next request works. */
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { type Credential, headersOf } from '@iotistic/testkit/client';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { reportOf, SIGN_UP } from './documents.ts';

let booted: BootedPlane;
let customerId: string;
let foreignId: string;
let session: string;
let license: string;
let apiKey: string;

interface Made {
  signUp: { customer: { id: string; license: { token: string } }; session: { token: string } };
}

beforeAll(async () => {
  booted = await bootPlane();
  const { signUp } = await booted.client.ask<Made>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  const foreign = await booted.client.ask<Made>(SIGN_UP, { input: { email: 'eve@example.com', password: 'correct horse' } });
  customerId = signUp.customer.id;
  foreignId = foreign.signUp.customer.id;
  session = signUp.session.token;
  license = signUp.customer.license.token;
  const { createApiKey } = await booted.client.as({ bearer: session }).ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
  apiKey = createApiKey.secret;
});
afterAll(() => booted.stop());
afterEach(async () => {
  expect(await booted.client.ask('{ plans { key } }')).toMatchObject({ plans: [{ key: 'TRIAL' }, { key: 'STARTER' }, { key: 'PROFESSIONAL' }, { key: 'ENTERPRISE' }] });
});

interface Refusal {
  status: number;
  code: string;
  reason: string;
}

async function post(body: string, headers: Record<string, string> = {}): Promise<Refusal & { text: string }> {
  const response = await fetch(`${booted.plane.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers }, body });
  const text = await response.text();
  const { errors } = JSON.parse(text) as { errors?: { extensions: { code: string; reason: string; requestId: string } }[] };
  expect(errors?.[0]?.extensions.requestId).toBe(response.headers.get('x-request-id'));
  expect(text).not.toMatch(/stacktrace|serviceName|node_modules|127\.0\.0\.1:5|select |\.ts:/i);
  return { status: response.status, code: errors?.[0]?.extensions.code ?? '', reason: errors?.[0]?.extensions.reason ?? '', text };
}

const refuse = (query: string, variables: Record<string, unknown> = {}, credential: Credential = {}): Promise<Refusal> => post(JSON.stringify({ query, variables }), headersOf(credential));
const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';

describe('a credential', () => {
  const WHO = '{ viewer { __typename } }';
  it.each<[name: string, reason: string, status: number, credential: () => Record<string, string>]>([
    ['an unknown API key', 'INVALID_CREDENTIAL', 401, () => ({ 'x-api-key': `iotk_${'a'.repeat(43)}` })],
    ['an unknown session', 'INVALID_CREDENTIAL', 401, () => ({ authorization: `Bearer iots_${'a'.repeat(43)}` })],
    ['a wrong admin token', 'INVALID_CREDENTIAL', 401, () => ({ authorization: `Bearer iota_${'a'.repeat(43)}` })],
    ['two at once', 'MALFORMED_CREDENTIAL', 401, () => ({ authorization: `Bearer ${session}`, 'x-api-key': apiKey })],
    ['another scheme', 'MALFORMED_CREDENTIAL', 401, () => ({ authorization: 'Basic YTpi' })],
    ['a license with a changed byte', 'LICENSE_NOT_ACCEPTED', 401, () => ({ authorization: `Bearer ${license.slice(0, -2)}${license.at(-2) === 'A' ? 'B' : 'A'}${license.at(-1)}` })],
    ['a license without its signature', 'LICENSE_NOT_ACCEPTED', 401, () => ({ authorization: `Bearer ${license.split('.').slice(0, 2).join('.')}.AAAA` })],
  ])('%s is refused: %s', async (_name, reason, status, credential) => {
    expect(await post(JSON.stringify({ query: WHO }), credential())).toMatchObject({ status, code: 'UNAUTHENTICATED', reason });
  });

  it('a wrong password and an unknown e-mail look the same', async () => {
    const logIn = 'mutation ($input: LogInInput!) { logIn(input: $input) { session { token } } }';
    expect(await refuse(logIn, { input: { email: 'ada@example.com', password: 'wrong horse' } })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', reason: 'INVALID_LOGIN' });
    expect(await refuse(logIn, { input: { email: 'nobody@example.com', password: 'wrong horse' } })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', reason: 'INVALID_LOGIN' });
  });

  it('an account that is guessed at is slowed down, for the right password too', async () => {
    await booted.client.ask(SIGN_UP, { input: { email: 'guessed@example.com', password: 'correct horse' } });
    const logIn = 'mutation ($input: LogInInput!) { logIn(input: $input) { session { token } } }';
    const input = { email: 'guessed@example.com', password: 'wrong horse' };
    const answers: Refusal[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) answers.push(await refuse(logIn, { input }));
    expect(answers.at(-1)).toMatchObject({ status: 429, code: 'LIMIT_EXCEEDED', reason: 'TOO_MANY_LOGIN_ATTEMPTS' });
    expect(await refuse(logIn, { input: { ...input, password: 'correct horse' } })).toMatchObject({ reason: 'TOO_MANY_LOGIN_ATTEMPTS' });
  });

  it('is needed where it is needed', async () => {
    expect(await refuse(REPORT, { input: { instance: 'a', reports: [reportOf({ minutesAgo: 1 })] } })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' });
    expect(await refuse('{ customers { totalCount } }', {}, { bearer: session })).toMatchObject({ status: 403, code: 'FORBIDDEN', reason: 'ADMIN_ONLY' });
    expect(await refuse(REPORT, { input: { instance: 'a', reports: [reportOf({ minutesAgo: 1 })] } }, { bearer: session })).toMatchObject({ status: 403, code: 'FORBIDDEN', reason: 'INSTANCE_ONLY' });
  });
});

describe("another tenant's id", () => {
  it.each(['companyName', 'subscription { status }', 'license { token }', 'latestUsage { id }', 'apiKeys { id }', 'usageSummary { periodStart }'])('does not exist: customer { %s }', async (field) => {
    const query = `query ($id: ID!) { customer(id: $id) { ${field} } }`;
    for (const credential of [{ bearer: session }, { apiKey }]) {
      const answer = await refuse(query, { id: foreignId }, credential);
      const missing = await refuse(query, { id: 'cust_000000000000000000000000' }, credential);
      expect(answer).toMatchObject({ code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' });
      expect({ ...answer, text: '' }).toEqual({ ...missing, text: '' });
    }
  });

  it('does not exist for mutations either', async () => {
    expect(await refuse('mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } } }', { input: { id: foreignId, companyName: 'Mine' } }, { bearer: session })).toMatchObject({ status: 404, reason: 'CUSTOMER_NOT_FOUND' });
    expect(await refuse('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId: foreignId, name: 'x' } }, { bearer: session })).toMatchObject({ status: 404, reason: 'CUSTOMER_NOT_FOUND' });
  });
});

describe('a request', () => {
  const deep = `{ customer(id: "x") ${'{ instances { edges { node { customer '.repeat(5)}{ id }${' } } } }'.repeat(5)} }`;
  const bomb = `{ customer(id: "x") { ...f0 } } ${Array.from({ length: 25 }, (_, index) => `fragment f${index} on Customer { instances { edges { node { customer { ...f${index + 1} } } } } a: instances { edges { node { customer { ...f${index + 1} } } } } }`).join(' ')} fragment f25 on Customer { id }`;
  const aliased = `{ ${Array.from({ length: 40 }, (_, index) => `a${index}: plans { key }`).join(' ')} }`;

  it.each<[name: string, body: string, status: number, code: string, reason: RegExp]>([
    ['malformed JSON', '{"query": ', 400, 'INVALID_INPUT', /^MALFORMED_JSON$/],
    ['no query', '{"variables": {}}', 400, 'INVALID_INPUT', /^MALFORMED_REQUEST$/],
    ['a batch', '[{"query": "{ plans { key } }"}]', 400, 'INVALID_INPUT', /^BATCHING_NOT_SUPPORTED$/],
    ['a document that does not parse', JSON.stringify({ query: '{ plans { ' }), 400, 'INVALID_INPUT', /^MALFORMED_QUERY$/],
    ['an unknown field', JSON.stringify({ query: '{ plans { secret } }' }), 400, 'INVALID_INPUT', /^MALFORMED_QUERY$/],
    ['a field of the inside', JSON.stringify({ query: '{ credential(sha256: "x") { state } }' }), 400, 'INVALID_INPUT', /^MALFORMED_QUERY$/],
    ['an unknown input field', JSON.stringify({ query: 'mutation ($i: LogInInput!) { logIn(input: $i) { session { token } } }', variables: { i: { email: 'a', password: 'b', admin: true } } }), 400, 'INVALID_INPUT', /^INVALID_VARIABLES$/],
    ['an unknown operation', JSON.stringify({ query: 'query A { plans { key } }', operationName: 'B' }), 400, 'INVALID_INPUT', /^UNKNOWN_OPERATION$/],
    ['a deep document', JSON.stringify({ query: deep }), 400, 'INVALID_INPUT', /^QUERY_TOO_(DEEP|COMPLEX)$/],
    ['an aliased document', JSON.stringify({ query: aliased }), 400, 'INVALID_INPUT', /^TOO_MANY_(ALIASES|ROOT_FIELDS)$/],
    ['a document that multiplies itself', JSON.stringify({ query: bomb }), 400, 'INVALID_INPUT', /^(QUERY_TOO_|TOO_MANY_)/],
    ['a document that is all tokens', JSON.stringify({ query: `{ ${'plans { key } '.repeat(3_000)} }` }), 400, 'INVALID_INPUT', /^QUERY_TOO_LONG$/],
    ['lists of lists', JSON.stringify({ query: '{ customers(first: 100) { edges { node { instances(first: 100) { edges { node { customer { instances(first: 100) { edges { node { id } } } } } } } } } } }' }), 400, 'INVALID_INPUT', /^QUERY_TOO_(COMPLEX|DEEP)$/],
    ['a subscription by POST', JSON.stringify({ query: 'subscription { usageReported(customerId: "x") { id } }' }), 400, 'INVALID_INPUT', /^SUBSCRIPTION_TRANSPORT$/],
    ['a 5 MB body', JSON.stringify({ query: '{ plans { key } }', variables: { x: 'x'.repeat(5_000_000) } }), 413, 'LIMIT_EXCEEDED', /^BODY_TOO_LARGE$/],
  ])('with %s is refused', async (_name, body, status, code, reason) => {
    expect(await post(body)).toMatchObject({ status, code, reason: expect.stringMatching(reason) as string });
  });

  it('of a cross-site form is refused', async () => {
    const response = await fetch(`${booted.plane.url}/graphql`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: JSON.stringify({ query: 'mutation { logOut }' }) });
    expect([400, 415]).toContain(response.status);
    expect((await fetch(`${booted.plane.url}/graphql?query=${encodeURIComponent('{ plans { key } }')}`)).status).toBe(400);
    expect((await fetch(`${booted.plane.url}/graphql?query=${encodeURIComponent('{ plans { key } }')}`, { headers: { 'apollo-require-preflight': 'true' } })).status).toBe(200);
  });

  it('to nowhere, or by a wrong method, says so', async () => {
    expect((await fetch(`${booted.plane.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${booted.plane.url}/healthz`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('what is reported', () => {
  it('1001 reports and none are refused whole', async () => {
    for (const count of [0, 1001]) {
      const reports = Array.from({ length: count }, (_, index) => reportOf({ minutesAgo: 1 + index }));
      expect(await refuse(REPORT, { input: { instance: 'a', reports } }, { apiKey })).toMatchObject({ status: 400, code: 'INVALID_INPUT', reason: 'INVALID_REPORT_COUNT' });
    }
  });

  it('a number that is none is refused by its type', async () => {
    for (const value of [1.5, '7', 2 ** 60]) {
      expect(await refuse(REPORT, { input: { instance: 'a', reports: [{ ...reportOf({ minutesAgo: 1 }), activeDevices: value }] } }, { apiKey })).toMatchObject({ status: 400, code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' });
    }
  });
});

describe('what is signed up with', () => {
  it.each([
    [{ email: 'no-address', password: 'correct horse' }, 400, 'INVALID_EMAIL'],
    [{ email: 'x@example.com', password: 'short' }, 400, 'INVALID_PASSWORD'],
    [{ email: 'x@example.com', password: 'x'.repeat(300) }, 400, 'INVALID_PASSWORD'],
    [{ email: 'x@example.com', password: 'correct horse', companyName: 'x'.repeat(500) }, 400, 'INVALID_NAME'],
    [{ email: 'ADA@example.com', password: 'correct horse' }, 409, 'EMAIL_TAKEN'],
  ])('%o is refused', async (input, status, reason) => {
    expect(await refuse(SIGN_UP, { input })).toMatchObject({ status, reason });
  });
});

describe('a WebSocket', () => {
  const open = (options: { payload?: unknown; origin?: string; path?: string } = {}): { socket: WebSocket; closed: Promise<number>; messages: { type: string; payload?: unknown }[] } => {
    const socket = new WebSocket(`${booted.plane.url.replace(/^http/, 'ws')}${options.path ?? '/graphql'}`, 'graphql-transport-ws', options.origin === undefined ? {} : { origin: options.origin });
    const messages: { type: string }[] = [];
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: options.payload })));
    socket.on('message', (data) => messages.push(JSON.parse((data as Buffer).toString()) as { type: string }));
    const closed = new Promise<number>((resolve) => {
      socket.on('close', resolve);
      socket.on('error', () => resolve(-1));
    });
    return { socket, closed, messages };
  };

  it('without a credential, or with a bad one, is closed with 4403', async () => {
    expect(await open().closed).toBe(4403);
    expect(await open({ payload: { authorization: 'Bearer iots_nothing' } }).closed).toBe(4403);
  });

  it('of a foreign page is refused', async () => {
    expect(await open({ origin: 'https://evil.example', payload: { authorization: `Bearer ${session}` } }).closed).not.toBe(1000);
  });

  it('that sends rubbish, or a frame that is too large, is closed, and others go on', async () => {
    const rubbish = open({ payload: { authorization: `Bearer ${session}` } });
    await waitFor(() => expect(rubbish.messages.map(({ type }) => type)).toContain('connection_ack'));
    rubbish.socket.send('rubbish');
    expect(await rubbish.closed).toBe(4400);
    const large = open({ payload: { authorization: `Bearer ${session}` } });
    await waitFor(() => expect(large.messages.map(({ type }) => type)).toContain('connection_ack'));
    large.socket.send('x'.repeat(1_000_000));
    expect(await large.closed).toBe(1009);
  });

  it('may not hold more operations than are allowed', async () => {
    const many = open({ payload: { authorization: `Bearer ${session}` } });
    await waitFor(() => expect(many.messages.map(({ type }) => type)).toContain('connection_ack'));
    for (let index = 0; index < 120; index += 1) many.socket.send(JSON.stringify({ id: String(index), type: 'subscribe', payload: { query: `subscription { usageReported(customerId: "${customerId}") { id } }` } }));
    await waitFor(() => expect(JSON.stringify(many.messages)).toContain('TOO_MANY_SUBSCRIPTIONS'));
    many.socket.close();
  });
});
