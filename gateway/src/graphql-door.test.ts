import { request as httpRequest } from 'node:http';
import { createLog } from '@iotistic/chassis/log';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

let gateway: TestGateway;
const logged: string[] = [];
beforeAll(async () => {
  const log = createLog({ level: 'error', name: 'test', destination: { write: (line: string) => void logged.push(line) } });
  gateway = await startTestGateway({ log, environment: { MAX_BODY_BYTES: '100000' } });
});
afterAll(() => gateway.stop());
// Whatever was sent, the next request works.
afterEach(async () => {
  expect(await gateway.client.ask('{ plans { key } }')).toEqual({ plans: [{ key: 'TRIAL' }] });
});

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  error: { code?: string; reason?: string; requestId?: string } & Record<string, unknown>;
}

async function post(body: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers }, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, error: (JSON.parse(text) as { errors?: { extensions: Answer['error'] }[] }).errors?.[0]?.extensions ?? {} };
}
const ask = (query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> => post(JSON.stringify({ query, variables }), headers);

describe('a large body', () => {
  it('waits for no others that were announced and do not come, or whose senders have gone', async () => {
    const slow = Array.from({ length: 6 }, () => {
      const request = httpRequest(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': 50_000 } });
      request.on('error', () => undefined);
      request.flushHeaders();
      return request;
    });
    // Those in line go, those who have a turn stay.
    for (const request of slow.slice(4)) request.destroy();
    const large = JSON.stringify({ query: `{ plans { key } } #${'x'.repeat(40_000)}` });
    expect((await Promise.all([post(large), post(large)])).map(({ status }) => status)).toEqual([200, 200]);
    for (const request of slow) request.destroy();
  });
});

describe('a bad request is refused with its reason', () => {
  const nested = `{ customer(id: "x") ${'{ instances { edges { node { customer '.repeat(4)}{ id }${' } } } }'.repeat(4)} }`;
  it.each([
    ['malformed JSON', '{"query": ', 400, 'MALFORMED_JSON'],
    ['JSON that is no request', '"hello"', 400, 'MALFORMED_REQUEST'],
    ['no query', '{}', 400, 'MALFORMED_REQUEST'],
    ['a query that is no text', '{"query": 7}', 400, 'MALFORMED_REQUEST'],
    ['variables that are no object', '{"query": "{ plans { key } }", "variables": "x"}', 400, 'MALFORMED_REQUEST'],
    ['a persisted query', '{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}', 400, 'MALFORMED_REQUEST'],
    ['a batch', '[{"query": "{ plans { key } }"}]', 400, 'BATCHING_NOT_SUPPORTED'],
    ['a document that does not parse', JSON.stringify({ query: '{ plans {' }), 400, 'MALFORMED_QUERY'],
    ['an unknown field', JSON.stringify({ query: '{ plans { kee } }' }), 400, 'MALFORMED_QUERY'],
    ['a field that is not public', JSON.stringify({ query: '{ credential(sha256: "x") { state } }' }), 400, 'MALFORMED_QUERY'],
    ['entities', JSON.stringify({ query: '{ _entities(representations: []) { __typename } }' }), 400, 'MALFORMED_QUERY'],
    ['a literal that is no instant', JSON.stringify({ query: '{ customer(id: "x") { usageSeries(meter: DEVICES, from: "yesterday", to: "2026-01-01T00:00:00Z") { quantity } } }' }), 400, 'MALFORMED_QUERY'],
    ['an unknown operation', JSON.stringify({ query: 'query A { plans { key } }', operationName: 'B' }), 400, 'UNKNOWN_OPERATION'],
    ['two operations and no name', JSON.stringify({ query: 'query A { plans { key } } query B { plans { key } }' }), 400, 'UNKNOWN_OPERATION'],
    ['a missing variable', JSON.stringify({ query: 'query ($id: ID!) { customer(id: $id) { id } }' }), 400, 'INVALID_VARIABLES'],
    ['a variable of another type', JSON.stringify({ query: 'query ($n: Int) { customers(first: $n) { totalCount } }', variables: { n: 'many' } }), 400, 'INVALID_VARIABLES'],
    ['a deep document', JSON.stringify({ query: nested }), 400, 'QUERY_TOO_DEEP'],
    ['aliases', JSON.stringify({ query: `{ plans { ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(' ')} } }` }), 400, 'TOO_MANY_ALIASES'],
    ['directives', JSON.stringify({ query: `{ plans { key ${'@include(if: true) '.repeat(51)} } }` }), 400, 'TOO_MANY_DIRECTIVES'],
    ['root fields', JSON.stringify({ query: `{ ${'plans { key } '.repeat(21)} }` }), 400, 'TOO_MANY_ROOT_FIELDS'],
    ['tokens', JSON.stringify({ query: `{ plans { ${'key '.repeat(2_000)} } }` }), 400, 'QUERY_TOO_LONG'],
    ['the same field again and again', JSON.stringify({ query: `{ plans { ${'entitlements { limits { key } } '.repeat(41)} } }` }), 400, 'QUERY_TOO_COMPLEX'],
    ['lists of lists', JSON.stringify({ query: '{ customers(first: 100) { edges { node { instances(first: 100) { edges { node { id name createdAt } } } } } } }' }), 400, 'QUERY_TOO_COMPLEX'],
    ['lists of lists by variable', JSON.stringify({ query: 'query ($n: Int) { customers(first: $n) { edges { node { instances(first: $n) { edges { node { id name createdAt } } } } } } }', variables: { n: 100 } }), 400, 'QUERY_TOO_COMPLEX'],
    ['a subscription without a stream', JSON.stringify({ query: 'subscription { usageReported(customerId: "x") { id } }' }), 400, 'SUBSCRIPTION_TRANSPORT'],
    ['two live fields', JSON.stringify({ query: 'subscription { usageReported(customerId: "x") { id } licenseChanged(customerId: "x") { id } }' }), 400, 'MALFORMED_QUERY'],
  ])('%s', async (_name, body, status, reason) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, error: { code: 'INVALID_INPUT', reason, requestId: expect.stringMatching(/^req_/) as string } });
    expect(answer.headers.get('x-request-id')).toBe(answer.error.requestId);
  });

  it('a document that multiplies itself, before it does', async () => {
    const levels = Array.from({ length: 40 }, (_, level) => `fragment f${level} on Customer { ...f${level + 1} ... on Customer { ...f${level + 1} } }`);
    const answer = await ask(`{ customer(id: "x") { ...f0 } } ${levels.join(' ')} fragment f40 on Customer { id }`);
    expect(answer).toMatchObject({ status: 400, error: { reason: 'QUERY_TOO_COMPLEX' } });
  });

  it('a body that is too large, announced or not', async () => {
    expect(await post(JSON.stringify({ query: 'x'.repeat(200_000) }))).toMatchObject({ status: 413, error: { code: 'LIMIT_EXCEEDED', reason: 'BODY_TOO_LARGE' } });
    const status = await new Promise((resolve) => {
      const request = httpRequest(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } }, (response) => resolve(response.statusCode));
      request.on('error', () => undefined);
      request.end('x'.repeat(200_000));
    });
    expect(status).toBe(413);
  });

  it('what a form of another site could send', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect(await post('{"query":"{ plans { key } }"}', { 'content-type': type })).toMatchObject({ status: 400, error: { reason: 'CSRF_PREVENTED' } });
    }
    expect(await post('{}', { 'content-type': 'application/xml' })).toMatchObject({ status: 415, error: { reason: 'UNSUPPORTED_MEDIA_TYPE' } });
    expect((await fetch(`${gateway.url}/graphql?query={plans{key}}`)).status).toBe(400);
  });

  it('a mutation by GET', async () => {
    const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent('mutation { logOut }')}`, { headers: { 'apollo-require-preflight': '1' } });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });

  it('an unknown address, and a method that is not taken', async () => {
    expect((await fetch(`${gateway.url}/nowhere`)).status).toBe(404);
    expect((await fetch(`${gateway.url}/graphql`, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('an answer', () => {
  it('is joined across the graph, by GET too', async () => {
    const query = '{ customer(id: "cust_1") { companyName subscription { plan { name } status } license { expiresAt } } }';
    const expected = { customer: { companyName: 'Company cust_1', subscription: { plan: { name: 'Trial' }, status: 'TRIALING' }, license: { expiresAt: '2026-12-21T00:00:00.000Z' } } };
    expect(await gateway.admin.ask(query)).toEqual(expected);
    const response = await fetch(`${gateway.url}/graphql?${new URLSearchParams({ query })}`, { headers: { authorization: 'Bearer test-admin-token-0123456789' } });
    expect(await response.json()).toEqual({ data: expected });
  });

  it('has the media type that was asked for', async () => {
    expect((await ask('{ plans { key } }', {}, { accept: 'application/json' })).headers.get('content-type')).toContain('application/json');
    expect((await ask('{ plans { key } }', {}, { accept: 'application/graphql-response+json' })).headers.get('content-type')).toContain('application/graphql-response+json');
  });

  it('of a sign-up is complete: the rest of it is asked by who signed up', async () => {
    const { signUp } = await gateway.client.ask<{ signUp: { customer: object } }>('mutation { signUp(input: { email: "a@b.c", password: "x" }) { customer { id subscription { status } license { token } } session { token } } }');
    expect(signUp).toMatchObject({ customer: { id: 'cust_new', subscription: { status: 'TRIALING' }, license: { token: 'a.b.c' } } });
  });

  it('without data has the status of its error; a part that is missing leaves the rest', async () => {
    expect(await ask('{ customers { totalCount } }')).toMatchObject({ status: 401, error: { code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' } });
    gateway.fake.down.add('licensing');
    const partial = await gateway.admin.send('{ customer(id: "cust_1") { companyName license { id } } }');
    gateway.fake.down.delete('licensing');
    expect(partial).toMatchObject({ status: 200, data: { customer: { companyName: 'Company cust_1', license: null } }, errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } }] });
  });

  it('of a subgraph that is away is 503', async () => {
    gateway.fake.down.add('billing');
    expect(await ask('{ plans { key } }')).toMatchObject({ status: 503, error: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } });
    gateway.fake.down.delete('billing');
  });

  it('tells of an object that was promised and not found', async () => {
    gateway.fake.missing.add('cust_2');
    const answer = await gateway.admin.send('{ customer(id: "cust_2") { subscription { customer { companyName email } } } }');
    gateway.fake.missing.delete('cust_2');
    expect(answer.errors?.[0]).toMatchObject({ path: ['customer', 'subscription', 'customer', 'email'], extensions: { code: 'NOT_FOUND', reason: 'OBJECT_NOT_FOUND' } });
  });

  it('never shows what a fault was: our log does, by the request id', async () => {
    const answer = await ask('mutation { logOut }', {}, { 'x-request-id': 'find-me' });
    expect(answer).toMatchObject({ status: 500, error: { code: 'INTERNAL', reason: 'UNEXPECTED', requestId: 'find-me' } });
    expect(answer.text).not.toMatch(/sessions|stack|serviceName|customers/);
  });

  it('carries headers that keep browsers from guessing', async () => {
    const { headers } = await ask('{ plans { key } }');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('1000 reports in one call', () => {
  it('fit into the body that is allowed by default', async () => {
    const own = await startTestGateway();
    const report = { sequence: 123_456, intervalStart: '2026-11-20T09:30:00.000Z', intervalEnd: '2026-11-20T09:31:00.000Z', ...Object.fromEntries(['activeDevices', 'totalDevices', 'mqttMessagesPublished', 'mqttMessagesReceived', 'mqttBytesSent', 'mqttBytesReceived', 'httpRequests', 'httpBytesSent', 'httpBytesReceived', 'storageBytes', 'storageRows'].map((name) => [name, Number.MAX_SAFE_INTEGER])) };
    const reports = Array.from({ length: 1_000 }, (_, index) => ({ reportId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, ...report }));
    const answer = await own.admin.send('mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }', { input: { instance: 'us-east-1-prod', reports } });
    await own.stop();
    expect(answer).toMatchObject({ status: 200, data: { reportUsage: { accepted: 1_000 } } });
  });
});

describe('in production', () => {
  it('the schema is not told, and misspelt names are not corrected', async () => {
    const own = await startTestGateway({ environment: { NODE_ENV: 'production' } });
    const introspection = await own.admin.send('{ __schema { types { name } } }');
    const misspelt = await own.admin.send('{ plans { kee } }');
    await own.stop();
    expect(introspection).toMatchObject({ status: 400, errors: [{ extensions: { reason: 'INTROSPECTION_DISABLED' } }] });
    expect(misspelt.errors?.[0]?.message).toBe('Cannot query field "kee" on type "Plan".');
  });

  it('who shows no good credential is limited by address, and who shows one is not', async () => {
    const own = await startTestGateway({ environment: { NODE_ENV: 'production', RATE_LIMIT_ANONYMOUS: '3' } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) statuses.push((await own.client.send('{ plans { key } }')).status);
    const refused = await own.client.send('{ plans { key } }');
    const guessed = await own.client.as({ apiKey: 'iotk_guess' }).send('{ plans { key } }');
    const admitted = await own.admin.send('{ plans { key } }');
    await own.stop();
    expect(statuses).toEqual([200, 200, 200, 429]);
    expect(refused).toMatchObject({ status: 429, errors: [{ extensions: { code: 'LIMIT_EXCEEDED', reason: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) as number } }] });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(guessed.status).toBe(429);
    expect(admitted.status).toBe(200);
  });
});

describe('introspection outside production', () => {
  it('answers the whole schema to tools', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    expect((await ask(getIntrospectionQuery())).status).toBe(200);
  });
});
