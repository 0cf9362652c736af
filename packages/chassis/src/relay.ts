import type { SubgraphName } from '@iotistic/contracts/caller';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { Kysely } from 'kysely';
import { type Answer, askAgain, noteLoss, type Step, takeAnswer } from './catch-up.ts';
import type { Clock } from './clock.ts';
import type { EventMetrics } from './event-metrics.ts';
import { addToQueues, EVENT_COLUMNS, type HandOver, handOver } from './hand-over.ts';
import type { Jobs } from './jobs.ts';
import type { Log } from './log.ts';
import { type EventTables, WAKE_CHANNEL } from './outbox.ts';
import type { PgListener } from './pg-listener.ts';
import { findState, isIntact, lockState, QueueLost, type RelayTables } from './relay-state.ts';

export interface RelayOptions {
  publisher: SubgraphName;
  db: Kysely<EventTables>;
  jobs: Jobs;
  listener: PgListener;
  clock: Clock;
  log: Log;
  metrics?: EventMetrics;
}

const BATCH = 200;
const POLL_MS = 2_000;
const CHECK_EVERY_MS = 15_000;

/**
 * Hands a subgraph's events from its outbox to the queues of their readers, woken by commits and, should a wake be lost, by
 * time. Each goes out once. Only where the queues have lost what they were given does it ask the readers what they miss,
 * and hands on that.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #handOver: HandOver;
  #closed = false;
  #running: Promise<number> | null = null;
  #wokenAgain = false;
  #checking: Promise<void> | null = null;
  #stops: (() => unknown)[] = [];

  private constructor(options: RelayOptions) {
    this.#options = options;
    const { publisher, db, jobs, clock, log } = options;
    this.#handOver = { publisher, db: db.withTables<Omit<RelayTables, keyof EventTables>>(), jobs, clock, log };
  }

  static async start(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options);
    await relay.#start();
    return relay;
  }

  async #start(): Promise<void> {
    const { listener, publisher } = this.#options;
    const drain = (): void => this.#quietly(() => this.drain());
    const check = (): void => this.#quietly(() => this.check());
    this.#stops.push(
      await listener.listen(WAKE_CHANNEL, (woken) => {
        if (woken === publisher) drain();
      }),
      listener.onGap(drain),
    );
    const timers = [setInterval(drain, POLL_MS), setInterval(check, CHECK_EVERY_MS)];
    this.#stops.push(() => timers.forEach((timer) => clearInterval(timer)));
    check();
    drain();
  }

  /** Hands on what is waiting; answers how many events that were. */
  drain(): Promise<number> {
    if (this.#running !== null) {
      this.#wokenAgain = true;
      return this.#running;
    }
    this.#running = this.#drainAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Whether the queues still have what they were given; where not, and while readers are asked what they miss, it sees to that. */
  check(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** What a reader said that it misses. */
  async answer(answer: Answer): Promise<void> {
    const step = await handOver(this.#handOver, (tx) => takeAnswer(this.#handOver, tx, answer));
    if (step === 'more') await this.#askAgain(answer.reader);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    await Promise.allSettled([this.#running, this.#checking]);
  }

  async #check(): Promise<void> {
    const { db, jobs, publisher, log } = this.#handOver;
    // The state first: the mark only grows, and is never behind it.
    const state = await findState(db);
    if (!isIntact(state, await jobs.marks.read(publisher)) && (await noteLoss(this.#handOver)) && state.epoch !== null) {
      log.warn('the queues have lost jobs: what was not handled is handed on again');
    }
    const catchUps = await db.selectFrom('relay_catch_ups').select('reader').execute();
    for (const { reader } of catchUps) await this.#askAgain(reader);
  }

  async #askAgain(reader: SubgraphName): Promise<void> {
    for (let step: Step = 'more'; step === 'more' && !this.#closed; ) {
      step = await this.#handOver.db.transaction().execute(async (tx) => {
        await lockState(tx);
        return askAgain(this.#handOver, tx, reader);
      });
    }
  }

  async #drainAll(): Promise<number> {
    let total = 0;
    do {
      this.#wokenAgain = false;
      for (let count = BATCH; count === BATCH && !this.#closed; total += count) count = await this.#relayBatch();
    } while (this.#wokenAgain && !this.#closed);
    return total;
  }

  async #relayBatch(): Promise<number> {
    try {
      return await relayBatch(this.#handOver, this.#options.metrics);
    } catch (error) {
      if (!(error instanceof QueueLost)) throw error;
      await this.check();
      return relayBatch(this.#handOver, this.#options.metrics);
    }
  }

  #quietly(work: () => Promise<unknown>): void {
    work().catch((err: unknown) => {
      if (!this.#closed) this.#options.log.warn({ err }, 'events wait to be handed on');
    });
  }
}

/** The queues get the jobs before the rows are marked, so a death between the two repeats and never loses. */
async function relayBatch(options: HandOver, metrics: EventMetrics | undefined): Promise<number> {
  const waiting = await options.db.selectFrom('outbox').select('position').where('relayed_at', 'is', null).limit(1).executeTakeFirst();
  if (waiting === undefined) return 0;
  const relayed = await handOver(options, async (tx) => {
    const rows = await tx.selectFrom('outbox').select(['position', ...EVENT_COLUMNS]).where('relayed_at', 'is', null).orderBy('position').limit(BATCH).forUpdate().skipLocked().execute();
    if (rows.length === 0) return 0;
    await addToQueues(options, rows);
    await failpoint('relay.queued');
    await tx
      .updateTable('outbox')
      .set({ relayed_at: options.clock.now() })
      .where('position', 'in', rows.map((row) => row.position))
      .execute();
    return rows.length;
  });
  metrics?.relayed(relayed);
  return relayed;
}
