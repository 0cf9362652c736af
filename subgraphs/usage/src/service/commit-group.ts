import { isDatabaseUnavailable } from '@iotistic/chassis/database';
import { AppError } from '@iotistic/contracts/errors';

export interface CommitGroupOptions<T, R> {
  /** Commits all of them or none, and answers each, in their order. */
  commit(items: readonly T[]): Promise<readonly R[]>;
  weigh(item: T): number;
  /** A group takes no more than that, unless a single call weighs more. */
  maxGroupWeight: number;
  /** What may wait; beyond it a call is refused at once. */
  maxWaitingWeight: number;
  /** How many commits may be on their way just now. */
  maxInFlight(): number;
  /**
   * One begins beside another only once as much waits as is on its way, so that it is no smaller, or where the other takes longer
   * than this: it waits for somebody. Milliseconds; 0 unless given.
   */
  patienceMs?: number;
}

interface Waiting<T, R> {
  item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Group commit: while a transaction is on its way, the calls that come in gather, and go together in the next one. So a
 * thousand calls at once cost some ten commits, and a single one waits for nobody. A call that cannot be committed fails
 * alone: its group is halved until it is found.
 */
export class CommitGroup<T, R> {
  readonly #options: CommitGroupOptions<T, R>;
  readonly #waiting: Waiting<T, R>[] = [];
  #waitingWeight = 0;
  #inFlight = 0;
  /** The weight of those in flight that took no longer than patience allows. */
  #quickWeight = 0;
  #scheduled = false;
  #closed: Promise<void> | null = null;
  #whenIdle: (() => void) | null = null;

  constructor(options: CommitGroupOptions<T, R>) {
    this.#options = options;
  }

  /** What waits to be taken into a transaction. */
  get waitingWeight(): number {
    return this.#waitingWeight;
  }

  /**
   * Answers once the item is committed.
   * @throws AppError UNAVAILABLE: OVERLOADED, SHUTTING_DOWN, or DATABASE_UNAVAILABLE; nothing was stored then, as far as the database could tell.
   */
  submit(item: T): Promise<R> {
    if (this.#closed !== null) return Promise.reject(new AppError('UNAVAILABLE', 'SHUTTING_DOWN'));
    const weight = this.#options.weigh(item);
    if (this.#waitingWeight > 0 && this.#waitingWeight + weight > this.#options.maxWaitingWeight) return Promise.reject(new AppError('UNAVAILABLE', 'OVERLOADED'));
    this.#waitingWeight += weight;
    return new Promise<R>((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Takes nothing new, and commits what waits. May be called again. */
  close(): Promise<void> {
    this.#closed ??= new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    this.#endWhenIdle();
    return this.#closed;
  }

  /** Not at once: calls that are read from their sockets in the same turn go together. */
  #schedule(): void {
    if (this.#scheduled || this.#waitingWeight < this.#quickWeight || this.#inFlight >= this.#options.maxInFlight() || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#commitNext();
    });
  }

  async #commitNext(): Promise<void> {
    const { items, weight } = this.#takeGroup();
    this.#inFlight += 1;
    const becomeSlow = this.#beQuick(weight);
    this.#schedule();
    await this.#settle(items);
    this.#inFlight -= 1;
    becomeSlow();
    this.#endWhenIdle();
  }

  /** @returns what says that it is not, or not any more. */
  #beQuick(weight: number): () => void {
    const { patienceMs = 0 } = this.#options;
    if (patienceMs === 0) return () => this.#schedule();
    this.#quickWeight += weight;
    let isQuick = true;
    const becomeSlow = (): void => {
      clearTimeout(timer);
      if (isQuick) this.#quickWeight -= weight;
      isQuick = false;
      this.#schedule();
    };
    const timer = setTimeout(becomeSlow, patienceMs);
    return becomeSlow;
  }

  #takeGroup(): { items: Waiting<T, R>[]; weight: number } {
    let weight = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      const next = this.#options.weigh(item);
      if (count > 0 && weight + next > this.#options.maxGroupWeight) break;
      weight += next;
      count += 1;
    }
    this.#waitingWeight -= weight;
    return { items: this.#waiting.splice(0, count), weight };
  }

  async #settle(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.#options.commit(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index] as R));
    } catch (error) {
      if (group.length === 1 || isDatabaseUnavailable(error)) {
        for (const { reject } of group) reject(error);
        return;
      }
      const half = Math.ceil(group.length / 2);
      await this.#settle(group.slice(0, half));
      await this.#settle(group.slice(half));
    }
  }

  #endWhenIdle(): void {
    if (this.#inFlight === 0 && this.#waiting.length === 0 && !this.#scheduled) this.#whenIdle?.();
  }
}
