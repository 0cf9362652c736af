import { setTimeout as wait } from 'node:timers/promises';
import type { OpenSimulation, SimulatorClock } from './open-simulation.ts';
import type { Due, DueHandler, Seconds } from './simulation.ts';
import type { StripeObject } from './store.ts';

const DAY_MS = 86_400_000;
const TICK_MS = 1_000;
/** Longest that a step of time waits for the webhooks that it caused. */
const SETTLE_MS = 15_000;
/** After so many due moments others get their turn. */
const TURN = 50;

export const FAILED_DUE = 'sim.failed_due';
export const TEST_CLOCKS = 'test_helpers.test_clock';

export interface TestClockRecord extends StripeObject {
  frozen_time: Seconds;
  status: 'advancing' | 'internal_failure' | 'ready';
  internal: { target: Seconds | null };
}

export interface TimekeeperOptions {
  simulation: OpenSimulation;
  clock: SimulatorClock;
  handlers: Record<string, DueHandler>;
  /** Waits for webhooks that are under way. */
  settle: () => Promise<void>;
  /** Tries again what was not delivered, when its time has come. */
  retryDeliveries: () => void;
  /** The host's own work after each step of time. */
  onTime: (now: Date) => Promise<void>;
  log: (message: string, fields: Record<string, unknown>) => void;
}

/** Does what falls due, strictly in the order of time and one at a time, as time passes by itself or is moved. */
export class Timekeeper {
  readonly #options: TimekeeperOptions;
  readonly #timer: NodeJS.Timeout;
  /** The end of all that was asked for so far. */
  #last: Promise<unknown> = Promise.resolve();
  #isPoked = false;
  #isClosed = false;

  constructor(options: TimekeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.poke(), TICK_MS).unref();
  }

  /** Something may have fallen due, or a test clock may have to be advanced. */
  poke(): void {
    if (this.#isPoked || this.#isClosed || !this.#hasWork()) return;
    this.#isPoked = true;
    this.#inTurn(async () => {
      this.#isPoked = false;
      await this.#runDue();
    }).catch((error: unknown) => this.#options.log('time could not pass', { error }));
  }

  /** Moves the account's time there in steps: to each due moment, and at most a day at once. After each, its webhooks and the host have had their turn. */
  moveTo(target: Date): Promise<void> {
    return this.#inTurn(() => this.#steps(target));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#last;
  }

  async #steps(target: Date): Promise<void> {
    const { clock, simulation, onTime } = this.#options;
    await this.#runDue();
    while (!this.#isClosed) {
      const nowMs = clock.now().getTime();
      const dueMs = (simulation.queue.nextAt(null) ?? Infinity) * 1000;
      const stepMs = Math.min(target.getTime(), Math.max(dueMs, nowMs), nowMs + DAY_MS);
      if (stepMs > nowMs) clock.advance(stepMs - nowMs);
      await this.#runDue();
      await this.#afterStep();
      await onTime(clock.now());
      if (clock.now().getTime() >= target.getTime()) return;
    }
  }

  async #afterStep(): Promise<void> {
    this.#options.retryDeliveries();
    const enough = new AbortController();
    await Promise.race([this.#options.settle(), wait(SETTLE_MS, undefined, { signal: enough.signal }).catch(() => undefined)]);
    enough.abort();
  }

  async #runDue(): Promise<void> {
    const { simulation } = this.#options;
    for (let done = 1; !this.#isClosed; done += 1) {
      const due = simulation.queue.next(null);
      if (due === null || due.at > Math.floor(simulation.nowMs() / 1000)) break;
      this.#run(due);
      if (done % TURN === 0) await takeTurns();
    }
    for (const clock of simulation.store.all<TestClockRecord>(TEST_CLOCKS)) if (this.#isBehind(clock)) await this.#advance(clock);
  }

  /** Whether a test clock is on its way, or something of its present has not been done yet. */
  #isBehind({ id, status, frozen_time }: TestClockRecord): boolean {
    return status === 'advancing' || (this.#options.simulation.queue.nextAt(id) ?? Infinity) <= frozen_time;
  }

  async #advance({ id, internal, frozen_time }: TestClockRecord): Promise<void> {
    const { simulation } = this.#options;
    const target = internal.target ?? frozen_time;
    for (let done = 1; !this.#isClosed; done += 1) {
      const due = simulation.queue.next(id);
      if (due === null || due.at > target) break;
      this.#run(due);
      if (done % TURN === 0) await takeTurns();
    }
    simulation.transaction(null, () => {
      const record = simulation.store.get<TestClockRecord>(TEST_CLOCKS, id);
      if (record?.status !== 'advancing') return;
      const ready = simulation.store.put<TestClockRecord>(TEST_CLOCKS, { ...record, frozen_time: target, status: 'ready', status_details: {}, internal: { target: null } });
      simulation.emit('test_helpers.test_clock.ready', ready);
    });
  }

  /** In a transaction of its own, with the time standing at its moment. What fails is set aside and told, so that time goes on. */
  #run(due: Due): void {
    const { simulation, handlers, log } = this.#options;
    try {
      const handler = handlers[due.kind];
      if (handler === undefined) throw new Error(`nothing is done for ${due.kind}`);
      simulation.transactionAt(due, () => {
        simulation.queue.unschedule(due.kind, due.subject);
        handler(simulation, due);
      });
    } catch (error) {
      log('what fell due failed', { error, kind: due.kind, subject: due.subject, at: due.at });
      simulation.transaction(null, () => {
        simulation.queue.unschedule(due.kind, due.subject);
        simulation.store.put(FAILED_DUE, { ...due, reason: error instanceof Error ? error.message : String(error) });
      });
    }
  }

  #hasWork(): boolean {
    const { simulation } = this.#options;
    const at = simulation.queue.nextAt(null);
    return (at !== null && at * 1000 <= simulation.nowMs()) || simulation.store.all<TestClockRecord>(TEST_CLOCKS).some((clock) => this.#isBehind(clock));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Lets requests that came in meanwhile be answered. */
function takeTurns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
