import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account, Arena, RunningContestant } from './contestant.ts';

/** What `npm start` gives to node, given to both sides. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

export interface Child {
  pid: number;
  send(message: object): void;
  /** The next message with this `kind`. @throws where the process ends or the time is over first. */
  next<T>(kind: string, timeoutMs: number): Promise<T>;
  /** SIGTERM, then SIGKILL; waits for the end. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  name: string;
  /** Under the root; a .ts file is loaded through tsx. */
  script: string;
  env?: Record<string, string>;
  nodeOptions?: readonly string[];
}

interface Waiting {
  kind: string;
  resolve(message: object): void;
  reject(error: Error): void;
}

export const ROOT = join(import.meta.dirname, '..');
const KEPT_LINES = 40;
export const PEER_READY_MS = 30_000;
const STOP_WITHIN_MS = 12_000;
const alive = new Set<() => void>();

let isEnding = false;

/** Ends the benchmark early: who waits for a child is told so, and tidies up; no new one is started. */
export function killAllChildren(): void {
  isEnding = true;
  for (const kill of alive) kill();
}

/** A node process with a message channel; its last words go into the errors. */
export function startChild(options: ChildOptions): Child {
  if (isEnding) throw new Error('the benchmark was ended');
  const loader = options.script.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(process.execPath, [...NODE_FLAGS, ...(options.nodeOptions ?? []), ...loader, join(ROOT, options.script)], {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  const received: { kind: string }[] = [];
  const waiting: Waiting[] = [];
  const kill = (): boolean => child.kill('SIGKILL');
  alive.add(kill);
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      alive.delete(kill);
      for (const { reject } of waiting.splice(0)) reject(new Error(`${options.name} ended\n${lines.join('\n')}`));
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    });
  }
  child.on('message', (message: { kind: string }) => {
    const index = waiting.findIndex(({ kind }) => kind === message.kind);
    if (index < 0) received.push(message);
    else waiting.splice(index, 1)[0]?.resolve(message);
  });
  return {
    pid: Number(child.pid),
    send: (message) => void child.send(message),
    next: async <T>(kind: string, timeoutMs: number): Promise<T> => {
      const index = received.findIndex((message) => message.kind === kind);
      if (index >= 0) return received.splice(index, 1)[0] as T;
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${options.name} ended\n${lines.join('\n')}`);
      const message = new Promise<object>((resolve, reject) => waiting.push({ kind, resolve, reject }));
      return (await within(message, timeoutMs, () => `${options.name} did not say "${kind}" in ${timeoutMs} ms\n${lines.join('\n')}`)) as T;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await Promise.race([ended, delay(STOP_WITHIN_MS, undefined, { ref: false })]);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** @throws with this text where the work takes longer. */
export async function within<T>(work: Promise<T>, timeoutMs: number, message: () => string): Promise<T> {
  const timer = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: timer.signal }).then(
    () => Promise.reject(new Error(message())),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
  }
}

/** A peer says by itself where it listens and which accounts it has made. */
export async function startPeer(name: string, { databaseUrl, customers, nodeOptions }: Arena, env: Record<string, string> = {}): Promise<RunningContestant> {
  const child = startChild({ name, script: `bench/peers/${name}/main.ts`, nodeOptions, env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, CUSTOMERS: String(customers), ...env } });
  try {
    const { url, accounts } = await child.next<{ url: string; accounts: Account[] }>('ready', PEER_READY_MS);
    return { url, pids: [child.pid], accounts, stop: () => child.stop() };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
