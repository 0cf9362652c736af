export interface PulledOptions<T> {
  /** What comes first, before anything is read. */
  first?: readonly T[];
  /** The next page; an empty one where there may be more behind it, null where there is nothing more for now. */
  read(): Promise<readonly T[] | null>;
  /** A read that failed is tried again. */
  onFailure(error: unknown): void;
  /** Called once, when the reader leaves. */
  onReturn(): void;
}

const READ_AGAIN_AFTER_MS = 1_000;

/**
 * A stream that is read from its source page by page, as fast as its reader takes it: a slow reader costs one page of memory, and
 * loses nothing that the source keeps. The source says with `wake` that there may be more. Written by hand, because an async
 * generator frees nothing until its pending next() settles: return() here ends a waiting next() at once.
 */
export class PulledIterator<T> implements AsyncIterableIterator<T> {
  readonly #options: PulledOptions<T>;
  #page: readonly T[];
  #index = 0;
  #waiting: ((result: IteratorResult<T>) => void) | null = null;
  #isReading = false;
  #isWanted = false;
  #isDone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PulledOptions<T>) {
    this.#options = options;
    this.#page = options.first ?? [];
  }

  /** There may be more than was read. */
  wake(): void {
    this.#isWanted = true;
    this.#readOn();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#isDone) return Promise.resolve({ value: undefined, done: true });
    if (this.#index < this.#page.length) return Promise.resolve(this.#take());
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#isDone) {
      this.#isDone = true;
      this.#page = [];
      clearTimeout(this.#timer);
      this.#options.onReturn();
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

  /** The next page is read as soon as this one is used up, not when it is asked for. */
  #take(): IteratorResult<T> {
    const value = this.#page[this.#index] as T;
    this.#index += 1;
    this.#readOn();
    return { value, done: false };
  }

  #readOn(): void {
    if (this.#isReading || !this.#isWanted || this.#isDone || this.#timer !== undefined || this.#index < this.#page.length) return;
    this.#isReading = true;
    this.#isWanted = false;
    this.#options.read().then(
      (page) => this.#receive(page),
      (error: unknown) => this.#fail(error),
    );
  }

  #receive(page: readonly T[] | null): void {
    // At once, and not in a later turn: a wake in between would find it still reading, and be lost.
    this.#isReading = false;
    if (this.#isDone) return;
    if (page !== null) {
      this.#isWanted = true;
      this.#page = page;
      this.#index = 0;
      this.#hand();
    }
    this.#readOn();
  }

  #hand(): void {
    const waiting = this.#waiting;
    if (waiting === null || this.#index >= this.#page.length) return;
    this.#waiting = null;
    const value = this.#page[this.#index] as T;
    this.#index += 1;
    waiting({ value, done: false });
  }

  #fail(error: unknown): void {
    this.#isReading = false;
    this.#isWanted = true;
    if (this.#isDone) return;
    this.#options.onFailure(error);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#readOn();
    }, READ_AGAIN_AFTER_MS).unref();
  }
}
