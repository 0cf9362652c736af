interface Entry<V> {
  version: number;
  weight: number;
  value: Promise<V>;
}

/**
 * Keeps what was worked out for as long as what it was made of has the same version, which the caller asks the database for
 * each time: nothing here is ever older than that. Bounded; what was not asked for longest goes first.
 */
export class VersionedCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #maxWeight: number;
  #weight = 0;

  constructor(maxWeight: number) {
    this.#maxWeight = maxWeight;
  }

  /**
   * Those who ask for one thing at once share one reading. A reading that fails is not kept.
   * @param version rises with every change, and was read before `read` is called.
   */
  get(key: string, version: number, weight: number, read: () => Promise<V>): Promise<V> {
    const known = this.#entries.get(key);
    if (known !== undefined) this.#remove(key, known);
    if (known?.version === version) return this.#add(key, known);
    const entry = { version, weight, value: read() };
    entry.value.catch(() => this.#entries.get(key) === entry && this.#remove(key, entry));
    return this.#add(key, entry);
  }

  #add(key: string, entry: Entry<V>): Promise<V> {
    this.#entries.set(key, entry);
    this.#weight += entry.weight;
    for (const [oldest, { weight }] of this.#entries) {
      if (this.#weight <= this.#maxWeight) break;
      this.#entries.delete(oldest);
      this.#weight -= weight;
    }
    return entry.value;
  }

  #remove(key: string, entry: Entry<V>): void {
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
