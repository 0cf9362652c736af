import { randomUUID } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import { loadConfig } from '@iotistic/chassis/config';
import { type Database, openDatabase } from '@iotistic/chassis/database';
import { type EventEnvelope, eventQueueOf } from '@iotistic/chassis/outbox';
import { openPlatform, type Platform } from '@iotistic/chassis/platform';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import type { SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import type { Caller } from '@iotistic/contracts/caller';
import type { EventName } from '@iotistic/contracts/events';
import { startCustomers } from './app.ts';
import { customersConfig } from './config.ts';
import type { CustomersTables } from './repository/tables.ts';

export const ANYONE: Caller = { kind: 'anonymous' };
export const ADMIN: Caller = { kind: 'admin', name: 'operator' };
export const GATEWAY: Caller = { kind: 'gateway' };
export const PASSWORD = 'correct horse battery';

export type Json = Record<string, unknown>;

/** The subgraph on a database of its own, as the tests drive it: through its executor, with callers of their choice. */
export interface CustomersUnderTest {
  platform: Platform;
  subgraph: RunningSubgraph;
  db: Database<CustomersTables>['db'];
  run(caller: Caller, query: string, variables?: Json): Promise<SubgraphResponse>;
  /** The data; throws when there were errors. */
  data<T = Json>(caller: Caller, query: string, variables?: Json): Promise<T>;
  /** A live stream; throws where it is refused. */
  subscribe(caller: Caller, query: string, variables?: Json): Promise<AsyncIterableIterator<SubgraphResponse>>;
  /** code and reason of the first error, and its details. */
  refusal(caller: Caller, query: string, variables?: Json): Promise<Json>;
  signUp(email: string, names?: { companyName?: string; fullName?: string }): Promise<Account>;
  /** Every event that was published so far, in order. */
  published(): Promise<{ name: string; payload: Json; requestId: string }[]>;
  audited(customerId: string): Promise<string[]>;
  /** Hands an event to the subgraph as the relay of its publisher would. */
  deliver(name: EventName, payload: Json, id: string): Promise<void>;
  /** What is told on the live topic `credential` from now on. */
  hearCredentials(): string[];
  close(): Promise<void>;
}

export interface Account {
  id: string;
  email: string;
  token: string;
  user: Extract<Caller, { kind: 'user' }>;
  instance: Caller;
}

const SIGN_UP = 'mutation ($input: SignUpInput!) { signUp(input: $input) { customer { id users { id } } session { token } } }';

export async function startUnderTest(databaseUrl: string, clock: Clock, environment: NodeJS.ProcessEnv = {}): Promise<CustomersUnderTest> {
  const platform = await openPlatform({ databaseUrl, logLevel: 'silent', name: 'test', clock });
  const subgraph = await startCustomers(loadConfig(customersConfig, { SIMULATED_DEPLOYMENT_MS: '50', ...environment }), platform);
  const { db } = openDatabase<CustomersTables>({ url: databaseUrl, schema: 'customers', log: platform.log });

  const run: CustomersUnderTest['run'] = (caller, query, variables = {}) => subgraph.executor.execute({ query, variables }, { caller, requestId: 'req_of_test' });
  const data = async <T>(caller: Caller, query: string, variables?: Json): Promise<T> => {
    const response = await run(caller, query, variables);
    if (response.errors !== undefined) throw new Error(JSON.stringify(response.errors));
    return response.data as T;
  };
  const stopHearing: (() => void)[] = [];

  return {
    platform,
    subgraph,
    db,
    run,
    data,
    async subscribe(caller, query, variables = {}) {
      const stream = await subgraph.executor.subscribe({ query, variables }, { caller, requestId: 'req_of_test' });
      if (Symbol.asyncIterator in stream) return stream;
      throw new Error(JSON.stringify(stream.errors));
    },
    async refusal(caller, query, variables) {
      const { errors } = await run(caller, query, variables);
      const { code, reason, requestId: _requestId, ...details } = errors?.[0]?.extensions ?? {};
      return { code, reason, ...details };
    },
    signUp: (email, names = {}) => signUpAs({ data, db }, { email, password: PASSWORD, ...names }),
    async published() {
      const rows = await db.selectFrom('outbox').select(['name', 'payload', 'request_id']).orderBy('position').execute();
      return rows.map((row) => ({ name: row.name, payload: row.payload as unknown as Json, requestId: row.request_id }));
    },
    async audited(customerId) {
      const rows = await db.selectFrom('audit_entries').selectAll().where('customer_id', '=', customerId).orderBy('position').execute();
      return rows.map((row) => `${row.actor} ${row.action} ${row.target}${row.detail === null ? '' : ` (${row.detail})`}`);
    },
    async deliver(name, payload, id) {
      const envelope: EventEnvelope = { id, name, payload, requestId: 'req_of_event' };
      await platform.jobs.add(eventQueueOf('customers'), [{ name, id: randomUUID(), data: envelope }]);
    },
    hearCredentials() {
      const heard: string[] = [];
      stopHearing.push(platform.live.subscribe('credential', (message) => heard.push(message)));
      return heard;
    },
    async close() {
      for (const stop of stopHearing) stop();
      await platform.jobs.close();
      await subgraph.close();
      await db.destroy();
      await platform.close();
    },
  };
}

async function signUpAs({ data, db }: Pick<CustomersUnderTest, 'data' | 'db'>, input: Json & { email: string }): Promise<Account> {
  const { signUp } = await data<{ signUp: { customer: { id: string; users: { id: string }[] }; session: { token: string } } }>(ANYONE, SIGN_UP, { input });
  const id = signUp.customer.id;
  const session = await db.selectFrom('sessions').select('id').where('customer_id', '=', id).executeTakeFirstOrThrow();
  return {
    id,
    email: input.email,
    token: signUp.session.token,
    user: { kind: 'user', customerId: id, userId: signUp.customer.users[0]?.id ?? '', sessionId: session.id },
    instance: { kind: 'instance', customerId: id, credential: 'api_key', credentialId: 'akey_of_test' },
  };
}

/** For the template database: everything that a start would create. */
export async function prepareDatabase(databaseUrl: string): Promise<void> {
  const customers = await startUnderTest(databaseUrl, { now: () => new Date('2026-01-01T00:00:00Z') });
  await customers.close();
}
