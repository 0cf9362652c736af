import type { GraphqlClient, LiveOperation } from '@iotistic/testkit/client';
import { sha256Of } from '@iotistic/testkit/fake-graph';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

const WATCH = 'subscription ($id: ID!) { usageReported(customerId: $id) { activeDevices instance { name } customer { companyName subscription { plan { name } } license { expiresAt } } } }';

interface Watched {
  usageReported: { activeDevices: number; customer: { companyName: string } | null };
}

let gateway: TestGateway;
const operations: LiveOperation<Watched>[] = [];
beforeEach(async () => {
  gateway = await startTestGateway();
  for (const customerId of ['cust_1', 'cust_2']) gateway.fake.issue(`iotk_${customerId}`, { state: 'ACTIVE', kind: 'API_KEY', customerId });
});
afterEach(async () => {
  await Promise.all(operations.splice(0).map((operation) => operation.stop()));
  await gateway.stop();
});

const as = (customerId: string): GraphqlClient => gateway.client.as({ apiKey: `iotk_${customerId}` });
function watch(client: GraphqlClient, query = WATCH, variables: Record<string, unknown> = { id: 'cust_1' }): LiveOperation<Watched> {
  const operation = client.live<Watched>(query, variables);
  operations.push(operation);
  return operation;
}
const streams = (count: number): Promise<void> => waitFor(() => expect(gateway.fake.openStreams()).toBe(count));
const subscribers = async (count: number): Promise<void> => waitFor(async () => expect(await gateway.metrics.text()).toContain(`iotistic_gateway_live_subscriptions ${count}`));
const received = (operation: LiveOperation<Watched>, count: number): Promise<void> => waitFor(() => expect(operation.received.length).toBe(count));

describe('an event', () => {
  it('arrives joined across the graph', async () => {
    const operation = watch(as('cust_1'));
    await streams(1);
    gateway.fake.report('cust_1', 7);
    await received(operation, 1);
    expect(operation.received[0]).toEqual({ data: { usageReported: { activeDevices: 7, instance: { name: 'us-east-1-prod' }, customer: { companyName: 'Company cust_1', subscription: { plan: { name: 'Trial' } }, license: { expiresAt: '2026-12-21T00:00:00.000Z' } } } } });
  });

  it('loses only the fields of a subgraph that is away', async () => {
    const operation = watch(as('cust_1'));
    await streams(1);
    gateway.fake.down.add('customers');
    gateway.fake.report('cust_1', 7);
    await received(operation, 1);
    expect(operation.received[0]?.data?.usageReported).toMatchObject({ activeDevices: 7, customer: { companyName: null, subscription: null, license: { expiresAt: '2026-12-21T00:00:00.000Z' } } });
    expect(operation.received[0]?.errors?.map(({ path, extensions: { code } }) => [path?.join('.'), code])).toEqual([['usageReported.customer.companyName', 'UNAVAILABLE'], ['usageReported.customer.subscription', 'UNAVAILABLE']]);
    expect(JSON.stringify(operation.received)).not.toContain('serviceName');
  });

  it('keeps its place in a burst of two hundred', async () => {
    const operation = watch(as('cust_1'));
    await streams(1);
    for (let count = 0; count < 200; count += 1) gateway.fake.report('cust_1', count);
    await received(operation, 200);
    expect(operation.received.map(({ data }) => data?.usageReported.activeDevices)).toEqual(Array.from({ length: 200 }, (_, count) => count));
  });
});

describe('clients that ask the same', () => {
  it('share one source and one join, however they write it', async () => {
    const many = Array.from({ length: 30 }, (_, index) => watch(as('cust_1'), index % 2 === 0 ? WATCH : WATCH.replaceAll(' ', '  '), index % 3 === 0 ? { id: 'cust_1' } : { unused: index, id: 'cust_1' }));
    await subscribers(30);
    await streams(1);
    const asked = gateway.fake.asked.customers.length;
    gateway.fake.report('cust_1', 7);
    await Promise.all(many.map((operation) => received(operation, 1)));
    expect(new Set(many.map((operation) => JSON.stringify(operation.received)))).toHaveLength(1);
    expect(gateway.fake.asked.customers.length - asked).toBe(1);
    expect(gateway.fake.asked.usage).toEqual(['usageReported']);
    expect(await gateway.metrics.text()).toMatch(/live_events_total 1\n[\s\S]*live_messages_total 30\n/);
  });

  it('in another role share nothing', async () => {
    const [own, operators] = [watch(as('cust_1')), watch(gateway.admin)];
    await streams(2);
    gateway.fake.report('cust_1', 7);
    await Promise.all([received(own, 1), received(operators, 1)]);
    expect(gateway.fake.asked.usage).toEqual(['usageReported', 'usageReported']);
  });

  it('leave one by one; the last closes the source', async () => {
    const [first, second] = [watch(as('cust_1')), watch(as('cust_1'))];
    await subscribers(2);
    await first.stop();
    await subscribers(1);
    expect(gateway.fake.openStreams()).toBe(1);
    await second.stop();
    await streams(0);
  });
});

describe('what a reader missed', () => {
  it('is told with the next event, by its number, and counted', async () => {
    const operation = watch(as('cust_1'));
    await streams(1);
    gateway.fake.report('cust_1', 1, { position: '1' });
    gateway.fake.report('cust_1', 2, { position: '2', missed: 40 });
    gateway.fake.report('cust_1', 3, { position: '3', missed: 2 });
    gateway.fake.report('cust_1', 4, { position: '4' });
    await received(operation, 4);
    expect(operation.received.map((result) => (result as { extensions?: unknown }).extensions)).toEqual([undefined, { gap: { missed: 40 } }, { gap: { missed: 2 } }, undefined]);
    expect(await gateway.metrics.text()).toContain('iotistic_gateway_live_missed_total 42');
  });
});

describe("another tenant's reports", () => {
  it('are refused as if the tenant did not exist', async () => {
    const operation = watch(as('cust_2'));
    // An `error` message, and no result.
    expect(await operation.ended).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' }) as object })]);
    expect(operation.received).toEqual([]);
  });
});

describe('a client that does not read', () => {
  it('is dropped, and the others go on', async () => {
    const id = `cust_${'x'.repeat(20_000)}`;
    gateway.fake.issue('iotk_long', { state: 'ACTIVE', kind: 'API_KEY', customerId: id });
    const query = 'subscription ($id: ID!) { usageReported(customerId: $id) { activeDevices customer { companyName } } }';
    const healthy = watch(gateway.client.as({ apiKey: 'iotk_long' }), query, { id });
    const stalled = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = new Promise((resolve) => {
      stalled.on('close', resolve);
    });
    stalled.on('open', () => stalled.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: 'iotk_long' } })));
    stalled.on('message', (data: Buffer) => {
      if (!data.toString().includes('connection_ack')) return;
      stalled.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query, variables: { id } } }));
      stalled.pause();
    });
    await subscribers(2);
    for (let count = 0; count < 900; count += 1) gateway.fake.report(id, count);
    await received(healthy, 900);
    await subscribers(1);
    expect(await gateway.metrics.text()).toContain('iotistic_gateway_live_slow_drops_total{transport="websocket"} 1');
    stalled.resume();
    await closed;
  });
});

describe('as an event stream', () => {
  const open = (query: string, headers: Record<string, string> = {}, variables: object = { id: 'cust_1' }): Promise<Response> =>
    fetch(`${gateway.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers }, body: JSON.stringify({ query, variables }) });

  async function read(response: Response, until: string): Promise<string> {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      if (text.includes(until)) break;
    }
    return text;
  }

  it('the same events arrive, from the same source', async () => {
    watch(as('cust_1'));
    const response = await open(WATCH, { 'x-api-key': 'iotk_cust_1' });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await subscribers(2);
    expect(gateway.fake.openStreams()).toBe(1);
    gateway.fake.report('cust_1', 7);
    const text = await read(response, '}}\n\n');
    expect(text).toMatch(/^: connected\n\nevent: next\ndata: \{"data":\{"usageReported":\{"activeDevices":7,.*\}\n\n$/);
    await subscribers(1);
  });

  it('a refusal is told and completes', async () => {
    const text = await (await open(WATCH, { 'x-api-key': 'iotk_cust_2' })).text();
    expect(text).toMatch(/event: next\ndata: \{"errors":\[.*CUSTOMER_NOT_FOUND.*\n\nevent: complete\ndata:\n\n$/);
  });

  it('that loses its credential says so before it completes', async () => {
    const response = await open(WATCH, { 'x-api-key': 'iotk_cust_1' });
    await subscribers(1);
    gateway.fake.issue('iotk_cust_1', { state: 'REVOKED', kind: 'API_KEY', customerId: 'cust_1' });
    await gateway.live.publish('credential', sha256Of('iotk_cust_1'));
    const text = await response.text();
    expect(text).toMatch(/event: next\ndata: \{"errors":\[\{[^\n]*"code":"UNAUTHENTICATED","reason":"API_KEY_REVOKED","requestId":"req_[^\n]*\n\nevent: complete\ndata:\n\n$/);
    await subscribers(0);
  });

  it('that the gateway ends says so, and does not complete: its client opens it again', async () => {
    const response = await open(WATCH, { 'x-api-key': 'iotk_cust_1' });
    await subscribers(1);
    const stopped = gateway.stop();
    const text = await response.text();
    await stopped;
    gateway = await startTestGateway();
    expect(text).toMatch(/event: next\ndata: \{"errors":\[[^\n]*"code":"UNAVAILABLE","reason":"SHUTTING_DOWN"[^\n]*\n\n$/);
  });

  it('who shows no credential is refused before the stream begins', async () => {
    const response = await open(WATCH);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' } }] });
  });

  it('variables that do not fit are refused before the stream begins', async () => {
    expect(await (await open(WATCH, { 'x-api-key': 'iotk_cust_1' }, {})).json()).toMatchObject({ errors: [{ extensions: { reason: 'INVALID_VARIABLES' } }] });
  });

  it('a query is one event', async () => {
    expect(await (await open('{ plans { key } }')).text()).toBe('event: next\ndata: {"data":{"plans":[{"key":"TRIAL"}]}}\n\nevent: complete\ndata:\n\n');
  });
});
