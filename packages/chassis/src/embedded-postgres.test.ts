import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '@iotistic/testkit/wait';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { findBinaries } from './embedded-postgres-binaries.ts';
import { findClusterPlace, spawnOptions } from './embedded-postgres-place.ts';
import { isRunning } from './embedded-postgres-process.ts';
import { findFreePort } from './free-port.ts';
import { createLog } from './log.ts';

const log = createLog({ level: 'silent', name: 'test' });
const started: { stop(): Promise<void> }[] = [];
const children: ChildProcess[] = [];
let folder: string;
/** Made once: most of the tests want a cluster that is there. The blank is meant. */
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iotistic embedded-'));
  await chmod(folder, 0o711);
  dataDir = join(folder, 'data dir');
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

async function start(options: { dataDir?: string; port?: number } = {}): ReturnType<typeof startEmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, log, ...options });
  started.push(server);
  return server;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** A process of its own that runs the server, prints its URL once it wrote a row, and stays. */
async function startPlane(): Promise<{ child: ChildProcess; url: string }> {
  const here = new URL('.', import.meta.url).href;
  const program = `
    const { startEmbeddedPostgres } = await import('${here}embedded-postgres.ts');
    const { createLog } = await import('${here}log.ts');
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, log: createLog({ level: 'silent', name: 'plane' }) });
    const { default: pg } = await import('pg');
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query('create table if not exists answered (n int)');
    await client.query('insert into answered values (1)');
    console.log(server.url);
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, url };
}

async function killHard(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

describe('a server', () => {
  test('is real, speaks UTF-8, and takes the password only', async () => {
    const server = await start();
    expect(server.port).toBeLessThan(32_768);
    const [row] = await query(server.url, `select current_database() as db, current_user as login, upper('ä') as upper, current_setting('server_encoding') as encoding, current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit, split_part(current_setting('server_version'), '.', 1) as major`);
    expect(row).toEqual({ db: 'iotistic', login: 'iotistic', upper: 'Ä', encoding: 'UTF8', fsync: 'on', commit: 'on', major: '18' });
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  test('listens on 127.0.0.1 only, without a socket file', async () => {
    const server = await start();
    const [row] = await query(server.url, `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`);
    expect(row).toEqual({ addresses: '127.0.0.1', sockets: '' });
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []).filter((entry) => entry.family === 'IPv4' && !entry.internal);
    for (const { address } of others) await expect(query(server.url.replace('127.0.0.1', address), 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('keeps its password where only its owner reads it, and sees none of our environment', async () => {
    vi.stubEnv('STRIPE_SECRET_KEY', 'sk_test_not_for_postgres');
    const server = await start();
    expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600);
    expect(server.url).toContain((await readFile(join(dataDir, 'password'), 'utf8')).trim());
    const environment = await readFile(`/proc/${await postmasterPid()}/environ`, 'utf8').catch(() => '');
    expect(environment).not.toContain('sk_test');
  });

  test('finds its data again, also under another port', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 42 as n');
    await first.stop();
    const second = await start({ port: await findFreePort() });
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  test('is gone once stopped, however often and however busy', async () => {
    const server = await start();
    const pid = await postmasterPid();
    const busy = query(server.url, 'select pg_sleep(60)').catch((error: Error) => error.message);
    await waitFor(async () => expect(await query(server.url, `select 1 from pg_stat_activity where query like 'select pg_sleep%'`)).toHaveLength(1));
    await Promise.all([server.stop(), server.stop()]);
    expect(await busy).toContain('terminat');
    expect(await isRunning(pid)).toBe(false);
    await expect(query(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
    await (await startEmbeddedPostgres({ dataDir, log })).stop();
  });

  test('that is killed comes back on the same port with everything that was committed', async () => {
    const server = await start();
    await query(server.url, 'create table survives as select 7 as n');
    const pid = await postmasterPid();
    process.kill(pid, 'SIGKILL');
    await waitFor(async () => expect(await query(server.url, 'select n from survives')).toEqual([{ n: 7 }]));
    expect(await postmasterPid()).not.toBe(pid);
  });

  test('can be stopped while it is being started again', async () => {
    const server = await start();
    process.kill(await postmasterPid(), 'SIGKILL');
    await expect.poll(() => query(server.url, 'select 1').catch((error: Error) => error.message)).toContain('ECONNREFUSED');
    await server.stop();
    await expect(query(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a second start on the same data directory', () => {
  test('is refused while the first runs, names its process, and does it no harm', async () => {
    const first = await start();
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(`in use by the process ${process.pid}`);
    expect(await query(first.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  test('is refused while another process runs it', async () => {
    const { child, url } = await startPlane();
    await expect(startEmbeddedPostgres({ dataDir, log })).rejects.toThrow(`in use by the process ${child.pid}`);
    expect(await query(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await killHard(child);
  });

  test('takes over at once from a process that was killed, and finds what it had answered', async () => {
    const { child, url } = await startPlane();
    const rows = await query(url, 'select n from answered');
    await killHard(child);
    const server = await start();
    expect(await query(server.url, 'select n from answered')).toEqual(rows);
  });

  test('ends an orphan that still runs, and finds what it had committed, also where the password was lost', async () => {
    const first = await start();
    await first.stop();
    const place = await findClusterPlace(dataDir, log);
    const { postgres } = await findBinaries(place.user);
    const port = await findFreePort();
    const orphan = spawn(postgres, ['-D', place.cluster, '-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='], { ...spawnOptions(place), stdio: 'ignore' });
    children.push(orphan);
    const gone = once(orphan, 'exit');
    const orphanUrl = first.url.replace(String(first.port), String(port));
    await waitFor(() => query(orphanUrl, 'create table if not exists orphaned as select 9 as n'));
    await rm(join(dataDir, 'password'));
    const server = await start();
    await gone;
    expect(await query(server.url, 'select n from orphaned')).toEqual([{ n: 9 }]);
  });
});

test('a server whose process was killed ends by itself', async () => {
  const { child } = await startPlane();
  const pid = await postmasterPid();
  await killHard(child);
  await waitFor(async () => expect(await isRunning(pid)).toBe(false));
});

describe('what was left behind', () => {
  test('a pid file that names a stranger is not believed, and the stranger lives', async () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' });
    children.push(stranger);
    await writeFile(join(dataDir, 'cluster', 'postmaster.pid'), `${stranger.pid}\n${join(dataDir, 'cluster')}\n1\n5432\n\n127.0.0.1\n0 0\nready\n`);
    const server = await start();
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(stranger.exitCode).toBeNull();
  });

  test('an initialisation that was cut short is begun again', async () => {
    const half = join(folder, 'half');
    await mkdir(join(half, 'cluster.new-12345678', 'base'), { recursive: true, mode: 0o711 });
    const server = await start({ dataDir: half });
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect((await readdir(half)).filter((name) => name.includes('.new'))).toEqual([]);
  });

  test('a lost password file is written anew, and fits', async () => {
    await rm(join(dataDir, 'password'));
    const server = await start();
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});

describe('what cannot be had is said in words', () => {
  test('a port that is taken', async () => {
    const other = createServer().listen(await findFreePort(), '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startEmbeddedPostgres({ dataDir, log, port })).rejects.toThrow(`the port ${port} on 127.0.0.1`);
    other.close();
    await once(other, 'close');
    expect(await query((await start({ port })).url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  test('data of another major version', async () => {
    const old = join(folder, 'old');
    await mkdir(join(old, 'cluster'), { recursive: true });
    await writeFile(join(old, 'cluster', 'PG_VERSION'), '15\n');
    if (process.geteuid?.() === 0) await chown(join(old, 'cluster'), 65_534, 65_534);
    await expect(startEmbeddedPostgres({ dataDir: old, log })).rejects.toThrow('data of PostgreSQL 15');
    await expect(startEmbeddedPostgres({ dataDir: old, log })).rejects.toThrow('data of PostgreSQL 15');
  });

  test('a data directory that cannot be made', async () => {
    const file = join(folder, 'a file');
    await writeFile(file, '');
    await expect(startEmbeddedPostgres({ dataDir: join(file, 'data'), log })).rejects.toThrow('cannot be made');
  });
});
