import type { Tx } from '@iotistic/chassis/database';
import type { CustomersApp } from '../app.ts';
import type { Deployment } from '../domain/deployment.ts';
import { DeploymentFailure } from '../domain/deployment-failure.ts';
import { progressAt } from '../domain/deployment-steps.ts';
import { addLogLines, type LogLine } from '../repository/deployment-log.ts';
import { lockDeployment, renewLease, type WorkTimes } from '../repository/deployment-work.ts';
import type { CustomersTables } from '../repository/tables.ts';
import { lineNow, saveDeploymentChange, tellWatchers } from './save-deployment-change.ts';

/** Heard of this often, and counted as dead after that long: a worker that was killed is followed within some seconds. */
const HEARTBEAT_MS = 1_500;
export const LEASE_MS = 5_000;

/** Another worker has the deployment now: whatever is still under way here ends, and nothing more is written. */
export class FencedOut extends Error {
  constructor() {
    super('another worker took the deployment over');
    this.name = 'FencedOut';
  }
}

/** The process is about to end: the deployment goes back, for another to go on at the same step. */
export class HandedBack extends Error {
  constructor() {
    super('the process ends; the deployment goes on elsewhere');
    this.name = 'HandedBack';
  }
}

/** The job that a worker came with: which, for how many attempts, and where what is said is seen by who looks at queues. */
export interface DeploymentJob {
  id: string;
  attempt: number;
  /** Aborted when the process is about to end. */
  closing: AbortSignal;
  log(line: string): Promise<void>;
  progress(percent: number): Promise<void>;
}

type App = Pick<CustomersApp, 'db' | 'clock' | 'live' | 'log'>;

/**
 * One worker's hold on a deployment. It shows that it is alive, passes on what is said, and aborts its signal when the
 * deadline is reached, the process ends or another worker took over. Each write bears the fence: one who slept through
 * his lease changes nothing.
 */
export class DeploymentRun {
  readonly #app: App;
  readonly #job: DeploymentJob;
  readonly #stop = new AbortController();
  readonly #late = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #deadline: NodeJS.Timeout;
  readonly #onClosing = (): void => this.#stop.abort(new HandedBack());
  #deployment: Deployment;
  #lines: LogLine[] = [];
  #beating: Promise<void> = Promise.resolve();
  #isBeating = false;

  constructor(app: App, job: DeploymentJob, deployment: Deployment, remainingMs: number) {
    this.#app = app;
    this.#job = job;
    this.#deployment = deployment;
    this.signal = AbortSignal.any([this.#stop.signal, this.#late.signal]);
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#deadline = setTimeout(() => this.#late.abort(new DeploymentFailure('DEPLOYMENT_TIMED_OUT')), Math.max(0, remainingMs));
    if (job.closing.aborted) this.#onClosing();
    else job.closing.addEventListener('abort', this.#onClosing, { once: true });
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  /** For the steps: aborted by the deadline too. */
  readonly signal: AbortSignal;

  /** For what comes after them, when the deadline is over. */
  get stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** For the deployment's own log; written with the next step or sign of life. */
  readonly log = (line: string): void => {
    this.#lines.push(lineNow(this.#app, line));
    void this.#job.log(line);
  };

  /** The next step begins. @throws what the signal was aborted with, FencedOut */
  async advance(step: string): Promise<void> {
    this.signal.throwIfAborted();
    const { operation, progress, interruptions, step: last } = this.#deployment;
    await this.change((deployment) => ({ ...deployment, step, progress: progressAt(operation, step) ?? progress, interruptions: step === last ? interruptions : 0 }), { leaseMs: LEASE_MS });
  }

  /**
   * Writes a change of the deployment while it is ours, with what was said since, and tells it.
   * @param alongside what else belongs to the same transaction.
   * @throws FencedOut
   */
  async change(make: (deployment: Deployment) => Deployment, times: WorkTimes, alongside?: (tx: Tx<CustomersTables>) => Promise<void>): Promise<void> {
    const { progress } = this.#deployment;
    this.#deployment = await this.#sayLines((lines) =>
      this.#app.db.transaction().execute(async (tx) => {
        const locked = await lockDeployment(tx, this.#deployment.id);
        if (locked === undefined || locked.deployment.fence !== this.#deployment.fence || locked.deployment.status !== 'RUNNING') throw new FencedOut();
        await alongside?.(tx);
        return saveDeploymentChange(tx, this.#app, { before: locked.deployment, after: make(locked.deployment), lines, times });
      }),
    );
    await tellWatchers(this.#app, this.#deployment);
    if (this.#deployment.progress !== progress) await this.#job.progress(this.#deployment.progress);
  }

  /** Ends its signs of life; what was aborted or not stays so. */
  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#deadline);
    this.#job.closing.removeEventListener('abort', this.#onClosing);
    await this.#beating;
  }

  #beat(): void {
    if (this.#isBeating) return;
    this.#isBeating = true;
    this.#beating = this.#signOfLife()
      .catch((err: unknown) => this.#app.log.warn({ err, deployment: this.#deployment.id }, 'a sign of life of a deployment was not written'))
      .finally(() => {
        this.#isBeating = false;
      });
  }

  async #signOfLife(): Promise<void> {
    const { id, fence } = this.#deployment;
    const isNew = this.#lines.length > 0;
    const isOurs = await this.#sayLines((lines) =>
      this.#app.db.transaction().execute(async (tx) => {
        if (!(await renewLease(tx, { id, fence, leaseMs: LEASE_MS, isNew: lines.length > 0 }))) return false;
        await addLogLines(tx, id, lines);
        return true;
      }),
    );
    if (!isOurs) this.#stop.abort(new FencedOut());
    else if (isNew) await tellWatchers(this.#app, this.#deployment);
  }

  /** Hands what was said to who writes it; where it is not written it is said again. */
  async #sayLines<T>(write: (lines: readonly LogLine[]) => Promise<T>): Promise<T> {
    const lines = this.#lines;
    this.#lines = [];
    try {
      return await write(lines);
    } catch (error) {
      this.#lines = [...lines, ...this.#lines];
      throw error;
    }
  }
}
