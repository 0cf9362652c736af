import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AccessTable, adminOnly, anyone, gatewayOnly, inherit, maySee, tenant } from '@iotistic/chassis/access';
import type { Clock } from '@iotistic/chassis/clock';
import type { Route } from '@iotistic/chassis/http-server';
import { LiveEvent, type LiveMark } from '@iotistic/chassis/live-event';
import { LiveIterator } from '@iotistic/chassis/live-iterator';
import { createLog } from '@iotistic/chassis/log';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import { createSubgraphExecutor, type SubgraphExecutor } from '@iotistic/chassis/subgraph-executor';
import { type Caller, SUBGRAPH_NAMES, type SubgraphName } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { degradationOf, LICENSE_AUDIENCE, LICENSE_ISSUER, LICENSE_TYPE } from '@iotistic/contracts/license';
import { Kind, parse } from 'graphql';

const NOWHERE = '2026-01-01T00:00:00.000Z';
const KEY_ID = 'key_1';

export interface FakeCredential {
  state: 'ACTIVE' | 'REVOKED' | 'EXPIRED' | 'DEACTIVATED';
  kind: 'API_KEY' | 'SESSION';
  customerId: string;
  expiresAt?: string;
}

/** Four subgraphs over the real schema, in memory: enough of each to join across them, and everything that went through them counted. */
export interface FakeGraph {
  subgraphs: Record<SubgraphName, RunningSubgraph>;
  /** Requests that each was asked, by the root field that they ask for. */
  asked: Record<SubgraphName, string[]>;
  /** Live operations that usage feeds now. */
  openStreams(): number;
  /** Pushes a report to whoever watches this customer; with a mark, as a stream that can be taken up again. */
  report(customerId: string, activeDevices: number, mark?: LiveMark): void;
  /** Makes a credential known, and answers its secret. */
  issue(secret: string, credential: FakeCredential): string;
  license(customerId: string, clock: Clock, options?: { days?: number; jti?: string }): string;
  revokedLicenses: Set<string>;
  /** Takes a subgraph away: it fails like one that does not answer. */
  down: Set<SubgraphName>;
  /** Makes customers find nobody. */
  missing: Set<string>;
  /** What billing's webhook was sent, byte for byte. */
  webhooks: { headers: Record<string, unknown>; body: Buffer }[];
}

export function sha256Of(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export function createFakeGraph(): FakeGraph {
  const asked: FakeGraph['asked'] = { customers: [], billing: [], licensing: [], usage: [] };
  const down = new Set<SubgraphName>();
  const missing = new Set<string>();
  const revokedLicenses = new Set<string>();
  const credentials = new Map<string, FakeCredential>();
  const watchers = new Map<string, Set<(report: object) => void>>();
  const webhooks: FakeGraph['webhooks'] = [];
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const resolvers: Record<SubgraphName, object> = {
    customers: customersResolvers(credentials, missing),
    billing: billingResolvers(),
    licensing: licensingResolvers(keys.publicKey, revokedLicenses),
    usage: usageResolvers(watchers),
  };
  const subgraphs = Object.fromEntries(SUBGRAPH_NAMES.map((name) => [name, fakeSubgraph(name, resolvers[name], asked[name], down, name === 'billing' ? { 'POST /webhooks/stripe': webhookRoute(webhooks, down) } : {})])) as FakeGraph['subgraphs'];
  return {
    subgraphs,
    asked,
    down,
    missing,
    webhooks,
    revokedLicenses,
    openStreams: () => [...watchers.values()].reduce((sum, { size }) => sum + size, 0),
    report(customerId, activeDevices, mark) {
      const report = reportOf(customerId, activeDevices);
      for (const push of watchers.get(customerId) ?? []) push(mark === undefined ? report : new LiveEvent(report, mark));
    },
    issue(secret, credential) {
      credentials.set(sha256Of(secret), credential);
      return secret;
    },
    license: (customerId, clock, options = {}) => signLicense(keys.privateKey, customerId, clock.now(), options),
  };
}

function fakeSubgraph(name: SubgraphName, resolvers: object, asked: string[], down: ReadonlySet<SubgraphName>, http: Readonly<Record<string, Route>>): RunningSubgraph {
  const typeDefs = readFileSync(new URL(`../../../schema/${name}.graphql`, import.meta.url), 'utf8');
  const executor = createSubgraphExecutor({ typeDefs, resolvers, access: accessOf(typeDefs), createContext: (context) => ({ ...context }), log: createLog({ level: 'silent', name }) });
  const count = <R>(work: () => Promise<R>, query: string): Promise<R> => {
    asked.push(/[{]\s*(?:\w+:\s*)?(\w+)/.exec(query)?.[1] ?? query);
    return down.has(name) ? Promise.reject(new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE')) : work();
  };
  const counted: SubgraphExecutor = {
    schema: executor.schema,
    execute: (request, context) => count(() => executor.execute(request, context), request.query),
    subscribe: (request, context) => count(() => executor.subscribe(request, context), request.query),
  };
  return { name, executor: counted, http, runScheduled: () => Promise.resolve(), ready: () => Promise.resolve(!down.has(name)), close: () => Promise.resolve() };
}

/** Takes what is signed `good`, and refuses the rest as billing would. */
function webhookRoute(webhooks: FakeGraph['webhooks'], down: ReadonlySet<SubgraphName>): Route {
  return async ({ headers, body }) => {
    if (down.has('billing')) throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE');
    webhooks.push({ headers, body: await body() });
    return headers['stripe-signature'] === 'good' ? { body: 'received' } : { status: 400, headers: { 'content-type': 'application/json' }, body: '{"errors":[]}' };
  };
}

/** Everything may be seen but what the tests need a refusal of. */
function accessOf(typeDefs: string): AccessTable {
  const guards: AccessTable = {
    'Query.customer': tenant((_source, args: { id: string }) => args.id),
    'Query.customers': adminOnly,
    'Query.credential': gatewayOnly,
    'Subscription.usageReported': tenant((_source, args: { customerId: string }) => args.customerId),
  };
  const types = parse(typeDefs).definitions.flatMap((definition) => (definition.kind === Kind.OBJECT_TYPE_DEFINITION ? [definition] : []));
  const fields = new Set(types.flatMap((type) => (type.fields ?? []).map((field) => `${type.name.value}.${field.name.value}`)));
  return { ...Object.fromEntries(types.filter(({ name, fields: own }) => (own ?? []).some((field) => guards[`${name.value}.${field.name.value}`] === undefined)).map(({ name }) => [name.value, /^(Query|Mutation)$/.test(name.value) ? anyone : inherit])), ...Object.fromEntries(Object.entries(guards).filter(([name]) => fields.has(name))) };
}

interface Asking {
  caller: Caller;
}

function customersResolvers(credentials: ReadonlyMap<string, FakeCredential>, missing: ReadonlySet<string>): object {
  const customer = (id: string): object => ({ id, email: 'ada@example.com', companyName: `Company ${id}`, status: 'ACTIVE', createdAt: NOWHERE, updatedAt: NOWHERE, users: [], apiKeys: [] });
  return {
    Query: {
      viewer: (_source: unknown, _args: unknown, { caller }: Asking) => (caller.kind === 'anonymous' ? null : caller),
      customer: (_source: unknown, { id }: { id: string }) => customer(id),
      customers: () => ({ edges: [{ cursor: 'a', node: customer('cust_1') }], totalCount: 1, pageInfo: { hasNextPage: false, hasPreviousPage: false } }),
      credential: (_source: unknown, { sha256 }: { sha256: string }) => {
        const known = credentials.get(sha256);
        return known === undefined ? { state: 'UNKNOWN' } : { ...known, id: known.kind === 'SESSION' ? 'sess_1' : 'akey_1', userId: known.kind === 'SESSION' ? 'user_1' : null };
      },
    },
    Mutation: {
      signUp: (_source: unknown, _args: unknown, context: Asking) => {
        context.caller = { kind: 'user', customerId: 'cust_new', userId: 'user_new', sessionId: 'sess_new' };
        return { customer: customer('cust_new'), session: { token: 'iots_new', expiresAt: NOWHERE } };
      },
      logOut: () => {
        throw new Error('relation "sessions" does not exist');
      },
    },
    Viewer: { __resolveType: (caller: Caller) => ({ admin: 'AdminViewer', user: 'UserViewer', instance: 'InstanceViewer' })[caller.kind as 'admin'] },
    UserViewer: { customer: ({ customerId }: { customerId: string }) => customer(customerId) },
    InstanceViewer: { customer: ({ customerId }: { customerId: string }) => customer(customerId) },
    Customer: { __resolveReference: ({ id }: { id: string }, { caller }: Asking) => (maySee(caller, id) && !missing.has(id) ? customer(id) : null) },
  };
}

function billingResolvers(): object {
  const plan = { key: 'TRIAL', name: 'Trial', price: null, entitlements: { features: [], limits: [], included: [] }, meteredPrices: [] };
  return {
    Query: { plans: () => [plan], plan: () => plan },
    Customer: {
      __resolveReference: (reference: { id: string }, { caller }: Asking) => (maySee(caller, reference.id) ? reference : null),
      subscription: ({ id }: { id: string }) => ({ id: `subn_${id}`, customer: { id }, plan, status: 'TRIALING', cancelAtPeriodEnd: false, entitlements: plan.entitlements, version: 1, updatedAt: NOWHERE }),
    },
  };
}

function licensingResolvers(publicKey: KeyObject, revoked: ReadonlySet<string>): object {
  const license = (customerId: string): object => ({ id: `lic_${customerId}`, token: 'a.b.c', claims: { customerId }, status: 'ACTIVE', keyId: KEY_ID, issuedAt: NOWHERE, expiresAt: '2026-12-21T00:00:00.000Z' });
  return {
    Query: {
      signingKeys: () => [{ id: KEY_ID, algorithm: 'RS256', status: 'CURRENT', publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }), createdAt: NOWHERE }],
      verifyLicense: (_source: unknown, { token }: { token: string }) => ({ valid: !revoked.has(token), state: revoked.has(token) ? 'REVOKED' : 'VALID' }),
    },
    Customer: {
      __resolveReference: (reference: { id: string }, { caller }: Asking) => (maySee(caller, reference.id) ? reference : null),
      license: ({ id }: { id: string }) => license(id),
    },
  };
}

function usageResolvers(watchers: Map<string, Set<(report: object) => void>>): object {
  return {
    Mutation: { reportUsage: (_source: unknown, { input }: { input: { reports: unknown[] } }) => ({ accepted: input.reports.length, late: 0, duplicates: 0, rejected: [] }) },
    Subscription: {
      usageReported: {
        subscribe: (_source: unknown, { customerId }: { customerId: string }) =>
          new LiveIterator<object>({
            limit: 1_000,
            start(push) {
              const own = watchers.get(customerId) ?? new Set();
              watchers.set(customerId, own.add(push));
              return () => own.delete(push);
            },
          }),
        resolve: (report: object) => report,
      },
    },
    Customer: { __resolveReference: (reference: object) => reference },
  };
}

function reportOf(customerId: string, activeDevices: number): object {
  return { id: `rept_${activeDevices}`, customer: { id: customerId }, instance: { id: 'inst_1', name: 'us-east-1-prod' }, fate: 'ACCEPTED', intervalStart: NOWHERE, intervalEnd: NOWHERE, receivedAt: NOWHERE, activeDevices, totalDevices: activeDevices };
}

function signLicense(key: KeyObject, customerId: string, now: Date, { days = 30, jti = 'lic_1' }: { days?: number; jti?: string }): string {
  const iat = Math.floor(now.getTime() / 1000);
  const exp = iat + days * 86_400;
  const calendar = degradationOf(new Date(exp * 1000));
  const claims = {
    iss: LICENSE_ISSUER,
    sub: customerId,
    aud: LICENSE_AUDIENCE,
    iat,
    nbf: iat,
    exp,
    jti,
    customerId,
    customerName: 'Acme',
    plan: 'trial',
    features: {},
    limits: {},
    trial: { isTrialMode: true },
    subscription: { status: 'trialing', currentPeriodEndsAt: null },
    degradation: { graceUntil: calendar.graceUntil.toISOString(), readOnlyFrom: calendar.readOnlyFrom.toISOString(), unlicensedFrom: calendar.unlicensedFrom.toISOString() },
    version: 1,
    issuedAt: iat,
    expiresAt: exp,
  };
  const text = [{ alg: 'RS256', typ: LICENSE_TYPE, kid: KEY_ID }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
