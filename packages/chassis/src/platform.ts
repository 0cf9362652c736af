import type pg from 'pg';
import { type Clock, systemClock } from './clock.ts';
import { ConfigError } from './config.ts';
import { surviveLosses } from './database.ts';
import { watchPool } from './database-metrics.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { closeAll } from './lifecycle.ts';
import { createPostgresLive, createRedisLive, type Live } from './live.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createPgListener, type PgListener } from './pg-listener.ts';
import { createSessionPool } from './pg-session.ts';

/** What all services of one process share. */
export interface Platform {
  clock: Clock;
  log: Log;
  metrics: Metrics;
  databaseUrl: string;
  /** Where a subgraph has this process to itself: what it may open in all, if that is limited, and whether PostgreSQL has the queues too. */
  budget?: { maximum: number | undefined; hasRedis: boolean };
  jobs: Jobs;
  live: Live;
  listener: PgListener;
  close(): Promise<void>;
}

export async function openPlatform(options: { databaseUrl: string; redisUrl?: string | undefined; logLevel: string; name: string; clock?: Clock; log?: Log; budget?: Platform['budget'] }): Promise<Platform> {
  const log = options.log ?? createLog({ level: options.logLevel, name: options.name });
  const listener = await createPgListener({ url: options.databaseUrl, log });
  // What is told live is not kept, so that telling it need not wait for the disk.
  const pool = createSessionPool({ url: options.databaseUrl, applicationName: 'iotistic-live', maxConnections: 2, isForgetful: true });
  surviveLosses(pool, log);
  await refuseTransactionPooling(listener, pool);
  const metrics = createMetrics({ defaults: true });
  watchPool(pool, 'live', metrics);
  const jobs = await createJobs({ databaseUrl: options.databaseUrl, redisUrl: options.redisUrl, log, metrics });
  const live = options.redisUrl === undefined ? await createPostgresLive({ pool, listener, log }) : await createRedisLive({ url: options.redisUrl, log });
  return {
    clock: options.clock ?? systemClock,
    log,
    metrics,
    databaseUrl: options.databaseUrl,
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    jobs,
    live,
    listener,
    close: () => closeAll([() => jobs.close(), () => live.close(), () => listener.close(), () => pool.end()]),
  };
}

/** The connection that listens stays open: a second one that reaches the same process of the server shares it, statement by statement. @throws ConfigError */
async function refuseTransactionPooling(listener: PgListener, pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  if (rows[0]?.pid !== (await listener.backendPid())) return;
  await closeAll([() => listener.close(), () => pool.end()]);
  throw new ConfigError(['DATABASE_URL: the pooler shares one connection among many, by transaction or statement; it has to give each client its own (PgBouncer: pool_mode = session)']);
}
