/** Databases as they are in the field: behind a pooler, with a login that has settings of its own, and reached from a shell that is set for another. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type BootedPlane, bootPlane } from '@iotistic/testkit/boot';
import { createGraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findPgBouncer, startPgBouncer, type TestPooler } from '@iotistic/testkit/pgbouncer';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';
import { liveThroughFirstDay } from './whole-flow.ts';

const PGBOUNCER = findPgBouncer();
if (PGBOUNCER === null) process.stderr.write("no pgbouncer (Debian's package pgbouncer): the plane behind a pooler is skipped\n");
const folder = mkdtempSync(join(tmpdir(), 'iotistic-places-'));
let database: TestDatabase;
let booted: BootedPlane | null = null;

async function onServer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  await build();
  database = await createTestDatabase({ template: 'places', migrate: () => Promise.resolve() });
});
afterEach(async () => {
  await booted?.stop();
  booted = null;
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe.skipIf(PGBOUNCER === null)('behind PgBouncer', () => {
  let pooler: TestPooler | null = null;

  afterEach(async () => {
    await booted?.stop();
    booted = null;
    await pooler?.stop();
    pooler = null;
  });

  it('in session mode, the plane starts, and a customer lives through its first day', async () => {
    pooler = await startPgBouncer(PGBOUNCER ?? '', database.url, 'session');
    booted = await bootPlane({ environment: { DATABASE_URL: pooler.urlOf(database.url) } });
    await liveThroughFirstDay(booted, 'pooled');
    expect((await fetch(`${booted.plane.url}/readyz`)).status).toBe(200);
  });

  it('in transaction mode, the plane says that it needs session mode, and does not start', async () => {
    pooler = await startPgBouncer(PGBOUNCER ?? '', database.url, 'transaction');
    const started = startProcess(process.execPath, [mainOf('control-plane')], { PORT: String(await findFreePort()), DATA_DIR: join(folder, 'transaction'), DATABASE_URL: pooler.urlOf(database.url), LOG_LEVEL: 'warn' }, { cwd: ROOT });
    expect(await started.exited).toBe(1);
    expect(started.output()).toMatch(/DATABASE_URL: .*pool_mode = session/);
    expect(started.output()).not.toContain('    at ');
  });
});

describe('a login and a database that have settings of their own', () => {
  /** Each would change what a statement of ours means, or end it. */
  const AWKWARD = [
    "datestyle = 'SQL, DMY'", "timezone = 'Asia/Kathmandu'", "intervalstyle = 'sql_standard'", "bytea_output = 'escape'", "search_path = 'nowhere'", "statement_timeout = '2s'", "lock_timeout = '1ms'", "default_transaction_isolation = 'serializable'", 'default_transaction_read_only = on', 'default_transaction_deferrable = on', "idle_in_transaction_session_timeout = '2s'", "idle_session_timeout = '2s'", "transaction_timeout = '2s'", "client_encoding = 'LATIN1'", 'extra_float_digits = 0', 'standard_conforming_strings = off', 'array_nulls = off', 'transform_null_equals = on', 'row_security = off', 'synchronous_commit = off',
  ];
  const login = `awkward_${randomBytes(4).toString('hex')}`;
  let other: TestDatabase;

  beforeAll(async () => {
    other = await createTestDatabase({ template: 'awkward', migrate: () => Promise.resolve() });
    const name = new URL(other.url).pathname.slice(1);
    await onServer(database.url, [
      `create role ${login}_other nologin`,
      `create role ${login} login superuser password 'awkward'`,
      `grant ${login}_other to ${login}`,
      `alter role ${login} set role = '${login}_other'`,
      ...AWKWARD.flatMap((setting) => [`alter role ${login} set ${setting}`, `alter database ${name} set ${setting}`]),
      `alter database ${name} set timezone = 'America/New_York'`,
    ]);
  });
  afterAll(async () => {
    await other.drop();
    await onServer(database.url, [`drop role ${login}`, `drop role ${login}_other`]);
  });

  it('change nothing: a customer lives through its first day', async () => {
    const url = new URL(other.url);
    url.username = login;
    url.password = 'awkward';
    booted = await bootPlane({ environment: { DATABASE_URL: url.href } });
    await liveThroughFirstDay(booted, 'awkward');
    expect((await fetch(`${booted.plane.url}/readyz`)).status).toBe(200);
  });
});

describe('a shell that is set for other servers and another place', () => {
  it('changes nothing for the database that comes along', async () => {
    const dataDir = join(folder, 'shell');
    const port = await findFreePort();
    const environment = {
      PGSSLMODE: 'require', PGSSLNEGOTIATION: 'direct', PGOPTIONS: '-c default_transaction_read_only=on', PGHOST: 'db.invalid', PGPORT: '1', PGUSER: 'root', PGDATABASE: 'elsewhere', PGPASSWORD: 'wrong', PGPASSFILE: '/nowhere', PGSERVICE: 'none', PGTZ: 'Asia/Kathmandu', PGDATESTYLE: 'SQL, DMY', PGAPPNAME: 'psql', PGCLIENTENCODING: 'LATIN1', PGCONNECT_TIMEOUT: '0', PGREPLICATION: 'database', PGDATA: '/nowhere', NODE_PG_FORCE_NATIVE: '1',
      LC_ALL: 'xx_YY.nonsense', LANG: 'tr_TR.ISO-8859-9', TZ: 'Asia/Kathmandu', HOME: '',
    };
    const started: StartedProcess = startProcess('/bin/sh', ['-c', 'umask 077; unset HOME; exec "$0" "$@"', process.execPath, mainOf('control-plane')], { ...environment, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn' }, { cwd: ROOT });
    try {
      await untilReady(`http://127.0.0.1:${port}/readyz`, started);
      const client = createGraphqlClient(`http://127.0.0.1:${port}`);
      const admin = client.as({ bearer: readFileSync(join(dataDir, 'admin-token'), 'utf8').trim() });
      await liveThroughFirstDay({ client, admin }, 'shell');
    } finally {
      expect(await started.stop()).toBe(0);
    }
  });
});
