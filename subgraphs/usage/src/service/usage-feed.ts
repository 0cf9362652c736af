import { LiveEvent } from '@iotistic/chassis/live-event';
import type { UsageApp } from '../app.ts';
import { findMissedReports, type ReportRow } from '../repository/reports.ts';

type App = Pick<UsageApp, 'loaders' | 'db' | 'clock' | 'metrics'>;

export interface UsageFeedOptions {
  customerId: string;
  /** Only of this instance; null for all. */
  instanceId: string | null;
  /** Where a reader stood whose stream was cut; null for one that begins now. */
  after: string | null;
}

/** So many reports may wait for a slow reader, by id; what it then misses of the oldest is counted. */
const MAX_WAITING = 50_000;
const MAX_KNOWN = 2 * MAX_WAITING;
const PAGE = 100;
/** Groups of reports commit in another order than they begin: what was missed is looked for that far behind the last one seen. */
const OVERLAP_MS = 60_000;

/** Stands for when one was received that still waits: it is not forgotten. */
const WAITS = Number.POSITIVE_INFINITY;

/** Where a stream of reports stands: when its last report was received, and that report's id. */
interface Position {
  receivedMs: number;
  id: string;
}

/**
 * Turns announced ids into reports, in the order of their announcement, each once, as fast as the reader takes them: what waits
 * are ids. What was missed, because announcements were lost or the stream was cut, is read by the time of its receipt.
 */
export class UsageFeed {
  readonly #app: App;
  readonly #options: UsageFeedOptions;
  readonly #started: Position;
  readonly #resumed: Position | null;
  /** Those that wait, and those that were given of late with when they were received; in the order of their announcement. */
  readonly #known = new Map<string, number>();
  #waiting: string[] = [];
  /** Where the waiting ones begin. */
  #first = 0;
  readonly #replays = new Set<string>();
  readonly #metric: ReturnType<UsageApp['metrics']['counter']>;
  #lastReceivedMs: number | null = null;
  #missed = 0;
  #isBehind: boolean;

  constructor(app: App, options: UsageFeedOptions) {
    this.#app = app;
    this.#options = options;
    this.#metric = app.metrics.counter('iotistic_usage_live_missed_total', 'Reports that a live reader did not get because it was too slow for too long; it was told how many', []);
    this.#started = { receivedMs: app.clock.now().getTime(), id: '' };
    this.#resumed = options.after === null ? null : parsePosition(options.after);
    this.#isBehind = options.after !== null;
  }

  /** What a reader is given before the first report, so that it can come back even then. */
  begin(): LiveEvent<ReportRow> {
    return new LiveEvent<ReportRow>(null, { position: this.#options.after ?? formatPosition(this.#started) });
  }

  hear(ids: readonly string[]): void {
    for (const id of ids) this.#add(id);
  }

  /** Announcements may have been missed. */
  fallBehind(): void {
    this.#isBehind = true;
  }

  /** The next reports; null where none wait. A read that fails loses nothing. */
  async read(): Promise<LiveEvent<ReportRow>[] | null> {
    if (this.#isBehind) await this.#catchUp();
    const ids = this.#take();
    if (ids.length === 0) {
      this.#replays.clear();
      return null;
    }
    try {
      const rows = await Promise.all(ids.map((id) => this.#app.loaders.report.load(id)));
      const events = rows.flatMap((row) => (row === null ? [] : [this.#eventOf(row)]));
      // One that is there no longer was purged.
      rows.forEach((row, index) => row === null && this.#known.delete(ids[index] ?? ''));
      this.#forget();
      return events.flatMap((event) => event ?? []);
    } catch (error) {
      this.#waiting = [...ids, ...this.#waiting.slice(this.#first)];
      this.#first = 0;
      throw error;
    }
  }

  #take(): string[] {
    const ids = this.#waiting.slice(this.#first, this.#first + PAGE);
    this.#first += ids.length;
    if (this.#first < PAGE * 10 && this.#first < this.#waiting.length) return ids;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
    return ids;
  }

  /** What was given so long ago is not looked for again. */
  #forget(): void {
    const beforeMs = (this.#lastReceivedMs ?? 0) - 2 * OVERLAP_MS;
    for (const [id, receivedMs] of this.#known) {
      if (receivedMs >= beforeMs) return;
      this.#known.delete(id);
    }
  }

  /** @returns null for a report of another instance. */
  #eventOf(row: ReportRow): LiveEvent<ReportRow> | null {
    const receivedMs = row.receivedAt.getTime();
    this.#lastReceivedMs = Math.max(this.#lastReceivedMs ?? 0, receivedMs);
    if (this.#known.has(row.id)) this.#known.set(row.id, receivedMs);
    if (this.#options.instanceId !== null && row.instanceId !== this.#options.instanceId) return null;
    const missed = this.#missed;
    this.#missed = 0;
    const position = formatPosition({ receivedMs, id: row.id });
    return new LiveEvent(row, { position, ...(missed === 0 ? {} : { missed }), ...(this.#replays.has(row.id) ? { isReplay: true } : {}) });
  }

  #add(id: string): boolean {
    if (this.#known.has(id)) return false;
    this.#known.set(id, WAITS);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#waiting.push(id);
    if (this.#waiting.length - this.#first <= MAX_WAITING) return true;
    // Not looked for again: it is counted.
    this.#known.set(this.#waiting[this.#first] ?? '', this.#lastReceivedMs ?? this.#started.receivedMs);
    this.#first += 1;
    this.#miss(1);
    return true;
  }

  #miss(count: number): void {
    this.#missed += count;
    if (count > 0) this.#metric.inc(count);
  }

  async #catchUp(): Promise<void> {
    this.#isBehind = false;
    const { customerId, instanceId } = this.#options;
    const last = this.#lastReceivedMs ?? this.#resumed?.receivedMs ?? this.#started.receivedMs;
    // One that stood at a report may have missed some that were received before it.
    const from = this.#resumed === null || this.#resumed.id === '' ? (this.#resumed ?? this.#started).receivedMs : 0;
    const since = Math.max(from, last - OVERLAP_MS);
    const isReplay = this.#resumed !== null && this.#lastReceivedMs === null;
    const countedAfter = isReplay ? last : since - 1;
    try {
      const found = await findMissedReports(this.#app.db, { customerId, instanceId, since: new Date(since), countedAfter: new Date(countedAfter), known: [...this.#known.keys()], limit: MAX_WAITING });
      for (const id of found.ids) if (this.#add(id) && isReplay) this.#replays.add(id);
      this.#miss(found.before);
    } catch (error) {
      this.#isBehind = true;
      throw error;
    }
  }
}

function formatPosition({ receivedMs, id }: Position): string {
  return `${receivedMs}:${id}`;
}

/** Of one that means nothing to us the stream begins now. */
function parsePosition(text: string): Position | null {
  const [, receivedMs, id] = /^(\d{1,15}):([\w-]*)$/.exec(text) ?? [];
  return receivedMs === undefined || id === undefined ? null : { receivedMs: Number(receivedMs), id };
}
