import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { systemClock } from '@iotistic/chassis/clock';
import { createLog } from '@iotistic/chassis/log';
import { startTelemetry } from '@iotistic/chassis/telemetry';
import { currentTraceparent, inSpan } from '@iotistic/chassis/tracing';
import { createFakeGraph, type FakeGraph } from '@iotistic/testkit/fake-graph';
import { type RemoteSubgraphs, startRemoteSubgraphs, startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { createCallerSigner } from './caller.ts';
import { httpLink } from './http-link.ts';

let remote: RemoteSubgraphs;
let gateway: TestGateway | null = null;
let fake: FakeGraph;
const servers: Server[] = [];
afterEach(async () => {
  await gateway?.stop();
  gateway = null;
  await remote?.stopAll();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function start(options: Parameters<typeof startRemoteSubgraphs>[1] = {}): Promise<TestGateway> {
  fake = createFakeGraph();
  remote = await startRemoteSubgraphs(fake, options);
  gateway = await startTestGateway({ fake, links: remote.links });
  return gateway;
}

const QUERY = '{ customer(id: "cust_1") { companyName subscription { status } license { id } } }';
const WATCH = 'subscription { usageReported(customerId: "cust_1") { activeDevices customer { companyName } } }';

describe('a trace', () => {
  it('goes on in the subgraph, by the header of W3C', async () => {
    const heard: unknown[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers['traceparent']);
      response.setHeader('content-type', 'application/json').end('{"data":{}}');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const log = createLog({ level: 'silent', name: 'test' });
    const link = httpLink({ name: 'usage', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, signCaller: createCallerSigner(generateKeyPairSync('ed25519').privateKey, systemClock), log });
    const ask = (): Promise<unknown> => link.execute({ query: '{ __typename }' }, { caller: { kind: 'anonymous' }, requestId: 'req_1' });
    await ask();
    // Nothing listens there: that the spans are not taken is none of the requests' business.
    const telemetry = await startTelemetry({ environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, name: 'test', log });
    const told = await inSpan('gateway', 'request', async () => {
      await ask();
      return currentTraceparent();
    });
    await telemetry.close();
    await link.close();
    expect(told).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(heard).toEqual([undefined, told]);
  });
});

describe('subgraphs behind their own doors', () => {
  it('are asked with a signed caller, and answer as in one process', async () => {
    const { admin, client } = await start();
    expect(await admin.ask(QUERY)).toEqual({ customer: { companyName: 'Company cust_1', subscription: { status: 'TRIALING' }, license: { id: 'lic_cust_1' } } });
    expect(await client.ask('mutation { signUp(input: { email: "a@b.c", password: "x" }) { customer { license { token } } } }')).toEqual({ signUp: { customer: { license: { token: 'a.b.c' } } } });
    expect((await client.send('{ customers { totalCount } }')).errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' });
  });

  it('that do not believe the signature are a fault of ours, not of the client', async () => {
    const { client } = await start({ signedBy: generateKeyPairSync('ed25519').privateKey });
    expect((await client.send('{ plans { key } }')).errors?.[0]).toMatchObject({ extensions: { code: 'INTERNAL', reason: 'UNEXPECTED' } });
  });

  it('one that is gone costs its fields, and is asked again when it is back', async () => {
    const { admin } = await start();
    await remote.stop('billing');
    expect(await admin.send(QUERY)).toMatchObject({ status: 200, data: { customer: { companyName: 'Company cust_1', subscription: null, license: { id: 'lic_cust_1' } } }, errors: [{ extensions: { code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' } }] });
    await remote.start('billing');
    await waitFor(async () => expect((await admin.send(QUERY)).errors).toBeUndefined());
  });

  it('are each told in /readyz', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await remote.stop('usage');
    // What was found is good for a second.
    await waitFor(async () => {
      const response = await fetch(`${url}/readyz`);
      expect(response.status).toBe(503);
      expect(await response.json()).toEqual({ status: 'unavailable', dependencies: { customers: 'ready', billing: 'ready', licensing: 'ready', usage: 'unavailable', live: 'ready' } });
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('a live operation', () => {
  it('arrives from afar, in order, joined', async () => {
    const { admin } = await start();
    const operation = admin.live<{ usageReported: { activeDevices: number } }>(WATCH);
    await waitFor(() => expect(fake.openStreams()).toBe(1));
    for (let count = 0; count < 200; count += 1) fake.report('cust_1', count);
    await waitFor(() => expect(operation.received.length).toBe(200));
    expect(operation.received.map(({ data }) => data?.usageReported.activeDevices)).toEqual(Array.from({ length: 200 }, (_, count) => count));
    await operation.stop();
    await waitFor(() => expect(fake.openStreams()).toBe(0));
  });

  it('survives a restart of its subgraph, and says that something may have been missed', async () => {
    const { admin } = await start();
    const operation = admin.live(WATCH);
    await waitFor(() => expect(fake.openStreams()).toBe(1));
    fake.report('cust_1', 1);
    await waitFor(() => expect(operation.received.length).toBe(1));
    await remote.stop('usage');
    await waitFor(() => expect(fake.openStreams()).toBe(0));
    fake.report('cust_1', 2);
    await remote.start('usage');
    await waitFor(() => expect(fake.openStreams()).toBe(1));
    fake.report('cust_1', 3);
    fake.report('cust_1', 4);
    await waitFor(() => expect(operation.received.length).toBe(3));
    expect(operation.received.slice(1)).toMatchObject([{ data: { usageReported: { activeDevices: 3 } }, extensions: { gap: { missed: null } } }, { data: { usageReported: { activeDevices: 4 } } }]);
    expect(operation.received[2]).not.toHaveProperty('extensions');
    await operation.stop();
  });

  it('taken up where it stood is passed on once, and nothing is said to be missed', async () => {
    const { admin, metrics } = await start();
    const operation = admin.live<{ usageReported: { activeDevices: number } }>(WATCH);
    await waitFor(() => expect(fake.openStreams()).toBe(1));
    fake.report('cust_1', 1, { position: '1' });
    fake.report('cust_1', 2, { position: '2' });
    await waitFor(() => expect(operation.received.length).toBe(2));
    await remote.stop('usage');
    await waitFor(() => expect(fake.openStreams()).toBe(0));
    await remote.start('usage');
    await waitFor(() => expect(fake.openStreams()).toBe(1));
    for (const count of [1, 2, 3]) fake.report('cust_1', count, { position: String(count), isReplay: true });
    fake.report('cust_1', 4, { position: '4' });
    await waitFor(() => expect(operation.received.length).toBe(4));
    expect(operation.received.map(({ data }) => data?.usageReported.activeDevices)).toEqual([1, 2, 3, 4]);
    expect(JSON.stringify(operation.received)).not.toContain('extensions');
    expect(await metrics.text()).toMatch(/live_gaps_total 1\n[\s\S]*live_missed_total 0\n/);
    await operation.stop();
  });

  it('is refused from afar as from nearby', async () => {
    const { client } = await start();
    fake.issue('iotk_2', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_2' });
    const operation = client.as({ apiKey: 'iotk_2' }).live(WATCH);
    await operation.ended;
    expect(operation.received).toMatchObject([{ errors: [{ extensions: { code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' } }] }]);
  });
});

describe('a link', () => {
  const log = createLog({ level: 'silent', name: 'test' });
  const signCaller = createCallerSigner(generateKeyPairSync('ed25519').privateKey, systemClock);
  const context = { caller: { kind: 'anonymous' }, requestId: 'req_1' } as const;

  async function serve(listener: Parameters<typeof createServer>[1]): Promise<string> {
    const server = createServer(listener as never);
    servers.push(server);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ['does not answer', (_request: unknown, _response: unknown) => undefined, 'SUBGRAPH_TIMEOUT'],
    ['answers a page', (_request: unknown, response: { end(text: string): void }) => response.end('<html>502</html>'), 'SUBGRAPH_UNAVAILABLE'],
    ['hangs up', (request: { socket: { destroy(): void } }) => request.socket.destroy(), 'SUBGRAPH_UNAVAILABLE'],
  ])('says so when its subgraph %s', async (_name, listener, reason) => {
    const link = httpLink({ name: 'usage', url: await serve(listener as never), signCaller, log, timeoutMs: 200 });
    await expect(link.execute({ query: '{ __typename }' }, context)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason });
    await link.close();
  });

  /** A subgraph of another version, which sends all that it has at once. */
  async function serveEvents(count: number): Promise<string> {
    const url = await serve(() => undefined);
    const sockets = new WebSocketServer({ server: servers.at(-1) as Server });
    sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const { type, id } = JSON.parse(data.toString()) as { type: string; id: string };
        if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (type === 'subscribe') for (let index = 0; index < count; index += 1) socket.send(JSON.stringify({ id, type: 'next', payload: { data: { index } } }));
      });
    });
    return url;
  }

  it('keeps no more than a bounded number of events of one that sends faster than they are read, and is then lost; what it kept is read first', async () => {
    const link = httpLink({ name: 'usage', url: await serveEvents(5_000), signCaller, log });
    const stream = (await link.subscribe({ query: 'subscription { a }' }, context)) as AsyncIterableIterator<unknown>;
    const seen: unknown[] = [(await stream.next()).value];
    // All of them are here by the time that something else was answered on the same event loop, many times.
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
    await expect(
      (async () => {
        for await (const event of stream) seen.push(event);
      })(),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' });
    expect(seen.length).toBeLessThan(5_000);
    expect(seen).toEqual(seen.map((_event, index) => ({ data: { index } })));
    await link.close();
  });

  it('gives up on a subgraph that takes the connection of live operations and never answers', async () => {
    const server = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const link = httpLink({ name: 'usage', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, signCaller, log });
    await expect(link.subscribe({ query: 'subscription { a }' }, context)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' });
    await link.close();
    server.close();
  });

  describe('whose connection is lost while it asks', () => {
    /** Loses the first requests that it gets, then answers. */
    async function losing(losses: number): Promise<{ url: string; asked: string[] }> {
      const asked: string[] = [];
      const url = await serve((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += String(chunk)));
        request.on('end', () => {
          asked.push(body);
          if (asked.length <= losses) request.socket.resetAndDestroy();
          else response.end('{"data":{"done":true}}');
        });
      });
      return { url, asked };
    }

    it.each([
      ['a query', '{ customers { totalCount } }'],
      ['a query among others', 'mutation M { signUp(input: {}) { customer { id } } } query Q { plans { key } }'],
      ['reports, which are known by their ids', 'mutation ($input: ReportUsageInput!) { done: reportUsage(input: $input) { accepted } }'],
      ['for a license', 'mutation { fetchLicense(input: {}) { license { token } } reportUsage(input: {}) { accepted } }'],
    ])('asks once more for %s', async (_what, query) => {
      const { url, asked } = await losing(1);
      const link = httpLink({ name: 'usage', url, signCaller, log });
      expect(await link.execute({ query, operationName: query.includes('query Q') ? 'Q' : null }, context)).toEqual({ data: { done: true } });
      expect(asked.length).toBe(2);
      await link.close();
    });

    it.each([['createApiKey'], ['changePlan'], ['signUp']])('never asks twice for %s, which may have been done', async (name) => {
      const { url, asked } = await losing(1);
      const link = httpLink({ name: 'customers', url, signCaller, log });
      await expect(link.execute({ query: `mutation { reportUsage(input: {}) { accepted } ${name}(input: {}) { id } }` }, context)).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SUBGRAPH_UNAVAILABLE' });
      expect(asked.length).toBe(1);
      await link.close();
    });

    it('gives up after the second time', async () => {
      const { url, asked } = await losing(9);
      const link = httpLink({ name: 'usage', url, signCaller, log });
      await expect(link.execute({ query: '{ customers { totalCount } }' }, context)).rejects.toMatchObject({ reason: 'SUBGRAPH_UNAVAILABLE' });
      expect(asked.length).toBe(2);
      await link.close();
    });

    it('forwards once more what is known by its id, such as a webhook', async () => {
      const { url, asked } = await losing(1);
      const link = httpLink({ name: 'billing', url, signCaller, log });
      expect(await link.forward('/hook', { method: 'POST', headers: {}, body: Buffer.from('event'), requestId: 'req_1' })).toMatchObject({ status: 200 });
      expect(asked).toEqual(['event', 'event']);
      await link.close();
    });
  });

  it('sends who asks, signed for this subgraph only, and the request id', async () => {
    const headers: Record<string, unknown>[] = [];
    const url = await serve((request, response) => {
      headers.push(request.headers);
      response.end('{"data":{}}');
    });
    const link = httpLink({ name: 'usage', url, signCaller, log });
    await link.execute({ query: '{ __typename }' }, context);
    await link.execute({ query: '{ __typename }' }, context);
    await link.close();
    const claims = JSON.parse(Buffer.from(String(headers[0]?.['x-iotistic-caller']).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ iss: 'iotistic-gateway', aud: 'usage', caller: { kind: 'anonymous' } });
    expect(Number(claims['exp']) - Number(claims['iat'])).toBe(60);
    expect(headers[0]?.['x-request-id']).toBe('req_1');
    expect(headers[1]?.['x-iotistic-caller']).toBe(headers[0]?.['x-iotistic-caller']);
  });
});
