import { generateKeyPairSync } from 'node:crypto';
import { CALLER_HEADER, CALLER_ISSUER, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { createClient } from 'graphql-ws';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { anyone, inherit, tenant } from './access.ts';
import { systemClock } from './clock.ts';
import type { HttpServer } from './http-server.ts';
import { LiveIterator } from './live-iterator.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openSubgraphDoor } from './subgraph-door.ts';
import { createSubgraphExecutor } from './subgraph-executor.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar DateTime
  type Query { me: String when: DateTime fails(how: String!): String customer(id: ID!): Customer }
  type Subscription { count(customerId: ID!): Int }
  type Customer @key(fields: "id") { id: ID! name: String }
`;
const log = createLog({ level: 'silent', name: 'test' });
const executor = createSubgraphExecutor({
  typeDefs,
  log,
  createContext: (context) => context,
  access: { Query: anyone, 'Query.customer': tenant((_source, args: { id: string }) => args.id), Subscription: tenant((_source, args: { customerId: string }) => args.customerId), Customer: inherit },
  resolvers: {
    Query: {
      me: (_source: unknown, _args: unknown, context: { caller: Caller }) => context.caller.kind,
      when: () => new Date('2026-11-20T09:30:00Z'),
      customer: (_source: unknown, { id }: { id: string }) => ({ id, name: 'Acme' }),
      fails: (_source: unknown, { how }: { how: string }) => {
        if (how === 'known') throw new AppError('CONFLICT', 'EMAIL_TAKEN');
        throw new Error('relation "secrets" does not exist');
      },
    },
    Subscription: {
      count: {
        subscribe: () =>
          new LiveIterator<{ count: number }>({
            limit: 10,
            start(push) {
              for (const count of [1, 2, 3]) push({ count });
              return () => undefined;
            },
          }),
      },
    },
    Customer: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Acme' }) },
  },
});

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const user: Caller = { kind: 'user', customerId: 'cust_1', userId: 'user_1', sessionId: 'sess_1' };
const sign = (claims: { audience?: string; issuer?: string; key?: typeof privateKey; issuedAt?: number } = {}): Promise<string> => {
  const issuedAt = claims.issuedAt ?? Math.floor(systemClock.now().getTime() / 1000);
  return new SignJWT({ caller: user }).setProtectedHeader({ alg: 'EdDSA' }).setIssuer(claims.issuer ?? CALLER_ISSUER).setAudience(claims.audience ?? 'usage').setIssuedAt(issuedAt).setExpirationTime(issuedAt + 60).sign(claims.key ?? privateKey);
};

let door: HttpServer;
beforeAll(async () => {
  door = await openSubgraphDoor({ subgraph: { name: 'usage', executor, http: { 'POST /hook': async (request) => ({ body: `${request.requestId} ${String(await request.body())}` }) }, runScheduled: () => Promise.resolve(), ready: () => Promise.resolve(true), close: () => Promise.resolve() }, host: '127.0.0.1', port: 0, callerPublicKey: publicKey, clock: systemClock, log, metrics: createMetrics() });
});
afterAll(() => door.close());

async function post(query: string, token: string | null): Promise<{ status: number; body: { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] } }> {
  const response = await fetch(`http://127.0.0.1:${door.port}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...(token === null ? {} : { [CALLER_HEADER]: token }) }, body: JSON.stringify({ query }) });
  return { status: response.status, body: (await response.json()) as never };
}

describe('a subgraph behind its door', () => {
  it('answers a caller that the gateway signed for it, first run and compiled alike', async () => {
    const token = await sign();
    for (let round = 0; round < 5; round += 1) {
      expect(await post('{ me when customer(id: "cust_1") { name } }', token)).toEqual({ status: 200, body: { data: { me: 'user', when: '2026-11-20T09:30:00.000Z', customer: { name: 'Acme' } } } });
    }
  });

  it.each([
    ['no caller', () => Promise.resolve(null)],
    ['a caller of another subgraph', () => sign({ audience: 'billing' })],
    ['a caller of another issuer', () => sign({ issuer: 'somebody' })],
    ['a caller signed with another key', () => sign({ key: generateKeyPairSync('ed25519').privateKey })],
    ['a caller of two minutes ago', () => sign({ issuedAt: Math.floor(systemClock.now().getTime() / 1000) - 120 })],
  ])('refuses %s, for _entities and _service too', async (_name, token) => {
    for (const query of ['{ me }', '{ _service { sdl } }', '{ _entities(representations: [{ __typename: "Customer", id: "cust_1" }]) { ... on Customer { name } } }']) {
      const { status, body } = await post(query, await token());
      expect([status, body.data, body.errors?.[0]?.extensions['reason']]).toEqual([401, undefined, 'CALLER_REQUIRED']);
    }
  });

  it('serves the routes of its own to anyone, and nothing else', async () => {
    const send = (path: string, method = 'POST'): Promise<Response> => fetch(`http://127.0.0.1:${door.port}${path}`, { method, headers: { 'x-request-id': 'req-hook' }, ...(method === 'POST' ? { body: 'bytes' } : {}) });
    const answer = await send('/hook');
    expect([answer.status, await answer.text()]).toEqual([200, 'req-hook bytes']);
    expect((await send('/hook', 'GET')).status).toBe(405);
    expect((await send('/other')).status).toBe(404);
  });

  it("answers another tenant's object with NOT_FOUND", async () => {
    const { body } = await post('{ customer(id: "cust_2") { name } }', await sign());
    expect(body).toMatchObject({ data: { customer: null }, errors: [{ extensions: { code: 'NOT_FOUND', reason: 'CUSTOMER_NOT_FOUND' } }] });
  });

  it('passes a known reason on and hides what went wrong inside', async () => {
    const token = await sign();
    expect((await post('{ fails(how: "known") }', token)).body.errors?.[0]).toMatchObject({ path: ['fails'], extensions: { code: 'CONFLICT', reason: 'EMAIL_TAKEN', requestId: expect.stringMatching(/^req_/) as string } });
    const hidden = await post('{ fails(how: "inside") }', token);
    expect(hidden.body.errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL', reason: 'UNEXPECTED' });
    expect(JSON.stringify(hidden.body)).not.toContain('secrets');
  });

  it('streams to a signed caller and refuses an unsigned one', async () => {
    const client = createClient({ url: `ws://127.0.0.1:${door.port}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true });
    const values: unknown[] = [];
    for await (const value of client.iterate({ query: 'subscription { count(customerId: "cust_1") }', extensions: { caller: await sign(), requestId: 'r1' } })) {
      values.push(value.data);
      if (values.length === 3) break;
    }
    expect(values).toEqual([{ count: 1 }, { count: 2 }, { count: 3 }]);
    await expect(client.iterate({ query: 'subscription { count(customerId: "cust_1") }' }).next()).rejects.toMatchObject([{ extensions: { reason: 'CALLER_REQUIRED' } }]);
    const foreign = await client.iterate({ query: 'subscription { count(customerId: "cust_2") }', extensions: { caller: await sign() } }).next();
    expect(foreign.value).toMatchObject({ errors: [{ extensions: { reason: 'CUSTOMER_NOT_FOUND' } }] });
    await client.dispose();
  });
});
