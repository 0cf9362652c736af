import type { HttpRequest } from '@iotistic/chassis/http-server';
import { Turns } from '@iotistic/chassis/turns';
import { AppError } from '@iotistic/contracts/errors';

/** A body of which only a few are worked on at a time, and how its place is given to the next. */
export interface LargeBody {
  body: Buffer;
  leave(): void;
}

/** A request of a person, a page or an instance that reports is smaller. */
const LARGE_BODY_BYTES = 32_768;
/** Reading one of the largest, a thousand reports, holds this process for some 30 ms: a few at a time, and the others between them. */
const AT_ONCE = 6;
const WAIT_MS = 20_000;
/** Who sends no faster holds nobody up: his place is free until all of it is here. */
const SLOW_SENDER_MS = 1_000;

/**
 * Lets a few large bodies in at a time. What has no turn yet is not even read, and stays with its sender: a thousand spools that arrive
 * at once are hundreds of megabytes, which take seconds to read while nobody else is heard.
 */
export class LargeBodies {
  readonly #turns = new Turns(AT_ONCE);

  /** Whether this one has to wait for a turn, as far as it says; of one that does not say how long it is, read() finds out. One that is compressed may be anything. */
  static mayBeLarge({ headers }: Pick<HttpRequest, 'headers'>): boolean {
    return !(Number(headers['content-length']) <= LARGE_BODY_BYTES) || headers['content-encoding'] !== undefined;
  }

  /** @throws AppError OVERLOADED where no turn comes in time, BODY_TOO_LARGE */
  async read(request: HttpRequest): Promise<LargeBody> {
    const isAnnounced = request.headers['content-length'] !== undefined;
    if (!isAnnounced) return this.#afterReading(await request.body());
    await this.#enter();
    let hasTurn = true;
    const leave = (): void => {
      if (hasTurn) this.#turns.leave();
      hasTurn = false;
    };
    const timer = setTimeout(leave, SLOW_SENDER_MS);
    try {
      const body = await request.body();
      return hasTurn ? { body, leave } : await this.#afterReading(body);
    } catch (error) {
      leave();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #afterReading(body: Buffer): Promise<LargeBody> {
    if (body.length <= LARGE_BODY_BYTES) return { body, leave: () => undefined };
    await this.#enter();
    return { body, leave: () => this.#turns.leave() };
  }

  async #enter(): Promise<void> {
    if (!(await this.#turns.enter(WAIT_MS))) throw new AppError('UNAVAILABLE', 'OVERLOADED');
  }
}
