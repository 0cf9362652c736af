import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '@iotistic/chassis/free-port';
import { killOnExit } from './kill-on-exit.ts';
import { findProgram } from './program.ts';

export interface TestPooler {
  /** Of a database on the server, by way of the pooler. */
  urlOf(databaseUrl: string): string;
  stop(): Promise<void>;
}

const ATTEMPTS = 5;
/** Debian puts it where an ordinary user's PATH does not look. */
const FOLDERS = ':/usr/sbin:/usr/local/sbin';

/** The file of the real PgBouncer; null where this machine has none. */
export function findPgBouncer(environment: NodeJS.ProcessEnv = process.env): string | null {
  return findProgram('pgbouncer', `${environment['PATH'] ?? ''}${FOLDERS}`);
}

/** PgBouncer in front of the server at this URL, with its defaults but for the size of its pools. */
export async function startPgBouncer(program: string, serverUrl: string, poolMode: 'session' | 'transaction'): Promise<TestPooler> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startAt(program, serverUrl, poolMode, await findFreePort());
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startAt(program: string, serverUrl: string, poolMode: string, port: number): Promise<TestPooler> {
  const server = new URL(serverUrl);
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-pgbouncer-'));
  const users = join(folder, 'users.txt');
  const settings = join(folder, 'pgbouncer.ini');
  await writeFile(users, `"${decodeURIComponent(server.username)}" "${decodeURIComponent(server.password)}"\n`);
  await writeFile(
    settings,
    `[databases]\n* = host=${server.hostname} port=${server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = plain\nauth_file = ${users}\npool_mode = ${poolMode}\ndefault_pool_size = 120\nmax_client_conn = 400\n`,
  );
  // It does not run as root; a folder of mkdtemp's is its maker's alone.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chmod(folder, 0o711);
  const child = spawn(program, [...(isRoot ? ['--user', 'nobody'] : []), settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const letGo = killOnExit(child);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    letGo();
    await rm(folder, { recursive: true, force: true });
  };
  const said: string[] = [];
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('process up')) resolve();
    });
  });
  try {
    await Promise.race([ready, exited.then(() => Promise.reject(new Error(`${program} ended before it was ready:\n${said.join('\n')}`)))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urlOf(databaseUrl) {
      const { pathname } = new URL(databaseUrl);
      return `postgres://${server.username}:${server.password}@127.0.0.1:${port}${pathname}`;
    },
    stop,
  };
}
