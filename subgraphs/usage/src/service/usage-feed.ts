import type { UsageApp } from '../app.ts';
import { listReportsReceivedSince, type ReportRow } from '../repository/reports.ts';

/** Reads that may be under way; a source that is faster is caught up with in one. */
const MAX_PENDING = 50;
/** Groups of reports commit in another order than they begin: catching up looks back that far behind the last one seen. */
const OVERLAP_MS = 60_000;
const MAX_REMEMBERED = 5_000;
const RETRY_MS = 1_000;

/**
 * Turns announced ids into reports, in the order of their announcement, each once. What was missed, because announcements
 * were lost or the database did not answer, is read by the time of its receipt.
 */
export class UsageFeed {
  readonly #app: Pick<UsageApp, 'loaders' | 'db' | 'clock' | 'log'>;
  readonly #customerId: string;
  readonly #emit: (report: ReportRow) => void;
  readonly #startedAt: Date;
  /** The last ones emitted, oldest first. */
  readonly #seen = new Set<string>();
  #lastReceivedMs = 0;
  #tail: Promise<void> = Promise.resolve();
  #pending = 0;
  #behind = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(app: Pick<UsageApp, 'loaders' | 'db' | 'clock' | 'log'>, customerId: string, emit: (report: ReportRow) => void) {
    this.#app = app;
    this.#customerId = customerId;
    this.#emit = emit;
    this.#startedAt = app.clock.now();
  }

  /** Reads start at once and end in any order; their reports are emitted in that of the announcements. */
  hear(ids: readonly string[]): void {
    if (this.#behind || this.#pending >= MAX_PENDING) this.catchUp();
    else this.#enqueue(Promise.all(ids.map((id) => this.#app.loaders.report.load(id))));
  }

  catchUp(): void {
    if (this.#behind || this.#closed) return;
    this.#behind = true;
    const read = this.#tail.then(() => {
      this.#behind = false;
      const sinceMs = Math.max(this.#startedAt.getTime(), this.#lastReceivedMs - OVERLAP_MS);
      return listReportsReceivedSince(this.#app.db, this.#customerId, new Date(sinceMs));
    });
    this.#enqueue(read);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  #enqueue(read: Promise<readonly (ReportRow | null)[]>): void {
    this.#pending += 1;
    // A read that fails before its turn is dealt with at its turn.
    read.catch(() => undefined);
    this.#tail = this.#tail.then(async () => {
      try {
        for (const report of await read) if (report !== null) this.#offer(report);
      } catch (err) {
        this.#app.log.warn({ err }, 'live usage reports could not be read, trying again');
        this.#retryLater();
      } finally {
        this.#pending -= 1;
      }
    });
  }

  #offer(report: ReportRow): void {
    if (this.#closed || this.#seen.has(report.id)) return;
    this.#seen.add(report.id);
    if (this.#seen.size > MAX_REMEMBERED) this.#seen.delete(this.#seen.values().next().value ?? '');
    this.#lastReceivedMs = Math.max(this.#lastReceivedMs, report.receivedAt.getTime());
    this.#emit(report);
  }

  #retryLater(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.catchUp(), RETRY_MS);
    this.#retry.unref();
  }
}
