import { randomUUID } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import { type Database, openDatabase } from '@iotistic/chassis/database';
import { type EventEnvelope, eventQueueOf } from '@iotistic/chassis/outbox';
import { openPlatform, type Platform } from '@iotistic/chassis/platform';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import type { SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import type { Caller } from '@iotistic/contracts/caller';
import type { EventName, Meter } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { startUsage } from './app.ts';
import type { UsageConfig } from './config.ts';
import type { UsageTables } from './repository/tables.ts';

export type Json = Record<string, unknown>;

export const ADMIN: Caller = { kind: 'admin', name: 'operator' };
export const ANYONE: Caller = { kind: 'anonymous' };
export const REQUEST_ID = 'req_of_test';

/** A customer with somebody of each kind. */
export interface Tenant {
  id: string;
  user: Caller;
  instance: Caller;
}

export function newTenant(): Tenant {
  const id = newId('cust');
  return { id, user: { kind: 'user', customerId: id, userId: newId('user'), sessionId: newId('sess') }, instance: { kind: 'instance', customerId: id, credential: 'api_key', credentialId: newId('akey') } };
}

export interface ReportAnswer {
  accepted: number;
  late: number;
  duplicates: number;
  rejected: { reportId: string; reason: string; message: string }[];
  latest: (Json & { id: string }) | null;
}

const HOUR_MS = 3_600_000;

/** A good report of the hour that ends then, with whatever the test says of it. */
export function reportEnding(end: Date | string, rest: Json = {}): Json & { reportId: string } {
  const intervalEnd = new Date(end);
  return { reportId: randomUUID(), intervalStart: new Date(intervalEnd.getTime() - HOUR_MS).toISOString(), intervalEnd: intervalEnd.toISOString(), activeDevices: 1, totalDevices: 1, ...rest };
}

export const REPORT_FIELDS = `id fate intervalStart intervalEnd receivedAt activeDevices totalDevices mqttMessagesPublished mqttMessagesReceived mqttBytesSent
  mqttBytesReceived httpRequests httpBytesSent httpBytesReceived storageBytes storageRows`;
const REPORT_USAGE = `mutation ($input: ReportUsageInput!) { reportUsage(input: $input) {
  accepted late duplicates rejected { reportId reason message } latest { ${REPORT_FIELDS} customer { id } instance { id name } } } }`;

const WATCH_USAGE = `subscription ($customerId: ID!, $instance: String) { usageReported(customerId: $customerId, instance: $instance) {
  id activeDevices receivedAt customer { id } instance { id name } } }`;

const CONFIG: UsageConfig = { EVIDENCE_DAYS: 100, REPORT_CALLS_PER_HOUR: 0, USAGE_MAX_REPORTS_PER_COMMIT: 5_000, USAGE_MAX_WAITING_REPORTS: 50_000 };

/** What a gateway asks the subgraph, with callers of the test's choice. */
function createDriver(subgraph: RunningSubgraph) {
  const run = (caller: Caller, query: string, variables: Json = {}): Promise<SubgraphResponse> => subgraph.executor.execute({ query, variables }, { caller, requestId: REQUEST_ID });

  async function data<T = Json>(caller: Caller, query: string, variables?: Json): Promise<T> {
    const response = await run(caller, query, variables);
    if (response.errors !== undefined) throw new Error(JSON.stringify(response.errors));
    return response.data as T;
  }

  /** code and reason of the first error. */
  async function refusal(caller: Caller, query: string, variables?: Json): Promise<string> {
    const { errors } = await run(caller, query, variables);
    const { code, reason } = errors?.[0]?.extensions ?? {};
    return `${String(code)} ${String(reason)}`;
  }

  async function entity<T = Json>(caller: Caller, type: string, id: string, fields: string): Promise<T | null> {
    const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { ${fields} } } }`;
    return (await data<{ _entities: (T | null)[] }>(caller, query, { of: [{ __typename: type, id }] }))._entities[0] ?? null;
  }

  return {
    run,
    data,
    refusal,
    entity,
    report: async (caller: Caller, instance: string, reports: readonly Json[]): Promise<ReportAnswer> => (await data<{ reportUsage: ReportAnswer }>(caller, REPORT_USAGE, { input: { instance, reports } })).reportUsage,
    refusalOfReport: (caller: Caller, instance: string, reports: readonly Json[]): Promise<string> => refusal(caller, REPORT_USAGE, { input: { instance, reports } }),
    customer: async <T = Json>(caller: Caller, id: string, fields: string): Promise<T> => (await entity<T>(caller, 'Customer', id, fields)) as T,
    watch: (caller: Caller, customerId: string, instance?: string): Promise<AsyncIterableIterator<SubgraphResponse> | SubgraphResponse> =>
      subgraph.executor.subscribe({ query: WATCH_USAGE, variables: { customerId, instance } }, { caller, requestId: REQUEST_ID }),
    /** As a gateway does that takes a stream up again. */
    resume: (caller: Caller, customerId: string, after: string | null): Promise<AsyncIterableIterator<SubgraphResponse> | SubgraphResponse> =>
      subgraph.executor.subscribe({ query: WATCH_USAGE, variables: { customerId } }, { caller, requestId: REQUEST_ID, live: { after } }),
  };
}

export type UsageUnderTest = Awaited<ReturnType<typeof startUnderTest>>;

/** The subgraph on a database of its own. */
export async function startUnderTest(databaseUrl: string, clock: Clock, config: Partial<UsageConfig> = {}) {
  const platform: Platform = await openPlatform({ databaseUrl, logLevel: 'silent', name: 'test', clock });
  const subgraph: RunningSubgraph = await startUsage({ ...CONFIG, ...config }, platform);
  const database: Database<UsageTables> = openDatabase<UsageTables>({ url: databaseUrl, schema: 'usage', log: platform.log });
  return {
    ...createDriver(subgraph),
    platform,
    subgraph,
    db: database.db,
    pool: database.pool,
    async published(customerId: string): Promise<{ name: string; payload: Json; requestId: string }[]> {
      const rows = await database.db.selectFrom('outbox').select(['name', 'payload', 'request_id']).orderBy('position').execute();
      return rows.map((row) => ({ name: row.name, payload: row.payload as unknown as Json, requestId: row.request_id })).filter((event) => event.payload['customerId'] === customerId);
    },
    /** Hands an event to the subgraph as the relay of its publisher would. */
    async deliver(name: EventName, payload: Json, id: string = newId('evnt')): Promise<void> {
      const envelope: EventEnvelope = { id, name, payload, requestId: REQUEST_ID };
      await platform.jobs.add(eventQueueOf('usage'), [{ name, id: randomUUID(), data: envelope }]);
    },
    async metric(name: string): Promise<number> {
      const metric = await platform.metrics.registry.getSingleMetric(name)?.get();
      return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    /** Ends connections of this database, as its administrator would: the subgraph's own role may not. */
    async terminate(applicationName: string): Promise<number> {
      const client = await database.pool.connect();
      await client.query('set role none');
      const { rowCount } = await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()', [applicationName]);
      client.release(true);
      return rowCount ?? 0;
    },
    async close(): Promise<void> {
      await platform.jobs.close();
      await subgraph.close();
      await database.close();
      await platform.close();
    },
  };
}

/** What billing says of a subscription. */
export function subscriptionChanged(customerId: string, version: number, period: { start: string | null; end: string | null }, included: Partial<Record<Meter, number | null>> = {}, maxDevices: number | null = 10): Json {
  return {
    customerId,
    customerName: 'Acme',
    subscriptionId: 'subn_1',
    plan: 'PROFESSIONAL',
    status: 'ACTIVE',
    trialEndsAt: null,
    currentPeriodStart: period.start,
    currentPeriodEndsAt: period.end,
    entitlements: { features: {}, limits: { maxDevices }, included },
    version,
    updatedAt: '2026-11-20T12:00:00.000Z',
    actor: 'user:user_1',
    reason: null,
  };
}

/** For the template database: everything that a start would create. */
export async function prepareDatabase(databaseUrl: string): Promise<void> {
  const usage = await startUnderTest(databaseUrl, { now: () => new Date('2026-11-20T12:00:00Z') });
  await usage.close();
}
