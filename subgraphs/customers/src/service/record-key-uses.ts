import type { CustomersApp } from '../app.ts';
import { saveKeyUse } from '../repository/api-keys.ts';

const MINUTE_MS = 60_000;
/** Uses are gathered so long, so that a thousand keys cost one statement. */
const GATHER_MS = 500;

/** Remembers which API keys are in use and writes it down: each key once a minute at most, and never while somebody waits. */
export class KeyUses {
  readonly #app: Pick<CustomersApp, 'db' | 'clock' | 'log'>;
  #pending = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(app: Pick<CustomersApp, 'db' | 'clock' | 'log'>) {
    this.#app = app;
  }

  note(key: { id: string; lastUsedAt: Date | null }): void {
    if (key.lastUsedAt !== null && key.lastUsedAt > this.#aMinuteAgo()) return;
    this.#pending.add(key.id);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.flush(), GATHER_MS);
    this.#timer.unref();
  }

  /** Writes what was noted. What cannot be written is noted again at the key's next use. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const ids = [...this.#pending];
    this.#pending = new Set();
    if (ids.length > 0) this.#writing = this.#writing.then(() => this.#write(ids));
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
  }

  async #write(ids: readonly string[]): Promise<void> {
    try {
      await this.#app.db.transaction().execute((tx) => saveKeyUse(tx, ids, this.#app.clock.now(), this.#aMinuteAgo()));
    } catch (err) {
      this.#app.log.warn({ err }, 'the use of API keys was not written down');
    }
  }

  #aMinuteAgo(): Date {
    return new Date(this.#app.clock.now().getTime() - MINUTE_MS);
  }
}
