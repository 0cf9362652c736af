import { readFileSync } from 'node:fs';
import type { SubgraphName } from '@iotistic/contracts/caller';
import type { AccessTable } from './access.ts';
import type { Clock } from './clock.ts';
import { type Db, type Database, openDatabase } from './database.ts';
import { type EventHandlers, startInbox } from './inbox.ts';
import { closeAll } from './lifecycle.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type Migrations, migrateSchema } from './migrate.ts';
import type { EventTables } from './outbox.ts';
import type { Platform } from './platform.ts';
import { Relay } from './relay.ts';
import { createSubgraphExecutor, type SubgraphContext, type SubgraphExecutor } from './subgraph-executor.ts';

/** What every use case may ask for; a subgraph's own App adds its configuration and clients. */
export interface BaseApp<T extends EventTables> {
  db: Db<T>;
  clock: Clock;
  log: Log;
  live: Live;
  metrics: Metrics;
}

/** The plan of a subgraph: what it is made of. */
export interface SubgraphDefinition<S extends SubgraphName, T extends EventTables, A extends BaseApp<T>> {
  name: S;
  /** schema/NAME.graphql */
  typeDefs: URL;
  migrations: Migrations;
  maxConnections?: number;
  /** Builds the App on the base; may read, create keys, start clocks. */
  build(base: BaseApp<T>): Promise<A> | A;
  resolvers(app: A): object;
  access: AccessTable;
  /** What resolvers get besides caller and requestId, made anew for each request (loaders). */
  context?(app: A, request: SubgraphContext): object;
  events(app: A): EventHandlers<S>;
  /** Ends what build began. */
  close?(app: A): Promise<void>;
}

/** A subgraph at work: what the gateway talks to, in this process or behind a door of its own. */
export interface RunningSubgraph {
  name: SubgraphName;
  executor: SubgraphExecutor;
  /** Whether its database answers. */
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

export async function startSubgraph<S extends SubgraphName, T extends EventTables, A extends BaseApp<T>>(definition: SubgraphDefinition<S, T, A>, platform: Platform): Promise<RunningSubgraph> {
  const log = platform.log.child({ service: definition.name });
  await migrateSchema({ url: platform.databaseUrl, schema: definition.name, migrations: definition.migrations, log });
  const database: Database<T> = openDatabase({ url: platform.databaseUrl, schema: definition.name, log, ...(definition.maxConnections === undefined ? {} : { maxConnections: definition.maxConnections }) });
  try {
    return await openRooms(definition, platform, database, log);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function openRooms<S extends SubgraphName, T extends EventTables, A extends BaseApp<T>>(definition: SubgraphDefinition<S, T, A>, platform: Platform, database: Database<T>, log: Log): Promise<RunningSubgraph> {
  const app = await definition.build({ db: database.db, clock: platform.clock, log, live: platform.live, metrics: platform.metrics });
  const executor = createSubgraphExecutor({
    typeDefs: readFileSync(definition.typeDefs, 'utf8'),
    resolvers: definition.resolvers(app),
    access: definition.access,
    createContext: (request) => ({ ...definition.context?.(app, request), caller: request.caller, requestId: request.requestId }),
    log,
  });
  const eventDb = database.db as unknown as Db<EventTables>;
  const relay = await Relay.start({ publisher: definition.name, db: eventDb, jobs: platform.jobs, listener: platform.listener, clock: platform.clock, log });
  startInbox({ reader: definition.name, handlers: definition.events(app), db: eventDb, jobs: platform.jobs, clock: platform.clock, log });
  return {
    name: definition.name,
    executor,
    ready: () =>
      database.pool.query('select 1').then(
        () => true,
        () => false,
      ),
    close: () => closeAll([() => relay.close(), () => definition.close?.(app), () => database.close()]),
  };
}
