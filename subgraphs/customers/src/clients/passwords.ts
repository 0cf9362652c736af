import { AppError } from '@iotistic/contracts/errors';
import { hash, type Options, verify } from '@node-rs/argon2';
import { formsOfPassword, normalizePassword } from '../domain/password.ts';

/** The library's number for it: its enum does not exist at run time. */
const ARGON2ID = 2;
/** OWASP's smallest argon2id: 19 MiB, two passes, one lane; about 20 ms of one core. */
const ARGON2: Options = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Each takes 19 MiB and a thread of the pool that files and look-ups share. */
const MAX_HASHES_AT_ONCE = 4;
/** Who would wait longer than some seconds is sent away instead. */
const MAX_WAITING = 256;
const RETRY_AFTER_SECONDS = 2;

export interface Passwords {
  /** @throws AppError LIMIT_EXCEEDED RATE_LIMITED when too many wait already */
  hash(password: string): Promise<string>;
  /**
   * Whether it is the password of this hash, in any form that it may have been hashed in. Without a hash it is not, and that takes
   * as long to say.
   * @param options.admit called when its turn has come, right before the work: what it throws refuses.
   * @param options.outdated called when it is, in a form that is not hashed any more.
   * @param options.mismatch called when it is not, before the next one's turn: what is counted here, admit of the next one sees.
   * @throws AppError LIMIT_EXCEEDED RATE_LIMITED when too many wait already
   */
  verify(options: { hash: string | null; password: string; admit(): Promise<void>; mismatch(): Promise<void>; outdated?(): void }): Promise<boolean>;
}

export async function createPasswords(limits: { atOnce: number; waiting: number } = { atOnce: MAX_HASHES_AT_ONCE, waiting: MAX_WAITING }): Promise<Passwords> {
  const queue = new BoundedQueue(limits);
  const nobodys = await hash('the password of nobody', ARGON2);
  return {
    hash: (password) => queue.run(() => hash(normalizePassword(password), ARGON2)),
    verify: (options) =>
      queue.run(async () => {
        await options.admit();
        const form = await findForm(options.hash ?? nobodys, options.password);
        const fits = form !== null && options.hash !== null;
        if (fits && form !== normalizePassword(options.password)) options.outdated?.();
        if (!fits) await options.mismatch();
        return fits;
      }),
  };
}

async function findForm(hashed: string, password: string): Promise<string | null> {
  for (const form of formsOfPassword(password)) if (await verify(hashed, form)) return form;
  return null;
}

/** Runs so many at once, keeps so many waiting, and refuses the rest at once. */
class BoundedQueue {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly limits: { atOnce: number; waiting: number }) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.limits.atOnce) this.#running += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  /** Waits for a place that is handed over, so that the count of those running stays. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= this.limits.waiting) throw new AppError('LIMIT_EXCEEDED', 'RATE_LIMITED', undefined, { details: { retryAfterSeconds: RETRY_AFTER_SECONDS } });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
