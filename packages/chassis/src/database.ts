import { Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely';
import pg from 'pg';
import { type PoolMetrics, watchPool } from './database-metrics.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { withPreparedStatements } from './prepared.ts';
import { isTracing } from './tracing.ts';
import { TracedPostgresDialect } from './transaction-spans.ts';

/** What reads take. */
export type Db<T> = Kysely<T>;
/** What writes take: only a use case has one (Kysely's Transaction is nominal, so passing a Db does not compile). */
export type Tx<T> = Transaction<T>;

export interface Database<T> {
  db: Db<T>;
  pool: pg.Pool;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** The subgraph's schema; also the role that its statements run as. */
  schema: string;
  log: Log;
  /** Where the pool and what is asked over it are counted. */
  metrics?: Metrics;
  maxConnections?: number;
  statementTimeoutMs?: number;
  /** Sends each statement at once, instead of when the one before is answered. */
  pipeline?: boolean;
}

/** The role that owns a subgraph's schema: `iotistic_usage` for `usage`. */
export function roleOf(schema: string): string {
  return `iotistic_${schema}`;
}

const INT8 = 20;
const NUMERIC = 1700;

/** Counts are bigint columns; the schema promises 2^53 - 1 at most, so a larger one is a fault and not a rounding. */
function parseBigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint beyond 2^53 - 1 was read');
  return value;
}

const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if ((oid === INT8 || oid === NUMERIC) && format !== 'binary') return parseBigint;
    return pg.types.getTypeParser(oid, format as 'text');
  },
} as pg.CustomTypesConfig;

/** A pool whose connections see one schema, as the role that owns it. No connection that dies takes the process along. */
export function createPool(options: DatabaseOptions): pg.Pool {
  const settings = [
    `-c search_path=${options.schema}`,
    `-c role=${roleOf(options.schema)}`,
    `-c statement_timeout=${options.statementTimeoutMs ?? 15_000}`,
    '-c idle_in_transaction_session_timeout=30000',
    '-c timezone=UTC',
  ];
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 8,
    options: settings.join(' '),
    application_name: `iotistic-${options.schema}`,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    pipeline: options.pipeline ?? false,
    // Those of a hot path know its statements by heart, and are few.
    ...(options.pipeline === true ? { idleTimeoutMillis: 0 } : {}),
    types,
  });
  surviveLosses(pool, options.log);
  return pool;
}

/**
 * Lets no connection that is lost take the process along: one that is in use has no listener of the pool's own. A pool
 * that is being closed says nothing, since its connections are meant to go.
 */
export function surviveLosses(pool: pg.Pool, log: Log): void {
  const tell = (err: Error): void => {
    if (!pool.ending) log.warn({ err }, 'a database connection was lost');
  };
  pool.on('error', tell);
  pool.on('connect', (client) => client.on('error', tell));
}

/** A pool, what is counted of it, and the same as Kysely takes it: its statements prepared where they say so. @param name in the `pool` label */
export function openPool(options: DatabaseOptions, name: string): { pool: pg.Pool; watched: PoolMetrics | null; connections: PostgresPool } {
  const pool = createPool(options);
  const watched = options.metrics === undefined ? null : watchPool(pool, name, options.metrics);
  const preparing = withPreparedStatements(pool);
  return { pool, watched, connections: watched === null ? preparing : watched.timed(preparing) };
}

export function openDatabase<T>(options: DatabaseOptions): Database<T> {
  const { pool, watched, connections } = openPool(options, options.schema);
  const config = { pool: connections };
  const dialect = isTracing() ? new TracedPostgresDialect(config, options.schema) : new PostgresDialect(config);
  const db = new Kysely<T>({ dialect, ...(watched === null ? {} : { log: watched.onQuery }) });
  return { db, pool, close: () => db.destroy() };
}

/**
 * Classes and codes of PostgreSQL (SQLSTATE) that say so: connections (08), resources (53), a database that takes no
 * connections now or a row that is locked (55), a server that ends or gave up (57), its disk (58), and one that only
 * reads, as a standby does (25006).
 */
const UNAVAILABLE_STATES = /^(08|53|55|57|58|25006)/;
const SQLSTATE_CHARACTERS = 5;
const LOST_CONNECTIONS: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether the error says that the database could not be reached or was going away, rather than that we asked wrongly. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (
    typeof code === 'string' &&
    ((code.length === SQLSTATE_CHARACTERS && UNAVAILABLE_STATES.test(code)) || LOST_CONNECTIONS.has(code))
  )
    return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(error.message);
}
