/**
 * Hand-written, because an async generator frees nothing until its pending next() settles: return() here ends a waiting
 * next() at once. Bounded: when its reader is slower than its source the oldest values are dropped and counted.
 */
export class LiveIterator<T> implements AsyncIterableIterator<T> {
  readonly #buffer: T[] = [];
  readonly #limit: number;
  #waiting: ((result: IteratorResult<T>) => void) | null = null;
  #done = false;
  readonly #onReturn: () => void;
  dropped = 0;

  /** @param options.start gets the function to push with, and answers how to stop the source. */
  constructor(options: { limit: number; start(push: (value: T) => void): () => void }) {
    this.#limit = options.limit;
    this.#onReturn = options.start((value) => this.push(value));
  }

  push(value: T): void {
    if (this.#done) return;
    if (this.#waiting !== null) {
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting({ value, done: false });
      return;
    }
    this.#buffer.push(value);
    if (this.#buffer.length > this.#limit) {
      this.#buffer.shift();
      this.dropped += 1;
    }
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#buffer.length > 0) return Promise.resolve({ value: this.#buffer.shift() as T, done: false });
    if (this.#done) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#done) {
      this.#done = true;
      this.#buffer.length = 0;
      this.#onReturn();
      this.#waiting?.({ value: undefined, done: true });
      this.#waiting = null;
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: unknown): Promise<IteratorResult<T>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
