import type { Pool } from 'pg';

interface Waiting {
  text: string;
  resolve(): void;
  reject(error: unknown): void;
}

/** PostgreSQL takes less than 8,000 bytes for one notification. */
const MAX_NOTIFICATION_BYTES = 7_900;
const MAX_TEXT_BYTES = MAX_NOTIFICATION_BYTES - 100;
/** Some 10 MB at most: a database that does not answer for so long is not waited for. */
const MAX_WAITING = 50_000;
/** Nobody who watches sees the difference, and each notification wakes every connection that listens to anything in this database. */
const GAP_MS = 40;

/**
 * Sends texts by NOTIFY, in their order: the first at once, those that come while it is on its way, or soon after it, together in the
 * next, several to a notification. A thousand a second cost some twenty commits.
 */
export class NotifyQueue {
  readonly #pool: Pool;
  readonly #channel: string;
  readonly #pack: (texts: readonly string[]) => string;
  #waiting: Waiting[] = [];
  #running: Promise<void> | null = null;
  #isClosing = false;
  /** Ends the gap. */
  #goOn: () => void = () => undefined;

  /** @param pack makes one notification of several texts; its length is that of the texts and their commas, and at most 100 bytes. */
  constructor(pool: Pool, channel: string, pack: (texts: readonly string[]) => string) {
    this.#pool = pool;
    this.#channel = channel;
    this.#pack = pack;
  }

  /** @throws Error for a text that is too long for a notification, or when too many wait: the others are sent all the same. */
  send(text: string): Promise<void> {
    if (Buffer.byteLength(text) > MAX_TEXT_BYTES) return Promise.reject(new Error(`a notification of ${Buffer.byteLength(text)} bytes is too long`));
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(new Error(`${MAX_WAITING} notifications wait to be sent`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      this.#running ??= this.#sendAll();
    });
  }

  /** Sends what waits, without delay. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#goOn();
    await this.#running;
  }

  #gap(): Promise<void> {
    if (this.#isClosing) return Promise.resolve();
    return new Promise((resolve) => {
      this.#goOn = resolve;
      setTimeout(resolve, GAP_MS).unref();
    });
  }

  async #sendAll(): Promise<void> {
    // Those of one turn go together from the first statement on.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#pool.query('select pg_notify($1, notification) from unnest($2::text[]) as notification', [this.#channel, this.#notificationsOf(group)]);
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
      await this.#gap();
    }
    this.#running = null;
  }

  #notificationsOf(group: readonly Waiting[]): string[] {
    const notifications: string[] = [];
    let texts: string[] = [];
    let bytes = 0;
    for (const { text } of group) {
      const more = Buffer.byteLength(text) + 1;
      if (texts.length > 0 && bytes + more > MAX_TEXT_BYTES) {
        notifications.push(this.#pack(texts));
        texts = [];
        bytes = 0;
      }
      texts.push(text);
      bytes += more;
    }
    return [...notifications, this.#pack(texts)];
  }
}
