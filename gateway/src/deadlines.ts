import { AppError } from '@iotistic/contracts/errors';

interface Waiting {
  readonly dueAtTick: number;
  readonly giveUp: () => void;
}

const TICKS = 10;

/**
 * Gives up on answers that take too long, with one timer for all: every request passes here, and a timer of its own
 * would cost more than asking. So it comes up to a tenth later than said.
 */
export class Deadlines {
  /** All wait equally long, so that the first that came is the first that is due. */
  readonly #waiting = new Set<Waiting>();
  readonly #tickMs: number;
  #tick = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(afterMs: number) {
    this.#tickMs = afterMs / TICKS;
  }

  /** @throws AppError UNAVAILABLE SUBGRAPH_TIMEOUT when the answer does not come in time; whatever it fails with before. */
  within<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { dueAtTick: this.#tick + TICKS + 1, giveUp: () => reject(new AppError('UNAVAILABLE', 'SUBGRAPH_TIMEOUT')) };
      this.#waiting.add(waiting);
      this.#timer ??= setInterval(() => this.#onTick(), this.#tickMs).unref();
      answer.then(
        (value) => {
          this.#waiting.delete(waiting);
          resolve(value);
        },
        (error: unknown) => {
          this.#waiting.delete(waiting);
          reject(error as Error);
        },
      );
    });
  }

  #onTick(): void {
    this.#tick += 1;
    for (const waiting of this.#waiting) {
      if (waiting.dueAtTick > this.#tick) return;
      this.#waiting.delete(waiting);
      waiting.giveUp();
    }
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
