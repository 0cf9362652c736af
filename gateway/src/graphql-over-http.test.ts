import { gzipSync } from 'node:zlib';
import { startTestGateway, TEST_ADMIN_TOKEN, type TestGateway } from '@iotistic/testkit/gateway';
import { reasonIn, sendRaw } from '@iotistic/testkit/raw-http';
import { auditServer } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { negotiate, parseMediaType } from './media-types.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ environment: { MAX_BODY_BYTES: '100000' } });
});
afterAll(() => gateway.stop());

const RESPONSE_JSON = 'application/graphql-response+json';
const port = (): number => Number(new URL(gateway.url).port);
async function send(body: string | Buffer, headers: Record<string, string> = {}): Promise<{ status: number; type: string | null; challenge: string | null; reason: string | undefined; text: string }> {
  const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  const text = await response.text();
  return { status: response.status, type: response.headers.get('content-type'), challenge: response.headers.get('www-authenticate'), reason: reasonIn({ body: text }), text };
}
const ask = (query: string, headers: Record<string, string> = {}): ReturnType<typeof send> => send(JSON.stringify({ query }), headers);

describe('GraphQL over HTTP', () => {
  it('is spoken as the public audits of graphql-http ask for it', async () => {
    const results = await auditServer({ url: `${gateway.url}/graphql` });
    expect(results.length).toBeGreaterThan(50);
    // A GET that a page of another site could have sent is not answered, which the audits only note: MAY.
    expect(results.filter(({ status }) => status !== 'ok').map(({ id, status }) => `${status} ${id}`)).toEqual(['notice 5A70', 'notice D6D5', 'notice 6A70']);
  });
});

describe('a request that is refused as GraphQL', () => {
  const REFUSED: [name: string, status: number, reason: string, query: string, headers: Record<string, string>][] = [
    ['for want of a credential', 401, 'CREDENTIAL_REQUIRED', '{ customers { totalCount } }', {}],
    ['for a credential that is not known', 401, 'INVALID_CREDENTIAL', '{ plans { key } }', { 'x-api-key': 'iotk_unknown' }],
    ['for a credential of no form', 401, 'MALFORMED_CREDENTIAL', '{ plans { key } }', { authorization: 'Basic eDp5' }],
    ['for a role', 403, 'ADMIN_ONLY', '{ customers { totalCount } }', { 'x-api-key': 'iotk_1' }],
    ['because it does not parse', 400, 'MALFORMED_QUERY', '{ plans {', {}],
    ['because it does not fit', 400, 'MALFORMED_QUERY', '{ nothing }', {}],
    ['for a limit of the document', 400, 'TOO_MANY_ROOT_FIELDS', `{ ${'plans { key } '.repeat(21)} }`, {}],
    ['for a variable that is missing', 400, 'INVALID_VARIABLES', 'query ($id: ID!) { customer(id: $id) { id } }', {}],
    ['because it needs a stream', 400, 'SUBSCRIPTION_TRANSPORT', 'subscription { usageReported(customerId: "x") { id } }', {}],
    ['for a fault of ours', 500, 'UNEXPECTED', 'mutation { logOut }', {}],
  ];
  beforeAll(() => {
    gateway.fake.issue('iotk_1', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
  });

  it.each(REFUSED)('is 200 with its errors in plain JSON, and has its status where the client reads it: %s', async (_name, status, reason, query, headers) => {
    for (const accept of ['*/*', 'application/json', 'application/json, */*;q=0.1', 'text/html', undefined]) {
      const plain = await ask(query, { ...headers, ...(accept === undefined ? {} : { accept }) });
      expect([plain.status, plain.type, plain.reason, plain.challenge]).toEqual([200, 'application/json; charset=utf-8', reason, null]);
    }
    for (const accept of [RESPONSE_JSON, `${RESPONSE_JSON}, application/json`, `application/json;q=0.9, ${RESPONSE_JSON}`]) {
      const full = await ask(query, { ...headers, accept });
      expect([full.status, full.type, full.reason]).toEqual([status, `${RESPONSE_JSON}; charset=utf-8`, reason]);
      expect(full.challenge === null).toBe(status !== 401);
    }
  });

  it('without any Accept is 200 too', async () => {
    const body = '{"query":"{ nothing }"}';
    const [answer] = await sendRaw(port(), `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
    expect([answer?.status, answer?.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  });
});

describe('a request that never became one of GraphQL', () => {
  it.each<[name: string, status: number, reason: string, body: string | Buffer, headers: Record<string, string>]>([
    ['no JSON', 400, 'MALFORMED_JSON', '{', {}],
    ['no UTF-8', 400, 'MALFORMED_JSON', Buffer.from('{"query":"{ plans { key } } #\xff"}', 'latin1'), {}],
    ['UTF-16 without a word', 400, 'MALFORMED_JSON', Buffer.from('\ufeff{"query":"{ plans { key } }"}', 'utf16le'), {}],
    ['no request', 400, 'MALFORMED_REQUEST', '{}', {}],
    ['a document that is none', 400, 'MALFORMED_REQUEST', '{"query":{"a":1}}', {}],
    ['variables that are a list', 400, 'MALFORMED_REQUEST', '{"query":"{ plans { key } }","variables":[]}', {}],
    ['variables that are a text', 400, 'MALFORMED_REQUEST', '{"query":"{ plans { key } }","variables":"{}"}', {}],
    ['a name that is a number', 400, 'MALFORMED_REQUEST', '{"query":"{ plans { key } }","operationName":7}', {}],
    ['extensions that are a text', 400, 'MALFORMED_REQUEST', '{"query":"{ plans { key } }","extensions":"x"}', {}],
    ['extensions that are a list', 400, 'MALFORMED_REQUEST', '{"query":"{ plans { key } }","extensions":[]}', {}],
    ['a batch', 400, 'BATCHING_NOT_SUPPORTED', '[]', {}],
    ['a form', 400, 'CSRF_PREVENTED', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['XML', 415, 'UNSUPPORTED_MEDIA_TYPE', '<a/>', { 'content-type': 'application/xml' }],
    ['UTF-16', 415, 'UNSUPPORTED_MEDIA_TYPE', Buffer.from('{"query":"{ plans { key } }"}', 'utf16le'), { 'content-type': 'application/json; charset=UTF-16LE' }],
    ['another encoding, in quotes', 415, 'UNSUPPORTED_MEDIA_TYPE', '{}', { 'content-type': 'application/json; profile="a;charset=utf-8"; charset="ISO-8859-1"' }],
    ['a coding that is not known', 415, 'UNSUPPORTED_ENCODING', '{}', { 'content-encoding': 'zstd' }],
    ['no gzip', 400, 'MALFORMED_ENCODING', '{}', { 'content-encoding': 'gzip' }],
    ['gzip that would be too large', 413, 'BODY_TOO_LARGE', gzipSync(Buffer.alloc(50_000_000, ' ')), { 'content-encoding': 'gzip' }],
    ['too large', 413, 'BODY_TOO_LARGE', ' '.repeat(100_001), {}],
  ])('has its own status, whatever the client accepts: %s', async (_name, status, reason, body, headers) => {
    for (const accept of ['*/*', 'application/json', RESPONSE_JSON]) {
      const refused = await send(body, { ...headers, accept });
      expect([refused.status, refused.reason]).toEqual([status, reason]);
    }
  });

  it('in the address too', async () => {
    const get = async (search: Record<string, string>, method = 'GET'): Promise<[number, string | undefined]> => {
      const response = await fetch(`${gateway.url}/graphql?${new URLSearchParams(search)}`, { method, headers: { 'apollo-require-preflight': '1' } });
      const body = await response.text();
      return [response.status, body === '' ? undefined : reasonIn({ body })];
    };
    expect(await get({ query: '{ plans { key } }', variables: '7' })).toEqual([400, 'MALFORMED_REQUEST']);
    expect(await get({ query: '{ plans { key } }', variables: '{' })).toEqual([400, 'MALFORMED_JSON']);
    expect(await get({ query: '{ plans { key } }', extensions: '[]' })).toEqual([400, 'MALFORMED_REQUEST']);
    expect(await get({ query: '{ plans { key } }', extensions: '' })).toEqual([200, undefined]);
    expect(await get({ query: 'mutation { logOut }' })).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(await get({ query: 'mutation { logOut }' }, 'HEAD')).toEqual([405, undefined]);
    expect(await get({ query: '{ plans { key } }' }, 'HEAD')).toEqual([200, undefined]);
  });
});

describe('a request by other words for the same', () => {
  it.each<[name: string, headers: Record<string, string>, body: string | Buffer]>([
    ['a media type in capitals', { 'content-type': 'APPLICATION/JSON' }, '{"query":"{ plans { key } }"}'],
    ['a charset in quotes', { 'content-type': 'application/json ; Charset="UTF-8"' }, '{"query":"{ plans { key } }"}'],
    ['other parameters', { 'content-type': 'application/json; profile="a;charset=utf-16"' }, '{"query":"{ plans { key } }"}'],
    ['a byte order mark', {}, '\ufeff{"query":"{ plans { key } }"}'],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync('{"query":"{ plans { key } }"}')],
    ['nulls where nothing is meant', {}, '{"query":"{ plans { key } }","variables":null,"operationName":null,"extensions":null}'],
  ])('is answered: %s', async (_name, headers, body) => {
    expect(await send(body, headers)).toMatchObject({ status: 200, text: '{"data":{"plans":[{"key":"TRIAL"}]}}' });
  });
});

describe('what a client accepts', () => {
  it.each<[accept: string | undefined, answer: string, takesEvents: boolean]>([
    [undefined, 'application/json', false],
    ['', 'application/json', false],
    ['*/*', 'application/json', false],
    ['application/*', 'application/json', false],
    ['application/json', 'application/json', false],
    ['Application/GraphQL-Response+JSON; charset="utf-8"', RESPONSE_JSON, false],
    [`application/json, ${RESPONSE_JSON}`, RESPONSE_JSON, false],
    [`application/json, ${RESPONSE_JSON};q=0.9`, 'application/json', false],
    [`${RESPONSE_JSON};q=0, */*`, 'application/json', false],
    ['application/json;q=0, */*', RESPONSE_JSON, false],
    [`*/*, ${RESPONSE_JSON};q=0.5`, 'application/json', false],
    [`${RESPONSE_JSON}, application/graphql+json, application/json, text/event-stream, multipart/mixed`, RESPONSE_JSON, true],
    ['text/event-stream', 'text/event-stream', true],
    ['TEXT/Event-Stream', 'text/event-stream', true],
    ['text/event-stream;q=0', 'application/json', false],
    ['text/event-stream;q=0.5, application/json;q=0.4', 'text/event-stream', true],
    ['text/event-stream, application/json', 'application/json', true],
    ['text/html', 'application/json', false],
    ['x/y;a="text/event-stream"', 'application/json', false],
    ['rubbish', 'application/json', false],
    [',;q=1,"', 'application/json', false],
    [`${RESPONSE_JSON};q=2`, RESPONSE_JSON, false],
  ])('%s', (accept, answer, takesEvents) => {
    expect(negotiate(accept)).toEqual({ answer, takesEvents });
  });

  it('is read with its parameters', () => {
    expect(parseMediaType('Text/Plain; a=b ;C="d;\\"e"')).toEqual({ type: 'text/plain', parameters: new Map([['a', 'b'], ['c', 'd;"e']]) });
  });
});

describe('a 401 of any door', () => {
  it('says how a credential is shown', async () => {
    const metrics = await fetch(`${gateway.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
    expect([metrics.status, metrics.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="iotistic"']);
    expect((await send('{"query":"{ plans { key } }"}', { authorization: `Bearer ${TEST_ADMIN_TOKEN}x`, accept: RESPONSE_JSON })).challenge).toBe('Bearer realm="iotistic"');
  });
});

describe("Stripe's webhook", () => {
  it('is not decoded: what is signed are its bytes', async () => {
    const refused = await fetch(`${gateway.url}/webhooks/stripe`, { method: 'POST', headers: { 'stripe-signature': 'good', 'content-encoding': 'gzip' }, body: gzipSync('{}') });
    expect([refused.status, reasonIn({ body: await refused.text() }), refused.headers.get('accept-encoding')]).toEqual([415, 'UNSUPPORTED_ENCODING', 'identity']);
    expect(gateway.fake.webhooks).toEqual([]);
  });
});
