import { z } from 'zod';

/** How a gateway wants the events of one of its live operations: so many at most beyond those that it said it has read. */
const flowSchema = z.object({ stream: z.string().min(1).max(64), window: z.int().min(1).max(100_000) });
/** Said in the payload of a pong, which needs no answer. */
const readSchema = z.object({ stream: z.string(), read: z.int().min(0) });

/**
 * The live operations of one connection that are sent no faster than they are read. All share one socket, so that a slow reader
 * of one must not stop the others: what it has not read stays in its source.
 */
export class LiveWindows {
  readonly #open = new Map<string, WindowedIterator<unknown>>();

  /** @param flow as the gateway sent it; without one, or with what is none, the source is left as it is. */
  limit<T>(source: AsyncIterableIterator<T>, flow: unknown): AsyncIterableIterator<T> {
    const { data } = flowSchema.safeParse(flow);
    if (data === undefined) return source;
    const limited = new WindowedIterator(source, data.window, () => this.#open.delete(data.stream));
    this.#open.set(data.stream, limited as WindowedIterator<unknown>);
    return limited;
  }

  /** @param payload of a pong, which may be anything. */
  hear(payload: unknown): void {
    const { data } = readSchema.safeParse(payload);
    if (data !== undefined) this.#open.get(data.stream)?.advance(data.read);
  }
}

class WindowedIterator<T> implements AsyncIterableIterator<T> {
  #sent = 0;
  #read = 0;
  #isDone = false;
  #waiting: ((isOpen: boolean) => void) | null = null;

  constructor(
    private readonly source: AsyncIterableIterator<T>,
    private readonly window: number,
    private readonly onReturn: () => void,
  ) {}

  /** So many of its events were read. */
  advance(read: number): void {
    this.#read = Math.max(this.#read, Math.min(read, this.#sent));
    if (this.#isFull()) return;
    this.#waiting?.(true);
    this.#waiting = null;
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#isFull() && !(await this.#untilOpen())) return { value: undefined, done: true };
    this.#sent += 1;
    return this.source.next();
  }

  return(): Promise<IteratorResult<T>> {
    this.#isDone = true;
    this.#waiting?.(false);
    this.#waiting = null;
    this.onReturn();
    return this.source.return?.() ?? Promise.resolve({ value: undefined, done: true });
  }

  throw(error: unknown): Promise<IteratorResult<T>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #isFull(): boolean {
    return this.#sent - this.#read >= this.window;
  }

  #untilOpen(): Promise<boolean> {
    if (this.#isDone) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
