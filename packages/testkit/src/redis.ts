import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '@iotistic/chassis/free-port';
import { findProgram } from './program.ts';

export interface TestRedis {
  url: string;
  stop(): Promise<void>;
}

const ATTEMPTS = 5;

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
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const kill = (): boolean => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
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
