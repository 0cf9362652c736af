import { type ChildProcess, spawn } from 'node:child_process';
import { killOnExit } from './kill-on-exit.ts';

export interface StartedProcess {
  child: ChildProcess;
  output(): string;
  /** Resolves with the exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  /** Sends the signal and waits for the end. @throws Error where the process said that its listeners only become more. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

const LEAK = 'MaxListenersExceededWarning';

/** What a test run was started with and its processes must share: where programs are, and the clock that it was given. */
const SHARED = ['PATH', 'HOME', 'TZ', 'LD_PRELOAD', 'FAKETIME', 'DONT_FAKE_MONOTONIC', 'NO_FAKE_STAT'];

/** The part of this process' environment that every process of a test has. */
export function sharedEnvironment(): Record<string, string> {
  return Object.fromEntries(SHARED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

/** A program of ours as its own process, with only the environment that it is given besides the shared one. */
export function startProcess(command: string, args: readonly string[], environment: Record<string, string>, options: { cwd?: string } = {}): StartedProcess {
  const child = spawn(command, args, { env: { ...sharedEnvironment(), ...environment }, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<number | string>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
    child.on('error', (error) => resolve(error.message));
  });
  void exited.then(killOnExit(child));
  return {
    child,
    output: () => text,
    exited,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const end = await exited;
      if (text.includes(LEAK)) throw new Error(`the process leaves listeners behind:\n${text.slice(Math.max(0, text.indexOf(LEAK) - 200), text.indexOf(LEAK) + 1_000)}`);
      return end;
    },
  };
}

/** Asks again and again until this address answers 200. @throws Error with what the process said when it ended or did not answer in time. */
export async function untilReady(url: string, started: StartedProcess, timeoutMs = 120_000): Promise<void> {
  const giveUp = AbortSignal.timeout(timeoutMs);
  let ended = false;
  void started.exited.then(() => {
    ended = true;
  });
  while (!giveUp.aborted && !ended) {
    const ok = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  throw new Error(`${url} did not become ready:\n${started.output()}`);
}
