import { setTimeout as delay } from 'node:timers/promises';
import { startFailure } from './start-failure.ts';

export interface Running {
  close(): Promise<void>;
  /** How long `close` goes on serving before it ends anything: added to the time that it has. */
  drainMs?: number;
}

const STOP_WITHIN_MS = 10_000;

/**
 * Runs a process: starts it, stops it on SIGTERM or SIGINT within 10 s (and what it drains before), and ends with 0 when that
 * went well. The only place that ends a process. What an ordinary place does to it is said in plain words, without a stack: a
 * configuration that is not usable, a port that is taken, a disk that is full.
 */
export async function runProcess(start: (environment: NodeJS.ProcessEnv) => Promise<Running>): Promise<void> {
  // A terminal that was closed, a pipe whose reader went (`| head`), a log's full disk: what serves goes on without it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let running: Running;
  try {
    running = await start(process.env);
  } catch (error) {
    process.stderr.write(`${startFailure(error, process.env)?.message ?? (error as Error).stack ?? String(error)}\n`);
    process.exit(1);
  }
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS + (running.drainMs ?? 0)).unref();
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Runs a program that does one thing and ends: with 0 when that went well, with 1 and plain words when it did not. */
export async function runScript(run: (environment: NodeJS.ProcessEnv, args: string[], print: (line: string) => void) => Promise<void>): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`What it says could not be written: ${error.message}\n`);
    process.exit(1);
  });
  try {
    await run(process.env, process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
  } catch (error) {
    process.stderr.write(`${startFailure(error, process.env)?.message ?? String(error)}\n`);
    process.exit(1);
  }
}

/**
 * Stops taking work while requests are still served: balancers have this time to find out that the process is not ready any more, and
 * jobs are handed back meanwhile, for as long as that takes.
 */
export async function drainFirst(door: { drain(): void }, drainMs: number, handBackJobs: () => Promise<void>): Promise<void> {
  // Without the time, clients would only come back to a server that is about to close.
  if (drainMs > 0) door.drain();
  const handedBack = handBackJobs();
  // What fails here is said when the queues are closed.
  handedBack.catch(() => undefined);
  await delay(drainMs);
}

/** Closes in the order given; one that fails does not keep the others open, and the first failure is thrown at the end. */
export async function closeAll(steps: readonly (() => unknown)[]): Promise<void> {
  let failure: unknown;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure as Error;
}
