import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import { createLog } from '@iotistic/chassis/log';
import pg from 'pg';

export interface TestPostgres {
  url: string;
  stop(): Promise<void>;
}

export interface TestDatabase {
  url: string;
  /** Throws out whoever is still connected. */
  drop(): Promise<void>;
}

/** Any number, the same for all test processes. Taken in the server's own database: such locks do not reach across databases, and migrations make roles, which do. */
const TEMPLATE_LOCK = 5_180_311;
const PREFIX = 'test_';

/** The server of this run: TEST_DATABASE_URL, else an embedded one that is gone afterwards. The databases of the run are dropped in either. */
export async function startTestPostgres(run: string, environment: NodeJS.ProcessEnv = process.env): Promise<TestPostgres> {
  const given = environment['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return { url: given, stop: () => dropDatabasesOf(given, run) };
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-test-'));
  // Also where we are root and PostgreSQL therefore is somebody else: it has to walk through.
  await chmod(folder, 0o711);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: createLog({ level: 'warn', name: 'test-postgres' }), durable: false });
    return { url: server.url, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A word for the databases of one run, so that two runs on one server do not meet. */
export function newTestRun(): string {
  return randomBytes(4).toString('hex');
}

/**
 * A database of a test file's own, copied from a template that is migrated once per run, whoever asks first.
 * @param options.template a word for this set of migrations: letters, digits, underscores, at most 30.
 */
export async function createTestDatabase(options: { migrate: (url: string) => Promise<void>; template: string; server?: { url: string; run: string } }): Promise<TestDatabase> {
  const server = options.server ?? serverOfThisRun();
  if (!/^[a-z0-9_]{1,30}$/.test(options.template)) throw new TypeError(`not a word for a template: ${options.template}`);
  const template = `${PREFIX}${server.run}_${options.template}`;
  const name = `${template}_${randomBytes(5).toString('hex')}`;
  await withClient(server.url, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await createTemplate(client, server.url, template, options.migrate);
    await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
    await client.query(`create database ${name} template ${template}`);
  });
  return { url: databaseUrl(server.url, name), drop: () => withClient(server.url, (client) => client.query(`drop database if exists ${name} with (force)`)) };
}

/** A template that takes no connections is a finished one: the last step says so, and keeps everybody out for the copying. */
async function createTemplate(client: pg.Client, serverUrl: string, template: string, migrate: (url: string) => Promise<void>): Promise<void> {
  const found = await client.query<{ datallowconn: boolean }>('select datallowconn from pg_database where datname = $1', [template]);
  if (found.rows[0]?.datallowconn === false) return;
  await client.query(`drop database if exists ${template} with (force)`);
  await client.query(`create database ${template}`);
  await migrate(databaseUrl(serverUrl, template));
  await client.query(`alter database ${template} allow_connections false`);
}

function serverOfThisRun(): { url: string; run: string } {
  const { TEST_DATABASE_URL: url, TEST_RUN: run } = process.env;
  if (url === undefined || run === undefined) throw new Error('there is no test server: run the tests with vitest from the root, or pass `server`');
  return { url, run };
}

async function dropDatabasesOf(url: string, run: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datname like $1', [`${PREFIX}${run}\\_%`]);
    for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  });
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
