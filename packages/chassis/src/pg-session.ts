import { ConfigError } from './config.ts';
import { CONNECTION_DEADLINES, guardPool } from './connection-guard.ts';
import { pg } from './pg-driver.ts';

/** What a connection is for, as far as its session is set accordingly. */
export interface SessionSettings {
  /** A schema, or several, as SQL has them. */
  searchPath?: string;
  /** The role that statements run as: the login itself unless given. */
  role?: string;
  /** 0 (unless given) is none. */
  statementTimeoutMs?: number;
  idleInTransactionTimeoutMs?: number;
  /** What is written may be lost with the server: nobody waits for the disk. */
  isForgetful?: boolean;
}

const OLDEST_SERVER = 140_000;
const SET_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Whatever the login, its database or the server would have them: our statements rely on each of these, and the driver reads
 * times in this style only.
 */
const ALWAYS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  row_security: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
};
/** Set where the server is new enough to know them. */
const SINCE: readonly { name: string; value: string; version: number }[] = [
  { name: 'idle_session_timeout', value: '0', version: 140_000 },
  { name: 'transaction_timeout', value: '0', version: 170_000 },
];

/** One text, and so one round trip. By `set`, which a pooler in session mode passes on, and not as startup parameters, which it refuses. */
export function sessionText({ searchPath = '"$user", public', role = 'none', statementTimeoutMs = 0, idleInTransactionTimeoutMs = 0, isForgetful = false }: SessionSettings): string {
  const values = { statement_timeout: String(statementTimeoutMs), idle_in_transaction_session_timeout: String(idleInTransactionTimeoutMs), ...ALWAYS };
  const statements = [
    ...Object.entries(values).map(([name, value]) => `set ${name} = '${value}'`),
    `set search_path = ${searchPath}`,
    ...SINCE.map(({ name, value, version }) => `select set_config('${name}', '${value}', false) where current_setting('server_version_num')::int >= ${version}`),
    // "Answered means committed" holds for a login that would not wait for the disk; on a server without fsync there is nothing to wait for.
    isForgetful ? "set synchronous_commit = 'off'" : "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off' and current_setting('fsync') = 'on'",
    `set role ${role}`,
    "select current_setting('server_version_num')::int as version",
  ];
  return statements.join('; ');
}

/** Waited for: without its settings a connection would write as another role, elsewhere. @throws ConfigError for a server that is too old. */
async function prepareSession(client: pg.ClientBase, text: string): Promise<void> {
  // A pooler says yes before it has a server to give.
  const query = { text, query_timeout: SET_TIMEOUT_MS };
  const answers: unknown = await client.query(query);
  const version = (answers as pg.QueryResult<{ version: number }>[]).at(-1)?.rows[0]?.version ?? 0;
  if (version < OLDEST_SERVER) throw new ConfigError([`DATABASE_URL: the server is PostgreSQL ${Math.floor(version / 10_000)}; this release needs ${OLDEST_SERVER / 10_000} or later`]);
}

export interface PoolSettings extends SessionSettings, Pick<pg.PoolConfig, 'pipeline' | 'idleTimeoutMillis' | 'types'> {
  url: string;
  /** How long the client waits for a statement: longer than the server, which may hang. */
  queryTimeoutMs?: number;
  /** As the server lists it. */
  applicationName: string;
  maxConnections: number;
}

/** A pool, each connection of which has its session set before anybody gets it, and ends when it is of no more use. */
export function createSessionPool({ url, applicationName, maxConnections, pipeline, idleTimeoutMillis, queryTimeoutMs, types, ...settings }: PoolSettings): pg.Pool {
  const text = sessionText(settings);
  // Waited for, though its types do not say so.
  const waited = { onConnect: (client: pg.ClientBase) => prepareSession(client, text) };
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName,
    max: maxConnections,
    ...CONNECTION_DEADLINES,
    ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs }),
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(idleTimeoutMillis === undefined ? {} : { idleTimeoutMillis }),
    ...(types === undefined ? {} : { types }),
    ...waited,
  });
  guardPool(pool);
  return pool;
}

/** One connection, its session set. The caller ends it. @param prepare what to do with the client before it connects: its listeners */
export async function connectSession(url: string, settings: SessionSettings & { applicationName?: string; queryTimeoutMs?: number } = {}, prepare: (client: pg.Client) => void = () => undefined): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: settings.applicationName ?? 'iotistic', ...CONNECTION_DEADLINES, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, query_timeout: settings.queryTimeoutMs ?? 0 });
  // Whoever waits for an answer is given the error; without a listener it would end the process.
  client.on('error', () => undefined);
  prepare(client);
  try {
    await client.connect();
    await prepareSession(client, sessionText(settings));
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
