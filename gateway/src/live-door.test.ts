import { sha256Of } from '@iotistic/testkit/fake-graph';
import { startTestGateway, TEST_ADMIN_TOKEN, type TestGateway } from '@iotistic/testkit/gateway';
import { type RawAnswer, reasonIn, sendRaw } from '@iotistic/testkit/raw-http';
import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway({ environment: { MAX_SOCKETS_PER_CUSTOMER: '2', MAX_SUBSCRIPTIONS_PER_SOCKET: '3' } });
  gateway.fake.issue('iotk_1', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
});
afterEach(() => gateway.stop());

interface Talk {
  socket: WebSocket;
  messages: { type: string; id?: string; payload?: { data?: unknown; errors?: unknown[] } & object }[];
  closed: Promise<{ code: number; reason: string }>;
  send(message: object): void;
  /** The first message of this type. */
  hear(type: string): Promise<Talk['messages'][number]>;
}

function talk(options: { payload?: object; headers?: Record<string, string>; origin?: string; protocol?: string } = {}): Talk {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, options.protocol ?? 'graphql-transport-ws', { headers: options.headers ?? {}, ...(options.origin === undefined ? {} : { origin: options.origin }) });
  const messages: Talk['messages'] = [];
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'connection_init', ...(options.payload === undefined ? {} : { payload: options.payload }) }));
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Talk['messages'][number]));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    socket.on('error', ({ message }) => resolve({ code: -1, reason: message }));
  });
  const hear = (type: string): Promise<Talk['messages'][number]> =>
    waitFor(() => {
      const found = messages.find((message) => message.type === type);
      if (found === undefined) throw new Error(`no ${type} yet`);
      return found;
    });
  return { socket, messages, closed, send, hear };
}

const WATCH = 'subscription { usageReported(customerId: "cust_1") { activeDevices } }';

describe('who opens a WebSocket', () => {
  it.each([
    ['nothing', {}, 'CREDENTIAL_REQUIRED'],
    ['an unknown key', { payload: { apiKey: 'iotk_unknown' } }, 'INVALID_CREDENTIAL'],
    ['a key that is no text', { payload: { apiKey: 7 } }, 'MALFORMED_CREDENTIAL'],
    ['two credentials', { payload: { apiKey: 'iotk_1', authorization: `Bearer ${TEST_ADMIN_TOKEN}` } }, 'MALFORMED_CREDENTIAL'],
    ['two credentials, one in a header', { payload: { apiKey: 'iotk_1' }, headers: { authorization: `Bearer ${TEST_ADMIN_TOKEN}` } }, 'MALFORMED_CREDENTIAL'],
  ])('with %s is closed with 4403', async (_name, options, reason) => {
    expect(await talk(options).closed).toEqual({ code: 4403, reason });
  });

  it.each([
    ['in the payload', { payload: { apiKey: 'iotk_1' } }],
    ['in the payload, written like a header', { payload: { 'X-API-Key': 'iotk_1' } }],
    ['as bearer in the payload', { payload: { Authorization: 'Bearer iotk_1' } }],
    ['in the upgrade', { headers: { 'x-api-key': 'iotk_1' } }],
  ])('shows a credential %s', async (_name, options) => {
    const opened = talk(options);
    expect(await opened.hear('connection_ack')).toEqual({ type: 'connection_ack' });
    opened.socket.close();
  });

  it('from a page of another origin is refused, from our own not', async () => {
    expect((await talk({ payload: { apiKey: 'iotk_1' }, origin: 'https://evil.example' }).closed).reason).toContain('403');
    const own = talk({ payload: { apiKey: 'iotk_1' }, origin: gateway.url });
    await own.hear('connection_ack');
    own.socket.close();
  });

  it('in another protocol gets nowhere', async () => {
    expect((await talk({ payload: { apiKey: 'iotk_1' }, protocol: 'graphql-ws' }).closed).reason).toContain('subprotocol');
  });

  it('while customers does not answer is told to try again', async () => {
    gateway.fake.down.add('customers');
    expect(await talk({ payload: { apiKey: 'iotk_1' } }).closed).toEqual({ code: 1013, reason: 'SUBGRAPH_UNAVAILABLE' });
  });

  it('with one bad credential after another is counted by address, as by HTTP', async () => {
    const own = await startTestGateway({ environment: { NODE_ENV: 'production', RATE_LIMIT_ANONYMOUS: '1' } });
    const outer = gateway;
    gateway = own;
    expect(await talk({ payload: { apiKey: 'iotk_a' } }).closed).toEqual({ code: 4403, reason: 'INVALID_CREDENTIAL' });
    expect(await talk({ payload: { apiKey: 'iotk_b' } }).closed).toEqual({ code: 1013, reason: 'RATE_LIMITED' });
    gateway = outer;
    await own.stop();
  });

  it('more often than its account may is told to try again', async () => {
    const [first, second] = [talk({ payload: { apiKey: 'iotk_1' } }), talk({ payload: { apiKey: 'iotk_1' } })];
    await Promise.all([first.hear('connection_ack'), second.hear('connection_ack')]);
    expect(await talk({ payload: { apiKey: 'iotk_1' } }).closed).toEqual({ code: 1013, reason: 'TOO_MANY_CONNECTIONS' });
    first.socket.close();
    await first.closed;
    await waitFor(async () => {
      const again = talk({ payload: { apiKey: 'iotk_1' } });
      await again.hear('connection_ack');
    });
  });
});

const opened = async (): Promise<Talk> => {
  const own = talk({ payload: { apiKey: 'iotk_1' } });
  await own.hear('connection_ack');
  return own;
};

/** As one write, however many: what a client sends by itself the network would part. */
function sendAtOnce(own: Talk, count: number, messageOf: (index: number) => object): void {
  for (let index = 0; index < count && own.socket.readyState === own.socket.OPEN; index += 1) own.send(messageOf(index));
}

describe('a WebSocket that sends too much', () => {
  const subscribe = (index: number, query: string): object => ({ type: 'subscribe', id: String(index), payload: { query } });

  it.each<[name: string, messageOf: (index: number) => object]>([
    ['documents that do not parse', (index) => subscribe(index, 'subscription {')],
    ['documents that do not fit', (index) => subscribe(index, `{ nothing${index} }`)],
    ['variables that do not fit', (index) => subscribe(index, 'subscription ($id: ID!) { usageReported(customerId: $id) { id } }')],
    ['operations of others', (index) => subscribe(index, 'subscription { usageReported(customerId: "cust_2") { id } }')],
    ['more live operations than it may hold', (index) => subscribe(index, WATCH)],
    ['queries that are refused', (index) => subscribe(index, '{ customers { totalCount } }')],
    ['documents that are empty', (index) => subscribe(index, '')],
  ])('that is refused is closed after a few: %s', async (_name, messageOf) => {
    const own = await opened();
    const asked = gateway.fake.asked.usage.length + gateway.fake.asked.customers.length;
    sendAtOnce(own, 5_000, messageOf);
    expect(await own.closed).toEqual({ code: 4429, reason: 'TOO_MANY_MESSAGES' });
    const said = own.messages.filter(({ type }) => type === 'error' || type === 'next').length;
    expect([said > 0, said < 40]).toEqual([true, true]);
    expect(gateway.fake.asked.usage.length + gateway.fake.asked.customers.length - asked).toBeLessThan(300);
    await waitFor(() => expect(gateway.fake.openStreams()).toBe(0));
  });

  it.each<[name: string, flood: (own: Talk) => void]>([
    ['pings of the protocol', (own) => sendAtOnce(own, 5_000, () => ({ type: 'ping' }))],
    ['pongs of the protocol', (own) => sendAtOnce(own, 5_000, () => ({ type: 'pong' }))],
    ['completions of nothing', (own) => sendAtOnce(own, 5_000, (index) => ({ type: 'complete', id: String(index) }))],
    ['pings of WebSocket', (own) => Array.from({ length: 5_000 }, () => own.socket.ping('x'))],
    ['pongs of WebSocket', (own) => Array.from({ length: 5_000 }, () => own.socket.pong('x'))],
    ['operations that it opens and ends', (own) => Array.from({ length: 2_500 }, (_, index) => sendAtOnce(own, 2, (part) => (part === 0 ? subscribe(index, WATCH) : { type: 'complete', id: String(index) })))],
  ])('of what is allowed is closed too: %s', async (_name, flood) => {
    const own = await opened();
    flood(own);
    expect(await own.closed).toEqual({ code: 4429, reason: 'TOO_MANY_MESSAGES' });
    await waitFor(() => expect(gateway.fake.openStreams()).toBe(0));
  });

  it.each<[name: string, code: number, message: string]>([
    ['is no JSON', 4400, 'rubbish'],
    ['has no type', 4400, '{}'],
    ['has a type that is not known', 4400, '{"type":"start","id":"1"}'],
    ['subscribes without an id', 4400, '{"type":"subscribe","payload":{"query":"{ plans { key } }"}}'],
    ['subscribes without a document', 4400, '{"type":"subscribe","id":"1","payload":{}}'],
    ['begins again', 4429, '{"type":"connection_init"}'],
  ])('and %s is closed at its first message', async (_name, code, message) => {
    const own = await opened();
    for (let index = 0; index < 5_000; index += 1) own.socket.send(message);
    expect((await own.closed).code).toBe(code);
  });

  it('and gives an id twice is closed', async () => {
    const own = await opened();
    sendAtOnce(own, 5_000, () => subscribe(1, WATCH));
    expect((await own.closed).code).toBe(4409);
  });

  it('leaves others what they have, who open a hundred operations at once', async () => {
    const own = await startTestGateway();
    const outer = gateway;
    gateway = own;
    own.fake.issue('iotk_1', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
    const busy = await opened();
    sendAtOnce(busy, 100, (index) => subscribe(index, WATCH));
    sendAtOnce(busy, 100, () => ({ type: 'ping' }));
    await waitFor(async () => expect(await own.metrics.text()).toContain('iotistic_gateway_live_subscriptions 100'));
    expect(busy.messages.some(({ type }) => type === 'error')).toBe(false);
    busy.socket.close();
    gateway = outer;
    await own.stop();
  });
});

describe('an opening that is none', () => {
  const open = (headers: string): Promise<RawAnswer[]> => sendRaw(Number(new URL(gateway.url).port), `GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n${headers}\r\n`);
  it.each([
    ['without a key', 'sec-websocket-version: 13\r\n'],
    ['in a version that is not spoken', 'sec-websocket-version: 99\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'],
    ['with a key that is none', 'sec-websocket-version: 13\r\nsec-websocket-key: x\r\n'],
  ])('is refused with a reason: %s', async (_name, headers) => {
    const [answer = { status: 0, headers: {}, body: '{}' }] = await open(headers);
    expect([answer.status, reasonIn(answer), answer.headers['sec-websocket-version']]).toEqual([400, 'MALFORMED_HTTP', '13']);
  });

  it('of a page that may not call is refused with a reason', async () => {
    const [answer = { status: 0, headers: {}, body: '{}' }] = await open('origin: https://evil.example\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n');
    expect([answer.status, reasonIn(answer)]).toEqual([403, 'ORIGIN_NOT_ALLOWED']);
  });
});

describe('an open WebSocket', () => {

  it('answers queries and mutations too, by the same limits', async () => {
    const own = await opened();
    own.send({ type: 'subscribe', id: 'a', payload: { query: '{ viewer { __typename } }' } });
    expect(await own.hear('next')).toEqual({ type: 'next', id: 'a', payload: { data: { viewer: { __typename: 'InstanceViewer' } } } });
    await own.hear('complete');
    own.send({ type: 'subscribe', id: 'b', payload: { query: `{ ${'plans { key } '.repeat(21)} }` } });
    expect((await own.hear('error')).payload).toMatchObject([{ extensions: { code: 'INVALID_INPUT', reason: 'TOO_MANY_ROOT_FIELDS', requestId: expect.stringMatching(/^req_/) as string } }]);
  });

  it('refuses a document that does not fit, with its code, and goes on', async () => {
    const own = await opened();
    own.send({ type: 'subscribe', id: 'a', payload: { query: 'subscription { usageReported(customerId: "cust_1") { x } }' } });
    expect((await own.hear('error')).payload).toMatchObject([{ extensions: { reason: 'MALFORMED_QUERY' } }]);
    own.send({ type: 'subscribe', id: 'b', payload: { query: '{ plans { key } }' } });
    expect((await own.hear('next')).id).toBe('b');
  });

  it('may not hold more live operations than are allowed', async () => {
    const own = await opened();
    for (const id of ['a', 'b', 'c', 'd']) own.send({ type: 'subscribe', id, payload: { query: WATCH } });
    expect(await own.hear('error')).toMatchObject({ id: 'd', payload: [{ extensions: { code: 'LIMIT_EXCEEDED', reason: 'TOO_MANY_SUBSCRIPTIONS' } }] });
    own.send({ type: 'complete', id: 'a' });
    own.send({ type: 'subscribe', id: 'e', payload: { query: WATCH } });
    await waitFor(async () => expect(await gateway.metrics.text()).toContain('iotistic_gateway_live_subscriptions 3'));
  });

  it('hears of what is refused as an error, also where a subgraph refuses', async () => {
    const own = await opened();
    own.send({ type: 'subscribe', id: 'a', payload: { query: 'subscription ($id: ID!) { usageReported(customerId: $id) { id } }' } });
    expect(await own.hear('error')).toMatchObject({ id: 'a', payload: [{ extensions: { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' } }] });
    own.messages.length = 0;
    own.send({ type: 'subscribe', id: 'b', payload: { query: 'subscription { usageReported(customerId: "cust_2") { id } }' } });
    expect(await own.hear('error')).toMatchObject({ id: 'b', payload: [{ extensions: { code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' } }] });
    own.send({ type: 'ping' });
    await own.hear('pong');
    expect(own.messages.map(({ type }) => type)).toEqual(['error', 'pong']);
  });

  it('that says nothing is closed, and counted by its address', async () => {
    const own = await startTestGateway({ environment: { NODE_ENV: 'production', RATE_LIMIT_ANONYMOUS: '1' } });
    const silent = new WebSocket(`${own.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    expect(await new Promise((resolve) => silent.on('close', resolve))).toBe(4408);
    await waitFor(async () => expect((await own.client.send('{ plans { key } }')).status).toBe(429));
    await own.stop();
  });

  it('that sends rubbish is closed, and so is one that sends too much', async () => {
    const rubbish = await opened();
    rubbish.socket.send('rubbish');
    expect((await rubbish.closed).code).toBe(4400);
    const large = await opened();
    large.socket.send('x'.repeat(70_000));
    expect((await large.closed).code).toBe(1009);
    expect(await gateway.client.ask('{ plans { key } }')).toBeDefined();
  });

  it('is closed at once when its credential is revoked', async () => {
    const own = await opened();
    gateway.fake.issue('iotk_1', { state: 'REVOKED', kind: 'API_KEY', customerId: 'cust_1' });
    await gateway.live.publish('credential', sha256Of('iotk_1'));
    expect(await own.closed).toEqual({ code: 4403, reason: 'API_KEY_REVOKED' });
  });

  it('is told when the gateway goes', async () => {
    const own = await opened();
    own.send({ type: 'subscribe', id: 'a', payload: { query: WATCH } });
    await waitFor(() => expect(gateway.fake.openStreams()).toBe(1));
    const stopped = gateway.stop();
    expect((await own.closed).code).toBe(1001);
    await stopped;
    expect(gateway.fake.openStreams()).toBe(0);
    gateway = await startTestGateway();
  });
});
