/** The plane, asked by the clients that people use: Apollo Client 3 and 4, urql, graphql-request, gql.tada, graphql-sse, and fetch. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { waitFor } from '@iotistic/testkit/wait';
import { Client as UrqlClient, fetchExchange, gql as urqlGql, subscriptionExchange } from '@urql/core';
import * as apollo3 from 'apollo-client-3/core/core.cjs';
import * as persisted3 from 'apollo-client-3/link/persisted-queries/persisted-queries.cjs';
import * as ws3 from 'apollo-client-3/link/subscriptions/subscriptions.cjs';
import * as apollo4 from 'apollo-client-4';
import { PersistedQueryLink } from 'apollo-client-4/link/persisted-queries';
import { GraphQLWsLink } from 'apollo-client-4/link/subscriptions';
import { buildSchema, introspectionFromSchema } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import { createClient as createSseClient } from 'graphql-sse';
import { type Client as WsClient, createClient as createWsClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ROOT } from './built.ts';
import { reportOf, SIGN_UP } from './documents.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-clients-'));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
let booted: BootedPlane;
let url: string;
let token: string;
let customerId: string;
let apiKey: string;
const sockets: WsClient[] = [];

beforeAll(async () => {
  booted = await bootPlane();
  url = `${booted.plane.url}/graphql`;
  const { signUp } = await booted.client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'ada@example.com', password: 'correct horse', companyName: 'Acme Corp' } });
  token = signUp.session.token;
  customerId = signUp.customer.id;
  const made = await booted.client.as({ bearer: token }).ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'clients' } });
  apiKey = made.createApiKey.secret;
  // The first license follows the sign-up by an event.
  await waitFor(async () => expect(await booted.admin.ask('query ($id: ID!) { customer(id: $id) { license { status } } }', { id: customerId })).toEqual({ customer: { license: { status: 'ACTIVE' } } }));
});
afterAll(async () => {
  await Promise.all(sockets.map(async (socket) => socket.dispose()));
  await booted.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Variables = Record<string, unknown>;

/** What a program gets of a client: the data, or the errors with what we say of them. */
interface Answered {
  data: unknown;
  errors: { code?: unknown; reason?: unknown }[];
}

interface Asking {
  query(text: string, variables?: Variables, bearer?: string): Promise<Answered>;
  mutate(text: string, variables?: Variables, bearer?: string): Promise<Answered>;
}

/** Wherever a client puts the errors of an answer: on what it throws, on its cause, or in the text of an answer that had another status. */
function errorsIn(error: unknown, depth = 0): Answered['errors'] {
  if (typeof error !== 'object' || error === null || depth > 4) return [];
  const parts = error as Record<string, unknown>;
  for (const name of ['graphQLErrors', 'errors']) if (Array.isArray(parts[name]) && parts[name].length > 0) return (parts[name] as { extensions?: object }[]).map(({ extensions }) => ({ ...extensions }));
  if (typeof parts['bodyText'] === 'string') return errorsIn(JSON.parse(parts['bodyText']), depth + 1);
  for (const name of ['response', 'networkError', 'result', 'cause']) {
    const found = errorsIn(parts[name], depth + 1);
    if (found.length > 0) return found;
  }
  return [];
}

const caught = (work: Promise<{ data?: unknown; error?: unknown; errors?: unknown }>): Promise<Answered> => work.then((result) => ({ data: result.data ?? null, errors: errorsIn(result.error ?? result) }), (error: unknown) => ({ data: null, errors: errorsIn(error) }));
const headersOf = (bearer?: string): Record<string, string> => (bearer === undefined ? {} : { authorization: `Bearer ${bearer}` });

function withApollo3(link: (bearer?: string) => apollo3.ApolloLink = (bearer) => new apollo3.HttpLink({ uri: url, headers: headersOf(bearer) })): Asking {
  const client = (bearer?: string) => new apollo3.ApolloClient({ link: link(bearer), cache: new apollo3.InMemoryCache() });
  return {
    query: (text, variables = {}, bearer?) => caught(client(bearer).query({ query: apollo3.gql(text), variables })),
    mutate: (text, variables = {}, bearer?) => caught(client(bearer).mutate({ mutation: apollo3.gql(text), variables })),
  };
}

function withApollo4(link: (bearer?: string) => apollo4.ApolloLink = (bearer) => new apollo4.HttpLink({ uri: url, headers: headersOf(bearer) })): Asking {
  const client = (bearer?: string) => new apollo4.ApolloClient({ link: link(bearer), cache: new apollo4.InMemoryCache() });
  return {
    query: (text, variables = {}, bearer?) => caught(client(bearer).query({ query: apollo4.gql(text), variables })),
    mutate: (text, variables = {}, bearer?) => caught(client(bearer).mutate({ mutation: apollo4.gql(text), variables })),
  };
}

function withUrql(): Asking {
  const client = (bearer?: string) => new UrqlClient({ url, exchanges: [fetchExchange], fetchOptions: { headers: headersOf(bearer) }, preferGetMethod: false });
  return {
    query: (text, variables = {}, bearer?) => caught(client(bearer).query(urqlGql(text), variables).toPromise()),
    mutate: (text, variables = {}, bearer?) => caught(client(bearer).mutation(urqlGql(text), variables).toPromise()),
  };
}

function withGraphqlRequest(): Asking {
  const ask = (text: string, variables: Variables = {}, bearer?: string): Promise<Answered> => caught(new GraphQLClient(url, { headers: headersOf(bearer) }).rawRequest(text, variables));
  return { query: ask, mutate: ask };
}

function withFetch(accept: string): Asking {
  const ask = (query: string, variables: Variables = {}, bearer?: string): Promise<Answered> =>
    caught(fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', accept, ...headersOf(bearer) }, body: JSON.stringify({ query, variables }) }).then((response) => response.json() as Promise<object>));
  return { query: ask, mutate: ask };
}

const CLIENTS: [string, () => Asking][] = [
  ['Apollo Client 3', () => withApollo3()],
  ['Apollo Client 3 with persisted queries by GET', () => withApollo3((bearer) => persisted3.createPersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new apollo3.HttpLink({ uri: url, headers: headersOf(bearer) })))],
  ['Apollo Client 4', () => withApollo4()],
  ['Apollo Client 4 with persisted queries by GET', () => withApollo4((bearer) => new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new apollo4.HttpLink({ uri: url, headers: headersOf(bearer) })))],
  ['urql', withUrql],
  ['graphql-request', withGraphqlRequest],
  ['fetch', () => withFetch('application/json')],
  ['fetch that takes anything', () => withFetch('*/*')],
  ['fetch by the specification', () => withFetch('application/graphql-response+json')],
];

describe.each(CLIENTS)('%s', (_name, make) => {
  it('is answered across the graph, with variables and under its own names', async () => {
    const { data, errors } = await make().query('query Mine($id: ID!) { customer(id: $id) { id: email subscription { status plan { key } } license { status } __typename } }', { id: customerId }, token);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ customer: { id: 'ada@example.com', subscription: { status: 'TRIALING', plan: { key: 'TRIAL' } }, license: { status: 'ACTIVE' } } });
  });

  it('changes what it asks to change', async () => {
    const { data, errors } = await make().mutate('mutation Rename($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { companyName } } }', { input: { id: customerId, companyName: 'Acme Corp' } }, token);
    expect(errors).toEqual([]);
    expect(data).toMatchObject({ updateCustomer: { customer: { companyName: 'Acme Corp' } } });
  });

  it.each([
    ['without a credential', { code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' }, (asking: Asking) => asking.query('{ customers { totalCount } }')],
    ["of another's customer", { code: 'NOT_FOUND' }, (asking: Asking) => asking.query('query ($id: ID!) { customer(id: $id) { email } }', { id: 'cust_none' }, token)],
    ['of what is not its to see', { code: 'FORBIDDEN', reason: 'ADMIN_ONLY' }, (asking: Asking) => asking.query('{ customers { totalCount } }', {}, token)],
    ['with a variable that does not fit', { code: 'INVALID_INPUT', reason: 'INVALID_VARIABLES' }, (asking: Asking) => asking.query('query ($key: PlanKey!) { plan(key: $key) { key } }', { key: 'NONE' })],
    ['of what the schema does not have', { code: 'INVALID_INPUT', reason: 'MALFORMED_QUERY' }, (asking: Asking) => asking.query('{ plans { nothing } }')],
    ['to log in with a wrong password', { code: 'UNAUTHENTICATED', reason: 'INVALID_LOGIN' }, (asking: Asking) => asking.mutate('mutation { logIn(input: { email: "nobody@example.com", password: "wrong horse" }) { session { token } } }')],
  ])('hands on code and reason of a request %s', async (_what, expected, ask) => {
    expect((await ask(make())).errors[0]).toMatchObject(expected);
  });
});

describe('a client that persists its queries', () => {
  it.each([
    ['Apollo Client 3', (record: typeof fetch) => {
      const client = new apollo3.ApolloClient({ link: persisted3.createPersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new apollo3.HttpLink({ uri: url, fetch: record })), cache: new apollo3.InMemoryCache() });
      return (text: string) => client.query({ query: apollo3.gql(text), fetchPolicy: 'network-only' });
    }],
    ['Apollo Client 4', (record: typeof fetch) => {
      const client = new apollo4.ApolloClient({ link: new PersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new apollo4.HttpLink({ uri: url, fetch: record })), cache: new apollo4.InMemoryCache() });
      return (text: string) => client.query({ query: apollo4.gql(text), fetchPolicy: 'network-only' });
    }],
  ])('sends its document once and its hash from then on: %s', async (name, make) => {
    const sent: string[] = [];
    const ask = make((input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      sent.push(`${init?.method ?? 'GET'} ${address.includes('sha256Hash') ? 'hash' : ''}${address.includes('query=') || (typeof init?.body === 'string' && init.body.includes('"query"')) ? 'document' : ''}`);
      return fetch(input, init);
    });
    const text = `query Own${sha256(name).replaceAll(/\d/g, '')} { plans { key name } }`;
    const first = await ask(text);
    expect(sent).toEqual(['GET hash', 'POST document']);
    expect((await ask(text)).data).toEqual(first.data);
    expect(sent).toEqual(['GET hash', 'POST document', 'GET hash']);
  });
});

const WATCH = 'subscription ($id: ID!) { usageReported(customerId: $id) { id: activeDevices instance { name } customer { companyName license { status } } } }';
const EVENT = { usageReported: { id: 7, instance: { name: 'us-east-1' }, customer: { companyName: 'Acme Corp', license: { status: 'ACTIVE' } } } };

/** Reports until somebody hears of it: when a stream is open, each client knows in its own way. */
async function reportUntil(received: readonly unknown[]): Promise<void> {
  const instance = booted.client.as({ apiKey });
  await waitFor(async () => {
    await instance.ask('mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }', { input: { instance: 'us-east-1', reports: [reportOf({ minutesAgo: 1, activeDevices: 7 })] } });
    expect(received.length).toBeGreaterThan(0);
  });
}

function openSocket(): WsClient {
  const socket = createWsClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: headersOf(token), retryAttempts: 0 });
  sockets.push(socket);
  return socket;
}

describe('a live operation', () => {
  it.each([
    ['Apollo Client 3', (hear: (data: unknown) => void) => {
      const client = new apollo3.ApolloClient({ link: new ws3.GraphQLWsLink(openSocket()), cache: new apollo3.InMemoryCache() });
      const watching = client.subscribe({ query: apollo3.gql(WATCH), variables: { id: customerId } }).subscribe({ next: ({ data }) => hear(data) });
      return () => watching.unsubscribe();
    }],
    ['Apollo Client 4', (hear: (data: unknown) => void) => {
      const client = new apollo4.ApolloClient({ link: new GraphQLWsLink(openSocket()), cache: new apollo4.InMemoryCache() });
      const watching = client.subscribe({ query: apollo4.gql(WATCH), variables: { id: customerId } }).subscribe({ next: ({ data }) => hear(data) });
      return () => watching.unsubscribe();
    }],
    ['urql', (hear: (data: unknown) => void) => {
      const socket = openSocket();
      const client = new UrqlClient({ url, preferGetMethod: false, exchanges: [subscriptionExchange({ forwardSubscription: ({ query = '', variables }) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables: variables as Variables }, sink as never) }) }) })] });
      const watching = client.subscription(urqlGql(WATCH), { id: customerId }).subscribe(({ data }) => hear(data));
      return () => watching.unsubscribe();
    }],
    ['graphql-sse', (hear: (data: unknown) => void) => {
      const client = createSseClient({ url, headers: headersOf(token), retryAttempts: 0 });
      const stop = client.subscribe({ query: WATCH, variables: { id: customerId } }, { next: ({ data }) => hear(data), error: () => undefined, complete: () => undefined });
      return () => {
        stop();
        client.dispose();
      };
    }],
  ])('reaches %s, joined across the graph', async (_name, watch) => {
    const received: unknown[] = [];
    const stop = watch((data) => received.push(data));
    await reportUntil(received);
    stop();
    expect(received[0]).toMatchObject(EVENT);
  });

  it.each([
    ['WebSocket', () => new Promise((resolve) => {
      openSocket().subscribe({ query: WATCH, variables: { id: 'cust_none' } }, { next: resolve, error: (errors) => resolve({ errors }), complete: () => resolve(null) });
    })],
    ['graphql-sse', () => new Promise((resolve) => {
      const client = createSseClient({ url, headers: headersOf(token), retryAttempts: 0 });
      client.subscribe({ query: WATCH, variables: { id: 'cust_none' } }, { next: resolve, error: resolve, complete: () => resolve(null) });
    })],
  ])("of another's customer is refused with its code over %s", async (_name, watch) => {
    expect(errorsIn(await watch())[0]).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('gql.tada', () => {
  const run = (program: string, args: readonly string[], cwd: string): Promise<{ code: number; output: string }> =>
    promisify(execFile)(process.execPath, [join(ROOT, 'node_modules', program), ...args], { cwd }).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, output: stdout + stderr }),
    );

  it('generates the schema from the running plane, and types a query by it', async () => {
    const project = join(folder, 'tada');
    mkdirSync(project);
    symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: 'nodenext', moduleResolution: 'nodenext', target: 'es2023', lib: ['es2023'], types: [], skipLibCheck: true }, include: ['*.ts'] }));
    const generated = await run('gql.tada/bin/cli.js', ['generate-schema', url, '--output', './schema.graphql'], project);
    expect(generated).toMatchObject({ code: 0 });
    expect(readFileSync(join(project, 'schema.graphql'), 'utf8')).toContain('enum PlanKey');
    // Its generator of this file wants a compiler with an API, which the one here has no more; its types read the description itself too.
    const introspection = introspectionFromSchema(buildSchema(readFileSync(join(project, 'schema.graphql'), 'utf8')), { descriptions: false });
    writeFileSync(join(project, 'graphql-env.d.ts'), `export type introspection = ${JSON.stringify(introspection)};`);
    const typed = (use: string): string => `import { initGraphQLTada, type ResultOf } from 'gql.tada';
import type { introspection } from './graphql-env.d.ts';
const graphql = initGraphQLTada<{ introspection: introspection; scalars: { DateTime: string; SafeInt: number; JSON: object } }>();
const query = graphql('query ($id: ID!) { customer(id: $id) { id: email subscription { status } } plans { key } }');
export function read(answer: ResultOf<typeof query>): unknown { ${use} }
`;
    writeFileSync(join(project, 'query.ts'), typed("const key: 'TRIAL' | 'STARTER' | 'PROFESSIONAL' | 'ENTERPRISE' | undefined = answer.plans[0]?.key; return [key, answer.customer?.subscription?.status];"));
    expect(await run('typescript/bin/tsc', ['-p', '.'], project)).toEqual({ code: 0, output: '' });
    writeFileSync(join(project, 'query.ts'), typed('return answer.customer?.subscription.status;'));
    expect((await run('typescript/bin/tsc', ['-p', '.'], project)).output).toContain("'answer.customer.subscription' is possibly 'null'");
  });
});
