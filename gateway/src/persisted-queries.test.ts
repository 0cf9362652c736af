import { createHash } from 'node:crypto';
import { startTestGateway, type TestGateway } from '@iotistic/testkit/gateway';
import { buildSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createDocuments } from './documents.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const hashOf = (query: string): string => createHash('sha256').update(query).digest('hex');
const extensionsOf = (query: string, sha256Hash = hashOf(query)): object => ({ persistedQuery: { version: 1, sha256Hash } });
// Its statuses say what became of a request, where those of plain JSON do not.
const ACCEPT = { accept: 'application/graphql-response+json' };
const JSON_TYPE = { 'content-type': 'application/json', ...ACCEPT };

async function post(body: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${gateway.url}/graphql`, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

async function get(search: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${gateway.url}/graphql?${new URLSearchParams(search)}`, { headers: { 'apollo-require-preflight': 'true', ...ACCEPT } });
  return { status: response.status, body: await response.json() };
}

const NOT_FOUND = { errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', reason: 'PERSISTED_QUERY_NOT_FOUND', requestId: expect.stringMatching(/^req_/) as string } }] };
const PLANS = { data: { plans: [{ key: 'TRIAL' }] } };

describe('a document that is meant by its hash', () => {
  it('is asked for in the words that clients know, and known once it was sent along', async () => {
    const query = '{ plans { key } } # by post';
    expect(await post({ extensions: extensionsOf(query) })).toEqual({ status: 200, body: NOT_FOUND });
    expect(await post({ query, extensions: extensionsOf(query) })).toEqual({ status: 200, body: PLANS });
    expect(await post({ extensions: extensionsOf(query) })).toEqual({ status: 200, body: PLANS });
    expect(await post({ query: null, extensions: extensionsOf(query, hashOf(query).toUpperCase()) })).toEqual({ status: 200, body: PLANS });
  });

  it('may come in an address, with its variables', async () => {
    const query = 'query ($key: PlanKey!) { plan(key: $key) { key } } # by get';
    const extensions = JSON.stringify(extensionsOf(query));
    const variables = JSON.stringify({ key: 'TRIAL' });
    expect(await get({ extensions, variables })).toEqual({ status: 200, body: NOT_FOUND });
    expect(await get({ query, extensions, variables })).toEqual({ status: 200, body: { data: { plan: { key: 'TRIAL' } } } });
    expect(await get({ extensions, variables })).toEqual({ status: 200, body: { data: { plan: { key: 'TRIAL' } } } });
  });

  it('may come over a WebSocket, where the protocol wants a text, be it empty', async () => {
    const query = '{ plans { key } } # by socket';
    gateway.fake.issue('iotk_cust_1', { state: 'ACTIVE', kind: 'API_KEY', customerId: 'cust_1' });
    const client = createClient({ url: `${gateway.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: { apiKey: 'iotk_cust_1' }, retryAttempts: 0 });
    const ask = (payload: object): Promise<unknown> =>
      new Promise((resolve) => {
        client.subscribe(payload as never, { next: resolve, error: resolve, complete: () => undefined });
      });
    expect(await ask({ query: '', extensions: extensionsOf(query) })).toEqual(NOT_FOUND.errors);
    expect(await ask({ query, extensions: extensionsOf(query) })).toEqual(PLANS);
    expect(await ask({ query: '', extensions: extensionsOf(query) })).toEqual(PLANS);
    await client.dispose();
  });

  it('is refused with a hash that is not its own, and not remembered under it', async () => {
    const query = '{ plans { key } } # mine';
    const other = '{ plans { name } } # yours';
    expect(await post({ query, extensions: extensionsOf(other) })).toMatchObject({ status: 400, body: { errors: [{ extensions: { code: 'INVALID_INPUT', reason: 'PERSISTED_QUERY_MISMATCH' } }] } });
    expect(await post({ extensions: extensionsOf(other) })).toEqual({ status: 200, body: NOT_FOUND });
  });

  it.each([
    ['does not fit the schema', '{ plans { nothing } }', 'MALFORMED_QUERY'],
    ['exceeds a limit', `{ plans { ${Array.from({ length: 31 }, (_, index) => `a${index}: __typename`).join(' ')} } }`, 'TOO_MANY_ALIASES'],
    ['does not parse', '{ plans {', 'MALFORMED_QUERY'],
  ])('is not remembered where it %s', async (_name, query, reason) => {
    expect(await post({ query, extensions: extensionsOf(query) })).toMatchObject({ status: 400, body: { errors: [{ extensions: { reason } }] } });
    expect(await post({ extensions: extensionsOf(query) })).toEqual({ status: 200, body: NOT_FOUND });
  });

  it('by another version, or by what is no hash, is no request', async () => {
    const sha256Hash = hashOf('{ plans { key } }');
    for (const persistedQuery of [{ version: 2, sha256Hash }, { version: 1, sha256Hash: 'x' }, { version: 1 }, 'x', []]) expect(await post({ extensions: { persistedQuery } })).toMatchObject({ status: 400, body: { errors: [{ extensions: { reason: 'MALFORMED_REQUEST' } }] } });
    expect(await get({ extensions: '{' })).toMatchObject({ status: 400, body: { errors: [{ extensions: { reason: 'MALFORMED_JSON' } }] } });
  });

  it('is forgotten when thousands of others were used since, and stays while it is used', () => {
    const limits = { tokens: 100, depth: 5, aliases: 5, rootFields: 5, directives: 5, fields: 50, cost: 100 };
    const documents = createDocuments({ schema: buildSchema('type Query { plans: Int }'), limits, introspection: true, suggestions: true });
    const ask = (query: string | null, sha256: string | null = null): unknown => documents.operationOf({ query, sha256, operationName: null });
    const [idle, used] = ['{ plans } # idle', '{ plans } # used'];
    for (const query of [idle, used]) ask(query, hashOf(query));
    for (let count = 0; count < 4_000; count += 1) {
      ask(`{ plans } # ${count}`);
      if (count % 500 === 0) ask(null, hashOf(used));
    }
    expect(() => ask(null, hashOf(idle))).toThrow('PersistedQueryNotFound');
    expect(ask(null, hashOf(used))).toMatchObject({ text: used });
  });

  it('is no way around who may change what by GET', async () => {
    const query = 'mutation { logOut }';
    await post({ query, extensions: extensionsOf(query) });
    expect(await get({ extensions: JSON.stringify(extensionsOf(query)) })).toMatchObject({ status: 405 });
  });
});
