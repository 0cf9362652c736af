import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Binaries } from './embedded-postgres-binaries.ts';
import { type ClusterPlace, spawnOptions } from './embedded-postgres-place.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { isRunning, servesCluster } from './embedded-postgres-process.ts';
import type { Log } from './log.ts';

export interface ServerOptions {
  place: ClusterPlace;
  binaries: Binaries;
  port: number;
  durable: boolean;
  log: Log;
  /** Gives up waiting for a server that is not ready yet. */
  signal: AbortSignal;
}

export interface Server {
  pid: number;
  /** Settles when the process is gone, however that came. */
  exited: Promise<void>;
  /** Ends it: at once for its clients, with everything committed on disk. */
  stop(): Promise<void>;
}

export type StartFailure = 'port-taken' | 'still-in-use' | 'other';

/** The server ended before it was ready. `still-in-use`: processes of an earlier one are still ending. */
export class ServerStartError extends EmbeddedPostgresError {
  readonly failure: StartFailure;

  constructor(failure: StartFailure, output: string) {
    super(`PostgreSQL did not start:\n${output}`);
    this.failure = failure;
  }
}

const run = promisify(execFile);
/** Replaying a gigabyte of log after a crash takes its time; longer is no start. */
const READY_TIMEOUT_MS = 120_000;
/** Fast shutdown; then without its last checkpoint; then by force. Nothing committed is lost in any of them. */
const STOP_STEPS: readonly { signal: NodeJS.Signals; waitMs: number }[] = [
  { signal: 'SIGINT', waitMs: 5_000 },
  { signal: 'SIGQUIT', waitMs: 2_000 },
  { signal: 'SIGKILL', waitMs: 1_000 },
];
const ORPHAN_POLL_MS = 20;
const LAST_WORDS_MS = 1_000;
const KEPT_LINES = 30;
const WORTH_A_WARNING = /^PANIC:|was terminated by signal|terminated by exception/;

/** Starts the server; answers when it takes connections. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { place } = options;
  const child = spawn(options.binaries.postgres, ['-D', place.cluster, ...settings(options)], {
    ...spawnOptions(place),
    stdio: ['ignore', 'ignore', 'pipe'],
    // Its own process group: Ctrl-C in the terminal is for us, and we stop it after our own connections.
    detached: true,
    windowsHide: true,
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const output = watchOutput(child, options.log);
  const guard = child.pid === undefined ? null : spawnGuard(place, child.pid);
  void exited.then(() => guard?.stdin?.end());
  try {
    await Promise.race([output.ready, rejectAfterExit(exited, closed, output), rejectWhen(options.signal)]);
  } catch (error) {
    await stopChild(child, exited, options);
    throw error;
  }
  return { pid: Number(child.pid), exited, stop: () => stopChild(child, exited, options) };
}

function settings(options: ServerOptions): string[] {
  const all: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    // A statement that fails is reported by whoever sent it; its text and values do not belong in this log.
    log_line_prefix: '',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    logging_collector: 'off',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Passes the server's own words on to our log, and hears from them when it is ready. */
function watchOutput(child: ChildProcess, log: Log): { ready: Promise<void>; failure(): Error } {
  const lines: string[] = [];
  let heardReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (heardReady = resolve));
  child.once('error', (error) => lines.push(error.message));
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      if (WORTH_A_WARNING.test(line)) log.warn({ postgres: line }, 'PostgreSQL says');
      else log.debug({ postgres: line }, 'PostgreSQL says');
      if (line.includes('database system is ready to accept connections')) heardReady();
    });
  }
  return {
    ready,
    failure() {
      const text = lines.join('\n');
      if (/could not bind|could not create any TCP\/IP sockets/.test(text)) return new ServerStartError('port-taken', text);
      if (/lock file ".*" already exists|is still in use/.test(text)) return new ServerStartError('still-in-use', text);
      return new ServerStartError('other', text);
    },
  };
}

/**
 * When we die without a word (kill -9), PostgreSQL would run on for ever. A shell that waits on a pipe of ours sees it
 * close and asks the server to end, if it is still this one. Windows has none: there the next start ends it.
 */
function spawnGuard(place: ClusterPlace, pid: number): ChildProcess | null {
  if (process.platform === 'win32') return null;
  const script = 'trap "" HUP INT TERM; read -r _; read -r pid < "$1" && [ "$pid" = "$2" ] && kill -INT "$2"';
  const child = spawn('/bin/sh', ['-c', script, 'sh', join(place.cluster, 'postmaster.pid'), String(pid)], { ...spawnOptions(place), stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}

/** Its last words may still be on their way when it is gone, and tell why. */
async function rejectAfterExit(exited: Promise<void>, closed: Promise<void>, output: { failure(): Error }): Promise<never> {
  await exited;
  await settlesWithin(closed, LAST_WORDS_MS);
  throw output.failure();
}

function rejectWhen(signal: AbortSignal): Promise<never> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
  return new Promise((_, reject) => {
    const giveUp = (): void => reject(new EmbeddedPostgresError(signal.aborted ? 'PostgreSQL was stopped while it started' : `PostgreSQL was not ready after ${READY_TIMEOUT_MS / 1000} s`));
    if (late.aborted) giveUp();
    else late.addEventListener('abort', giveUp, { once: true });
  });
}

async function stopChild(child: ChildProcess, exited: Promise<void>, options: ServerOptions): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const { signal, waitMs } of STOP_STEPS) {
    if (process.platform === 'win32') await run(options.binaries.pgCtl, ['stop', '-D', options.place.cluster, '-m', 'fast', '-W'], spawnOptions(options.place)).catch(() => undefined);
    else child.kill(signal);
    if (await settlesWithin(exited, waitMs)) return;
    options.log.warn({ signal, waitMs }, 'PostgreSQL did not end in time');
  }
}

async function settlesWithin(work: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const settled = await Promise.race([work.then(() => true), late]);
  timer.abort();
  return settled;
}

/**
 * Ends a server that a killed process of ours left behind on this cluster, and clears its pid file away. Call it only
 * with the lock held: it is what says that no living plane owns that server.
 */
export async function endOrphan(place: ClusterPlace, log: Log): Promise<void> {
  const file = join(place.cluster, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const isOrphan = (await isRunning(pid)) && (await servesCluster(pid, place.cluster));
  if (isOrphan) {
    log.warn({ pid }, 'a PostgreSQL that an earlier process left behind is being ended');
    if (!(await endProcess(pid))) throw new EmbeddedPostgresError(`PostgreSQL (process ${pid}) still runs on ${place.cluster} and does not end: end it, then start again`);
  }
  // PostgreSQL believes any process with that id to be a server of its own, also a zombie or a stranger that got the id later.
  await rm(file, { force: true });
}

async function endProcess(pid: number): Promise<boolean> {
  for (const { signal, waitMs } of STOP_STEPS) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
      throw error;
    }
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += ORPHAN_POLL_MS) {
      if (!(await isRunning(pid))) return true;
      await delay(ORPHAN_POLL_MS);
    }
  }
  return false;
}
