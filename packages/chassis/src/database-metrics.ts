import type { LogEvent, PostgresPool } from 'kysely';
import type pg from 'pg';
import type { Metrics } from './metrics.ts';

const STATES = ['busy', 'idle'] as const;

/** What is counted of one pool of connections, and of what is asked over it. */
export interface PoolMetrics {
  /** The pool as Kysely takes it: how long each waits for a connection is noted. */
  timed(pool: PostgresPool): PostgresPool;
  /** For Kysely's log. */
  onQuery(event: Pick<LogEvent, 'level' | 'queryDurationMillis'>): void;
}

/** @param name in the `pool` label: a subgraph's, or what the pool is for. */
export function watchPool(pool: pg.Pool, name: string, metrics: Metrics): PoolMetrics {
  const labels = { pool: name };
  const connections = metrics.gauge('iotistic_db_pool_connections', 'Connections to the database, by what they do', ['pool', 'state']);
  const waiting = metrics.gauge('iotistic_db_pool_waiting', 'Callers that wait for a connection', ['pool']);
  const failures = metrics.counter('iotistic_db_connection_failures_total', 'Connections that could not be had, or were lost', ['pool', 'kind']);
  const acquire = metrics.histogram('iotistic_db_pool_acquire_seconds', 'How long callers waited for a connection', ['pool']).labels(labels);
  const queries = metrics.histogram('iotistic_db_query_seconds', 'Duration of statements', ['pool']).labels(labels);
  const errors = metrics.counter('iotistic_db_query_errors_total', 'Statements that failed', ['pool']).labels(labels);
  metrics.gauge('iotistic_db_pool_max_connections', 'Connections that a pool may have', ['pool']).set(labels, pool.options.max);
  errors.inc(0);
  for (const kind of ['refused', 'lost']) failures.inc({ ...labels, kind }, 0);
  const observe = (): void => {
    const counts = { busy: pool.totalCount - pool.idleCount, idle: pool.idleCount };
    for (const state of STATES) connections.set({ ...labels, state }, counts[state]);
    waiting.set(labels, pool.waitingCount);
  };
  observe();
  metrics.onScrape(`pool ${name}`, observe);
  pool.on('error', () => {
    if (!pool.ending) failures.inc({ ...labels, kind: 'lost' });
  });
  return {
    timed: (inner) => ({
      async connect() {
        const startedAtMs = performance.now();
        try {
          return await inner.connect();
        } catch (error) {
          failures.inc({ ...labels, kind: 'refused' });
          throw error;
        } finally {
          acquire.observe((performance.now() - startedAtMs) / 1000);
        }
      },
      end: () => inner.end(),
    }),
    onQuery(event) {
      queries.observe(event.queryDurationMillis / 1000);
      if (event.level === 'error') errors.inc();
    },
  };
}
