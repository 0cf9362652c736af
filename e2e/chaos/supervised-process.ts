import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../built.ts';
import { killOnExit } from '@iotistic/testkit/kill-on-exit';

export interface ProgramOptions {
  name: string;
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  /** Where what it says is kept, for whoever looks for the cause of a difference. */
  logFile: string;
  /** Answers 200 once it is ready; null where nothing tells. */
  readyUrl: string | null;
  /** Answers 200 while it serves, whatever becomes of the parts that it needs; as `readyUrl` unless told. */
  upUrl?: string;
}

const RESTART_PAUSE_MS = 250;
const READY_POLL_MS = 50;

/** A program that is kept running, as an orchestrator would: whoever ends, by our hand or by its own, is started again. */
export class SupervisedProcess {
  kills = 0;
  /** How often a failpoint killed it. */
  failpointKills = 0;
  /** How often it ended by itself after it had been ready: no fault that we make may do that. */
  readonly surprises: string[] = [];
  readonly name: string;
  readonly #options: ProgramOptions;
  readonly #log: number;
  #failpoints: (() => string) | null = null;
  #child: ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();
  #isWanted = false;
  #wasReady = false;
  #downUntilMs = 0;

  constructor(options: ProgramOptions) {
    this.name = options.name;
    this.#options = options;
    this.#log = openSync(options.logFile, 'a');
  }

  /** Of the process that runs now; null between two. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(): void {
    this.#isWanted = true;
    this.#spawn();
  }

  /** Kill -9; up again after so many milliseconds. */
  kill(downMs: number): void {
    if (this.#child === null) return;
    this.kills += 1;
    this.#wasReady = false;
    this.#downUntilMs = performance.now() + downMs;
    this.#child.kill('SIGKILL');
  }

  /**
   * Ends it at once; the next one has these failpoints, with a seed of its own each time: the same draws in each process would
   * be the same end. @param failpoints null for none, which restarts only what had some.
   */
  arm(failpoints: (() => string) | null): void {
    if (failpoints === null && this.#failpoints === null) return;
    this.#failpoints = failpoints;
    this.#wasReady = false;
    this.#child?.kill('SIGKILL');
  }

  isReady(): Promise<boolean> {
    return this.#answers(this.#options.readyUrl);
  }

  isUp(): Promise<boolean> {
    return this.#answers(this.#options.upUrl ?? this.#options.readyUrl);
  }

  async #answers(url: string | null): Promise<boolean> {
    if (this.#child === null) return false;
    if (url === null) return true;
    const child = this.#child;
    const ok = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (ok && child === this.#child) this.#wasReady = true;
    return ok;
  }

  /** @throws Error when it takes longer. */
  async untilReady(timeoutMs = 300_000): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!(await this.isReady())) {
      if (performance.now() > giveUpMs) throw new Error(`${this.name} did not become ready within ${timeoutMs} ms; see ${this.#options.logFile}`);
      await pause(READY_POLL_MS);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#isWanted = false;
    this.#child?.kill(signal);
    await this.#ended;
  }

  #spawn(): void {
    const { command, args, environment } = this.#options;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(command, args, { env: { PATH, HOME, ...environment, ...(this.#failpoints === null ? {} : { FAILPOINTS: this.#failpoints() }) }, cwd: ROOT, stdio: ['ignore', this.#log, this.#log] });
    const letGo = killOnExit(child);
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      const end = (how: string): void => {
        letGo();
        if (this.#child !== child) return;
        this.#child = null;
        resolve(how);
        void this.#after(how);
      };
      child.once('exit', (code, signal) => end(String(code ?? signal)));
      child.once('error', (error) => end(error.message));
    });
  }

  async #after(how: string): Promise<void> {
    if (!this.#isWanted) return;
    const isFailpoint = how === 'SIGKILL' && this.#failpoints !== null;
    if (isFailpoint && this.#downUntilMs < performance.now()) this.failpointKills += 1;
    else if (this.#wasReady) this.surprises.push(how);
    this.#wasReady = false;
    await pause(Math.max(RESTART_PAUSE_MS, this.#downUntilMs - performance.now()));
    if (this.#isWanted && this.#child === null) this.#spawn();
  }
}
