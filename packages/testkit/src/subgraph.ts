import { createLog } from '@iotistic/chassis/log';
import { type Migrations, migrateSchema } from '@iotistic/chassis/migrate';
import { eventQueueOf } from '@iotistic/chassis/outbox';
import { openPlatform, type Platform } from '@iotistic/chassis/platform';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import type { SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import type { Caller, SubgraphName } from '@iotistic/contracts/caller';
import type { EventName, EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import pg from 'pg';
import { createTestClock, type TestClock } from './clock.ts';
import { createTestDatabase } from './database.ts';
import { waitFor } from './wait.ts';

/** One subgraph on a database of its own, asked as its gateway would ask and told events as its neighbours would. */
export interface TestSubgraph {
  subgraph: RunningSubgraph;
  platform: Platform;
  clock: TestClock;
  databaseUrl: string;
  ask(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<SubgraphResponse>;
  /** The data of the answer. @throws Error with what it says is wrong. */
  read<D = Record<string, unknown>>(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<D>;
  /** One entity, as the gateway reaches it; null where there is none for this caller. @throws Error as read does. */
  entity<E = Record<string, unknown>>(caller: Caller, representation: { __typename: string } & Record<string, unknown>, fields: string): Promise<E | null>;
  /** A live operation. Throws the answer that refuses it. */
  watch(caller: Caller, query: string, variables?: Record<string, unknown>): Promise<AsyncIterableIterator<SubgraphResponse>>;
  /** Hands it an event through its queue and waits until its inbox has it. Each call is a new event, so that the inbox does not hide what a repeat does. */
  tell<N extends EventName>(name: N, payload: EventPayload<N>): Promise<void>;
  /** Reads its tables. */
  rows<R = Record<string, unknown>>(statement: string, values?: unknown[]): Promise<R[]>;
  /** What it published of this name so far, oldest first. */
  published<N extends EventName>(name: N): Promise<EventPayload<N>[]>;
  close(): Promise<void>;
}

const TOLD_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 5;

export async function startTestSubgraph(options: { name: SubgraphName; migrations: Migrations; start(platform: Platform): Promise<RunningSubgraph>; clock?: TestClock }): Promise<TestSubgraph> {
  const { name } = options;
  const clock = options.clock ?? createTestClock();
  const open = (databaseUrl: string): Promise<Platform> => openPlatform({ databaseUrl, logLevel: 'silent', name: 'test', clock });
  const database = await createTestDatabase({
    template: `subgraph_${name}`,
    migrate: async (url) => {
      await (await open(url)).close();
      await migrateSchema({ url, schema: name, migrations: options.migrations, log: createLog({ level: 'silent', name: 'test' }) });
    },
  });
  const platform = await open(database.url);
  const subgraph = await options.start(platform);
  const pool = new pg.Pool({ connectionString: database.url, max: 2, options: `-c search_path=${name}` });
  pool.on('error', () => undefined);

  async function rows<R>(statement: string, values: unknown[] = []): Promise<R[]> {
    return (await pool.query(statement, values)).rows as R[];
  }

  async function isInInbox(id: string): Promise<boolean> {
    return (await rows('select 1 from inbox where event_id = $1', [id])).length > 0;
  }

  const ask: TestSubgraph['ask'] = (caller, query, variables = {}) => subgraph.executor.execute({ query, variables }, { caller, requestId: newId('req') });

  async function read<D>(caller: Caller, query: string, variables: Record<string, unknown> = {}): Promise<D> {
    const { data, errors } = await ask(caller, query, variables);
    if (errors !== undefined || data === undefined || data === null) throw new Error(JSON.stringify(errors));
    return data as D;
  }

  return {
    subgraph,
    platform,
    clock,
    databaseUrl: database.url,
    rows,
    ask,
    read,
    async entity<E>(caller: Caller, representation: { __typename: string } & Record<string, unknown>, fields: string) {
      const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on ${representation.__typename} { ${fields} } } }`;
      const { _entities: found } = await read<{ _entities: (E | null)[] }>(caller, query, { representations: [representation] });
      return found[0] ?? null;
    },
    async watch(caller, query, variables = {}) {
      const stream = await subgraph.executor.subscribe({ query, variables }, { caller, requestId: newId('req') });
      if (Symbol.asyncIterator in stream) return stream;
      throw new Error(JSON.stringify(stream.errors));
    },
    async tell(eventName, payload) {
      const id = newId('evnt');
      await platform.jobs.add(eventQueueOf(name), [{ name: eventName, id: newId('req'), data: { id, name: eventName, payload, requestId: newId('req') } }]);
      await waitFor(async () => {
        if (!(await isInInbox(id))) throw new Error('the event was not handled in time');
      }, { timeout: TOLD_WITHIN_MS, interval: LOOK_EVERY_MS });
    },
    async published(eventName) {
      const found = await rows<{ payload: never }>('select payload from outbox where name = $1 order by position', [eventName]);
      return found.map(({ payload }) => payload);
    },
    async close() {
      await platform.jobs.close();
      await subgraph.close();
      await platform.close();
      await pool.end();
      await database.drop();
    },
  };
}
