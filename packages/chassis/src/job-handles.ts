import type { Queue, Worker } from 'bullmq';

type Warn = (error: Error) => void;

const REOPEN_MS = 500;

/** Queues by name, opened when they are asked for. BullMQ never looks again where its first look at the database failed: such a queue is thrown away, and the next call takes a fresh one. */
export class QueueHandles {
  readonly #open: (name: string) => Queue;
  readonly #warn: Warn;
  readonly #queues = new Map<string, Queue>();
  #isClosed = false;

  constructor(open: (name: string) => Queue, warn: Warn) {
    this.#open = open;
    this.#warn = warn;
  }

  get(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = this.#open(name);
    this.#queues.set(name, queue);
    queue.waitUntilReady().catch(() => {
      if (this.#isClosed) return;
      this.#queues.delete(name);
      queue.close().catch(this.#warn);
    });
    return queue;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()));
  }
}

/** Workers that begin when they have seen the database. One whose first look at it failed would call in vain as fast as it can, for ever: another takes its place. */
export class WorkerHandles {
  readonly #warn: Warn;
  /** Each with its first look, which never rejects. */
  readonly #workers = new Map<Worker, Promise<void>>();
  #isClosed = false;

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /** @param open makes one that does not run by itself. */
  add(open: () => Worker): void {
    if (this.#isClosed) return;
    const worker = open();
    const looked = worker.waitUntilReady().then(
      () => {
        if (!this.#isClosed) worker.run().catch(this.#warn);
      },
      (err: Error) => {
        if (!this.#isClosed) this.#replace(worker, open, err);
      },
    );
    this.#workers.set(worker, looked);
  }

  /** Waits for the jobs that run. One that was asked to end before it had looked would never say that it did: its look is waited for. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#workers].map(async ([worker, looked]) => {
      await looked;
      await worker.close();
    }));
  }

  #replace(worker: Worker, open: () => Worker, err: Error): void {
    this.#warn(err);
    this.#workers.delete(worker);
    worker.close(true).catch(this.#warn);
    setTimeout(() => this.add(open), REOPEN_MS).unref();
  }
}
