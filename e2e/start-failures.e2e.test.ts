/** What an ordinary place does to a process that starts is said in a sentence that names the variable; the process ends with 1, and shows no stack and no password. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { startProcess } from '@iotistic/testkit/process';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, mainOf, ROOT } from './built.ts';

const PASSWORD = 'geheim-und-lang';
const login = `powerless_${randomBytes(4).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'iotistic-failures-'));
const file = join(folder, 'a-file');
let database: TestDatabase;
let template: TestDatabase;
let server: Server;
let takenPort: number;
let closedPort: number;

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
  writeFileSync(file, '');
  database = await createTestDatabase({ template: 'failures', migrate: () => Promise.resolve() });
  template = await createTestDatabase({ template: 'failures', migrate: () => Promise.resolve() });
  await onServer(database.url, [`create role ${login} login password '${PASSWORD}'`, `alter database ${new URL(template.url).pathname.slice(1)} allow_connections false`]);
  takenPort = await findFreePort();
  closedPort = await findFreePort();
  server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(takenPort, '127.0.0.1', resolve);
  });
}, 180_000);
afterAll(async () => {
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await onServer(database.url, [`drop role ${login}`]);
  await template.drop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Case {
  what: string;
  environment: () => Record<string, string>;
  says: RegExp;
}

function databaseUrl(change: (url: URL) => void): { DATABASE_URL: string } {
  const url = new URL(database.url);
  url.search = '';
  change(url);
  return { DATABASE_URL: url.href };
}

const DATABASES: Case[] = [
  { what: 'a wrong password', environment: () => databaseUrl((url) => (url.password = PASSWORD)), says: /DATABASE_URL: .*password authentication failed.*pg_hba/ },
  { what: 'no password', environment: () => databaseUrl((url) => (url.password = '')), says: /DATABASE_URL: .*password/ },
  { what: 'a database that does not exist', environment: () => databaseUrl((url) => (url.pathname = '/nowhere')), says: /DATABASE_URL: .*"database ""?\\?"?nowhere.* does not exist.*create the database/ },
  { what: 'a database that takes no connections', environment: () => databaseUrl((url) => (url.pathname = new URL(template.url).pathname)), says: /DATABASE_URL: .*not currently accepting connections/ },
  { what: 'a login without rights', environment: () => databaseUrl((url) => Object.assign(url, { username: login, password: PASSWORD })), says: /DATABASE_URL: .*(permission denied|may not become).*/ },
  { what: 'no server at that port', environment: () => databaseUrl((url) => (url.port = String(closedPort))), says: /DATABASE_URL: the database does not answer \(ECONNREFUSED/ },
  { what: 'a name that no one knows', environment: () => databaseUrl((url) => (url.hostname = 'database.invalid')), says: /DATABASE_URL: the database does not answer \((ENOTFOUND|EAI_AGAIN)/ },
  { what: 'a socket that is not there', environment: () => ({ DATABASE_URL: `postgres://u:${PASSWORD}@/db?host=${folder}` }), says: /DATABASE_URL: the database does not answer \(ENOENT/ },
  { what: 'a server without TLS', environment: () => databaseUrl((url) => (url.search = '?sslmode=verify-full')), says: /DATABASE_URL: the server does not speak TLS/ },
  { what: 'two hosts', environment: () => ({ DATABASE_URL: `postgres://u:${PASSWORD}@a.example,b.example/db` }), says: /DATABASE_URL: names several hosts/ },
  { what: 'a password that was not encoded', environment: () => ({ DATABASE_URL: `postgres://u:${PASSWORD}#1@a.example/db` }), says: /DATABASE_URL: is not a URL of PostgreSQL.*%23/ },
  { what: 'a certificate that is not there', environment: () => ({ DATABASE_URL: `postgres://u:${PASSWORD}@a.example/db?sslrootcert=/nowhere/ca.pem` }), says: /DATABASE_URL: names the file \/nowhere\/ca\.pem/ },
];

const PLACES: Case[] = [
  { what: 'a port that is taken', environment: () => ({ PORT: String(takenPort), ...sharedPlane() }), says: /- PORT: \d+ is taken by another program; set PORT to a free one/ },
  { what: "the simulator's port that is taken", environment: () => ({ STRIPE_SIMULATOR_PORT: String(takenPort) }), says: /STRIPE_SIMULATOR_PORT: \d+ is taken by another program; set STRIPE_SIMULATOR_PORT/ },
  { what: 'a port that is none', environment: () => ({ PORT: '70000' }), says: /- PORT: / },
  { what: 'an address of another machine', environment: () => ({ HOST: '203.0.113.7', ...sharedPlane() }), says: /HOST: 203\.0\.113\.7 is no address of this machine \(EADDRNOTAVAIL\)/ },
  { what: 'a name that is no address', environment: () => ({ HOST: 'plane.invalid', ...sharedPlane() }), says: /HOST: plane\.invalid is no address of this machine/ },
  { what: 'a data folder that is a file', environment: () => ({ DATA_DIR: file }), says: /DATA_DIR: .*a-file/ },
  { what: 'a data folder inside a file', environment: () => ({ DATA_DIR: join(file, 'data') }), says: /DATA_DIR: .*is a file, not a folder \(ENOTDIR\)/ },
  { what: 'a data folder where nothing can be made', environment: () => ({ DATA_DIR: '/sys/iotistic' }), says: /DATA_DIR: \/sys\/iotistic cannot be used/ },
  { what: 'a secret whose file cannot be read', environment: () => ({ ADMIN_API_TOKEN_FILE: '/nowhere/token' }), says: /ADMIN_API_TOKEN_FILE: \/nowhere\/token cannot be read \(ENOENT\)/ },
  { what: 'a license key whose file is missing', environment: () => ({ LICENSE_PRIVATE_KEY_PATH: '/nowhere/key.pem', DATABASE_URL: database.url }), says: /LICENSE_PRIVATE_KEY_PATH: the file cannot be read/ },
  { what: 'a mail server that is none', environment: () => ({ SMTP_URL: 'mail.example:25' }), says: /SMTP_URL: / },
  { what: 'a clock file that is damaged', environment: () => damagedClock(), says: /clock\.json: does not say how far/ },
];

/** Those that come as far as the keys, which belong to the database. */
function sharedPlane(): Record<string, string> {
  return { DATABASE_URL: database.url, LICENSE_KEYS_DIR: join(folder, 'keys') };
}

function damagedClock(): Record<string, string> {
  const dataDir = join(folder, 'damaged');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'clock.json'), 'yesterday');
  return { DATA_DIR: dataDir };
}

interface Failure {
  code: number | string;
  /** The heading, and a line for each thing that is wrong. */
  lines: string[];
  showsPassword: boolean;
}

async function startOf(main: string, environment: Record<string, string>): Promise<Failure> {
  const started = startProcess(process.execPath, [main], { PORT: '0', DATA_DIR: mkdtempSync(join(folder, 'data-')), LOG_LEVEL: 'error', NODE_NO_WARNINGS: '1', ...environment }, { cwd: ROOT });
  const code = await started.exited;
  const output = started.output();
  return { code, lines: output.trim().split('\n'), showsPassword: output.includes(PASSWORD) };
}

const saying = (says: RegExp): Failure => ({ code: 1, lines: ['The configuration is not usable:', expect.stringMatching(says) as string], showsPassword: false });

describe('the plane says what keeps it from starting', () => {
  it.each([...DATABASES, ...PLACES])('$what', async ({ environment, says }) => {
    expect(await startOf(mainOf('control-plane'), environment())).toEqual(saying(says));
  });
});

describe('a part of its own says the same', () => {
  const CALLER_PUBLIC_KEY = Buffer.from('-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n').toString('base64');

  it.each(DATABASES.slice(0, 2))('a subgraph: $what', async ({ environment, says }) => {
    expect(await startOf(mainOf('subgraphs/usage'), { CALLER_PUBLIC_KEY, ...environment() })).toEqual(saying(says));
  });

  it.each(DATABASES.slice(3, 5))('a migration: $what', async ({ environment, says }) => {
    expect(await startOf(join(ROOT, 'subgraphs/usage/dist/migrate.js'), environment())).toEqual(saying(says));
  });
});
