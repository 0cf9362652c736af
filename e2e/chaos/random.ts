/** The same choices for the same seed, so that a run can be had again (Mulberry32). When they fall is the machine's. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @throws RangeError for an empty list. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('there is nothing to choose from');
    return list[this.between(0, list.length - 1)] as T;
  }

  /** By weight; null where none has any. */
  pickWeighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K | null {
    const entries = Object.entries(weights) as [K, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return null;
  }

  shuffled<T>(list: readonly T[]): T[] {
    return list.map((item) => ({ item, place: this.next() })).sort((one, other) => one.place - other.place).map(({ item }) => item);
  }

  /** One of its own for a part, so that what other parts draw does not change what this one does. */
  fork(): Random {
    return new Random(this.between(0, 0xffff_ffff));
  }
}
