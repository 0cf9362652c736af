import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '@iotistic/chassis/free-port';
import { killOnExit } from './kill-on-exit.ts';
import { findProgram } from './program.ts';

export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

/** A redis-server that can be lost: what it has not saved is gone when it is killed. */
export interface LosableRedis extends TestRedis {
  /** Ends it as a power cut does, and starts it on the same port with what it saved last (`SAVE`). */
  killAndRestart(): Promise<void>;
}

const ATTEMPTS = 5;

/** A redis-server from the PATH for this test alone; null where there is none. */
export async function findLosableRedis(environment: NodeJS.ProcessEnv = process.env): Promise<LosableRedis | null> {
  const program = findProgram('redis-server', environment['PATH'] ?? '');
  if (program === null) return null;
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-test-redis-'));
  const port = await findFreePort();
  let server = await launch(program, port, folder);
  return {
    url: server.url,
    async killAndRestart() {
      await server.stop();
      server = await launch(program, port, folder);
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** REDIS_URL, else a redis-server from the PATH that keeps nothing and ends with us; null where neither exists. */
export async function findRedis(environment: NodeJS.ProcessEnv = process.env): Promise<TestRedis | null> {
  const given = environment['REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, stop: () => Promise.resolve() };
  const program = findProgram('redis-server', environment['PATH'] ?? '');
  if (program === null) return null;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startRedis(program, await findFreePort());
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startRedis(program: string, port: number): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-test-redis-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { url, stop } = await launch(program, port, folder);
    return { url, stop: () => stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function launch(program: string, port: number, folder: string): Promise<TestRedis> {
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], { env: withoutPreload(), stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const letGo = killOnExit(child);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    letGo();
  };
  try {
    await Promise.race([whenReady(child), exited.then(() => Promise.reject(new Error(`${program} ended before it was ready on port ${port}`)))]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `redis://127.0.0.1:${port}`, stop };
}

function whenReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
}

/** libfaketime does not go together with Redis' allocator. Redis may live in another time: what it keeps ends after a while, not at an instant. */
function withoutPreload(): NodeJS.ProcessEnv {
  return { ...process.env, LD_PRELOAD: undefined };
}
