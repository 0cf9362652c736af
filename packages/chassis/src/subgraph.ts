import { readFileSync } from 'node:fs';
import type { SubgraphName } from '@iotistic/contracts/caller';
import type { AccessTable } from './access.ts';
import type { Clock } from './clock.ts';
import { type Db, type Database, type DatabaseOptions, openDatabase, type Tx } from './database.ts';
import { checkConnections, countConnections, divideConnections, type PoolSizes } from './connection-budget.ts';
import { watchDatabaseLack } from './database-readiness.ts';
import { createEventMetrics } from './event-metrics.ts';
import { createExclusive, type Exclusive } from './exclusive.ts';
import { forgettingOf } from './forget-events.ts';
import { guardRoutes } from './http-route.ts';
import type { Route } from './http-server.ts';
import { type EventHandlers, startInbox } from './inbox.ts';
import { closeAll } from './lifecycle.ts';
import type { Live } from './live.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type Migrations, migrateSchema } from './migrate.ts';
import type { EventTables } from './outbox.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import type { Platform } from './platform.ts';
import { Relay } from './relay.ts';
import { openRestores, type Restore } from './restores.ts';
import { type ScheduledWork, startSchedule } from './schedule.ts';
import { createSubgraphExecutor, type SubgraphContext, type SubgraphExecutor } from './subgraph-executor.ts';
import { createWork, type Work, type WorkKind } from './work.ts';

/** What every use case may ask for; a subgraph's own App adds its configuration and clients. */
export interface BaseApp<T extends EventTables> {
  db: Db<T>;
  clock: Clock;
  log: Log;
  live: Live;
  metrics: Metrics;
  exclusive: Exclusive;
  work: Work;
  /** How often the database was put back to a backup; what others outside remember of the time in between it does not know. */
  restores: readonly Restore[];
}

/** What the building of an App may ask for besides. */
export interface BuildTools {
  /** For the hot path's transactions, on `pipelineConnections` of the definition, or fewer where the process may not have as many. Closed after the App. */
  openPipeline(): Pipeline;
}

/** The plan of a subgraph: what it is made of. */
export interface SubgraphDefinition<S extends SubgraphName, T extends EventTables, A extends BaseApp<T>> {
  name: S;
  /** schema/NAME.graphql */
  typeDefs: URL;
  migrations: Migrations;
  maxConnections?: number;
  /** What `openPipeline` asks for, where it is asked. */
  pipelineConnections?: number;
  /** Once after each restore, before anything else: raises what others have seen higher than this database knows, by RESTORE_STRIDE. */
  goOnAfterRestore?(tx: Tx<T>, now: Date): Promise<unknown>;
  /** Builds the App on the base; may read, create keys, start clocks. */
  build(base: BaseApp<T>, tools: BuildTools): Promise<A> | A;
  resolvers(app: A): object;
  access: AccessTable;
  /** Root fields of a hot path: each takes the request's id from its context and hands it on, for there is none at hand (log.ts). */
  handingOnRequestId?: readonly string[];
  /** What resolvers get besides caller and requestId, made anew for each request (loaders). */
  context?(app: A, request: SubgraphContext): object;
  events(app: A): EventHandlers<S>;
  /** Work that `app.work.add` hands out, by name; each name is a queue. */
  jobs?(app: A): Readonly<Record<string, WorkKind>>;
  /** What comes again and again. */
  schedule?(app: A): readonly ScheduledWork[];
  /**
   * Besides GraphQL, as `POST /path`. These are served to anyone, by the subgraph's own door and through the gateway,
   * without a caller: whoever sends them proves himself in what he sends.
   */
  http?(app: A): Readonly<Record<string, Route>>;
  /** Ends what build began. */
  close?(app: A): Promise<void>;
}

/** A subgraph at work: what the gateway talks to, in this process or behind a door of its own. */
export interface RunningSubgraph {
  name: SubgraphName;
  executor: SubgraphExecutor;
  /** Its routes besides GraphQL, which answer errors instead of throwing them. */
  http: Readonly<Record<string, Route>>;
  /** Runs all that is scheduled once, now, and waits for it: for when the clock was moved. What fails is logged. */
  runScheduled(): Promise<void>;
  /** Whether its database answers, may be written to and has room. */
  ready(): Promise<boolean>;
  /** What it lacks where it is not ready, in words, each beginning with what it is of. */
  lacks?(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function startSubgraph<S extends SubgraphName, T extends EventTables, A extends BaseApp<T>>(definition: SubgraphDefinition<S, T, A>, platform: Platform): Promise<RunningSubgraph> {
  const log = platform.log.child({ service: definition.name });
  const { budget, databaseUrl: url } = platform;
  if (budget !== undefined) await checkConnections({ url, name: definition.name, needs: countConnections(poolSizes(definition, platform), budget.hasRedis), log });
  await migrateSchema({ url: platform.databaseUrl, schema: definition.name, migrations: definition.migrations, log });
  const options: DatabaseOptions = { url: platform.databaseUrl, schema: definition.name, log, metrics: platform.metrics };
  const database: Database<T> = openDatabase({ ...options, maxConnections: poolSizes(definition, platform).statements });
  return openRooms(definition, platform, database, options);
}

function poolSizes(definition: { maxConnections?: number; pipelineConnections?: number }, { budget }: Platform): PoolSizes {
  return divideConnections(budget?.maximum, { statements: definition.maxConnections, pipeline: definition.pipelineConnections });
}

async function openRooms<S extends SubgraphName, T extends EventTables, A extends BaseApp<T>>(definition: SubgraphDefinition<S, T, A>, platform: Platform, database: Database<T>, options: DatabaseOptions): Promise<RunningSubgraph> {
  const { jobs, clock } = platform;
  const { name } = definition;
  const { log } = options;
  const sizes = poolSizes(definition, platform);
  const exclusive = createExclusive({ url: platform.databaseUrl, schema: name, log, maxConnections: sizes.locks });
  const closing = [() => exclusive.close(), () => database.close()];
  try {
    const work = createWork({ subgraph: name, jobs });
    const restores = await openRestores(database.db, name, clock.now(), async (tx) => definition.goOnAfterRestore?.(tx, clock.now()));
    const tools: BuildTools = {
      openPipeline() {
        const pipeline = openPipeline(database as Database<unknown>, { ...options, maxConnections: sizes.pipeline });
        closing.unshift(() => pipeline.close());
        return pipeline;
      },
    };
    const app = await definition.build({ db: database.db, clock, log, live: platform.live, metrics: platform.metrics, exclusive, work, restores }, tools);
    closing.unshift(() => definition.close?.(app) ?? Promise.resolve());
    const executor = createSubgraphExecutor({
      name,
      typeDefs: readFileSync(definition.typeDefs, 'utf8'),
      resolvers: definition.resolvers(app),
      access: definition.access,
      ...(definition.handingOnRequestId === undefined ? {} : { handingOnRequestId: definition.handingOnRequestId }),
      createContext: (request) => ({ ...definition.context?.(app, request), ...request }),
      log,
    });
    const lack = watchDatabaseLack(database.pool);
    const eventDb = database.db as unknown as Db<EventTables>;
    const metrics = createEventMetrics({ service: name, db: eventDb, clock, metrics: platform.metrics });
    const relay = await Relay.start({ publisher: name, db: eventDb, jobs, listener: platform.listener, clock, log, metrics });
    closing.unshift(() => relay.close());
    work.start(definition.jobs?.(app) ?? {});
    startInbox({ reader: name, handlers: definition.events(app), db: eventDb, jobs, clock, log, metrics, relay });
    const schedule = await startSchedule({ subgraph: name, schedule: [...(definition.schedule?.(app) ?? []), forgettingOf({ db: eventDb, clock, log })], jobs, log, metrics: platform.metrics });
    closing.unshift(() => schedule.close());
    return { name, executor, http: guardRoutes(definition.http?.(app) ?? {}, log), runScheduled: () => schedule.runNow(), ready: async () => (await lack()) === null, lacks: async () => [(await lack()) ?? []].flat(), close: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}
