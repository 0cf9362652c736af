import type { Clock } from '@iotistic/chassis/clock';
import { LRUCache } from 'lru-cache';

interface Entry<V> {
  value: V;
  fetchedAtMs: number;
  generation: number;
}

export interface CacheRules<V> {
  maxEntries: number;
  /** Milliseconds that an answer is used without asking again. */
  freshMs: number;
  /** Milliseconds that it is used while it is asked for in the background. */
  staleMs: number;
  /** Milliseconds that it may serve when the one who knows does not answer. */
  staleIfErrorMs: number;
  /** A refusal never outlives its freshness, and has a room of its own: guesses must not push out those who are known. */
  isRefusal?(value: V): boolean;
}

export type CacheResult = 'hit' | 'stale' | 'miss' | 'stale_if_error';

/**
 * Remembers what was asked of others. Callers that ask for the same at the same time share one question; an answer that
 * is dropped while it is on its way is not remembered.
 */
export class RevalidatingCache<V extends object> {
  readonly #good: LRUCache<string, Entry<V>>;
  readonly #refused: LRUCache<string, Entry<V>>;
  readonly #asking = new Map<string, Promise<V>>();
  readonly #rules: CacheRules<V>;
  readonly #clock: Clock;
  readonly #onResult: (result: CacheResult) => void;
  /** What was fetched in an earlier one may be outdated. */
  #generation = 0;

  constructor(rules: CacheRules<V>, clock: Clock, onResult: (result: CacheResult) => void = () => {}) {
    this.#rules = rules;
    this.#clock = clock;
    this.#onResult = onResult;
    this.#good = new LRUCache({ max: rules.maxEntries });
    this.#refused = new LRUCache({ max: Math.ceil(rules.maxEntries / 5) });
  }

  /** At once what is remembered and good. */
  get(key: string, load: () => Promise<V>): V | Promise<V> {
    const good = this.#good.get(key);
    const entry = good ?? this.#refused.get(key);
    const ageMs = entry === undefined || entry.generation !== this.#generation ? Number.POSITIVE_INFINITY : this.#clock.now().getTime() - entry.fetchedAtMs;
    if (entry !== undefined && ageMs <= this.#rules.freshMs) {
      this.#onResult('hit');
      return entry.value;
    }
    if (good !== undefined && ageMs <= this.#rules.staleMs) {
      this.#onResult('stale');
      this.#ask(key, load).catch(() => {});
      return good.value;
    }
    this.#onResult('miss');
    return this.#askFirst(key, load, good);
  }

  async #askFirst(key: string, load: () => Promise<V>, good: Entry<V> | undefined): Promise<V> {
    try {
      return await this.#ask(key, load);
    } catch (error) {
      // Dropped in the meantime, or too old: better no answer than one that is known to be doubtful.
      if (good === undefined || this.#good.peek(key) !== good || this.#clock.now().getTime() - good.fetchedAtMs > this.#rules.staleIfErrorMs) throw error;
      this.#onResult('stale_if_error');
      return good.value;
    }
  }

  /** Forgets one answer, also one that is on its way. */
  drop(key: string): void {
    this.#good.delete(key);
    this.#refused.delete(key);
    this.#asking.delete(key);
  }

  /** Something may have changed unheard: everything is asked for again before it is used, unless nobody answers. */
  distrust(): void {
    this.#generation += 1;
    this.#asking.clear();
  }

  #ask(key: string, load: () => Promise<V>): Promise<V> {
    const asking = this.#asking.get(key);
    if (asking !== undefined) return asking;
    const answer: Promise<V> = load()
      .then((value) => {
        if (this.#asking.get(key) === answer) this.#remember(key, value);
        return value;
      })
      .finally(() => {
        if (this.#asking.get(key) === answer) this.#asking.delete(key);
      });
    this.#asking.set(key, answer);
    return answer;
  }

  #remember(key: string, value: V): void {
    const isRefusal = this.#rules.isRefusal?.(value) ?? false;
    (isRefusal ? this.#good : this.#refused).delete(key);
    (isRefusal ? this.#refused : this.#good).set(key, { value, fetchedAtMs: this.#clock.now().getTime(), generation: this.#generation });
  }
}
