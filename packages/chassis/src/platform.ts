import pg from 'pg';
import { type Clock, systemClock } from './clock.ts';
import { ConfigError } from './config.ts';
import { CONNECTION_DEADLINES, guardPool } from './connection-guard.ts';
import { isDatabaseUnavailable, surviveLosses } from './database.ts';
import { watchPool } from './database-metrics.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { closeAll } from './lifecycle.ts';
import { createPostgresLive, createRedisLive, type Live } from './live.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createPgListener, type PgListener } from './pg-listener.ts';

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
  const listener = await createPgListener({ url: options.databaseUrl, log }).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === '53300') throw new ConfigError(['DATABASE_URL: PostgreSQL has no connection left for this process; raise its max_connections, or lower DATABASE_MAX_CONNECTIONS of each part']);
    if (isDatabaseUnavailable(error)) throw new ConfigError([`DATABASE_URL: the database does not answer (${code ?? 'connection lost'})`]);
    throw error;
  });
  // What is told live is not kept, so that telling it need not wait for the disk.
  const pool = new pg.Pool({ connectionString: options.databaseUrl, max: 2, ...CONNECTION_DEADLINES, application_name: 'iotistic-live', options: '-c synchronous_commit=off' });
  surviveLosses(pool, log);
  guardPool(pool);
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
