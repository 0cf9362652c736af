import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { withDeadline } from './deadline.ts';

/** One registry per process; one process may hold several services, which is what the `service` label tells apart. */
export interface Metrics {
  registry: Registry;
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labels: readonly L[]): Gauge<L>;
  histogram<L extends string>(name: string, help: string, labels: readonly L[], buckets?: number[]): Histogram<L>;
  /**
   * Sets gauges anew before a scrape, for what is known only by looking. What has to be asked for (a promise) is asked at most
   * every FRESH_FOR_MS, however many scrape; while it does not answer, or fails, the gauges keep what they had, and the failure is
   * counted.
   * @returns what ends it.
   */
  onScrape(name: string, read: () => Promise<void> | void): () => void;
  text(): Promise<string>;
}

const DEFAULT_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const FRESH_FOR_MS = 10_000;
/** A database that hangs must not take the figures of the rest along: Prometheus gives up after ten seconds. */
const READ_WITHIN_MS = 3_000;

/** @param options.freshForMs how long what was read for a scrape serves the next ones. */
export function createMetrics(options: { defaults?: boolean; freshForMs?: number } = {}): Metrics {
  const registry = new Registry();
  if (options.defaults === true) collectDefaultMetrics({ register: registry });
  const failures = new Counter({ name: 'iotistic_scrape_failures_total', help: 'Times that something could not be read for a scrape', labelNames: ['reader'], registers: [registry] });
  const readers = new Set<Reader>();
  return {
    registry,
    counter: (name, help, labels) => (registry.getSingleMetric(name) as Counter<never> | undefined) ?? new Counter({ name, help, labelNames: labels, registers: [registry] }),
    gauge: (name, help, labels) => (registry.getSingleMetric(name) as Gauge<never> | undefined) ?? new Gauge({ name, help, labelNames: labels, registers: [registry] }),
    histogram: (name, help, labels, buckets = DEFAULT_BUCKETS_SECONDS) => (registry.getSingleMetric(name) as Histogram<never> | undefined) ?? new Histogram({ name, help, labelNames: labels, buckets, registers: [registry] }),
    onScrape(name, read) {
      failures.inc({ reader: name }, 0);
      const reader = new Reader(read, options.freshForMs ?? FRESH_FOR_MS, () => failures.inc({ reader: name }));
      readers.add(reader);
      return () => void readers.delete(reader);
    },
    async text() {
      // Failures are counted where they happen; what takes longer serves the next scrape.
      await withDeadline(Promise.all([...readers].map((reader) => reader.refresh())), READ_WITHIN_MS, 'read for the next scrape').catch(() => undefined);
      return registry.metrics();
    },
  };
}

/** Those who scrape at once, or soon after one another, share one reading. */
class Reader {
  #running: Promise<void> | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly read: () => Promise<void> | void,
    private readonly freshForMs: number,
    private readonly onFailure: () => void,
  ) {}

  async refresh(): Promise<void> {
    if (this.#running === null) {
      if (performance.now() - this.#readAtMs < this.freshForMs) return;
      const asked = this.#look();
      if (asked === undefined) return;
      this.#running = asked.catch(this.onFailure).finally(() => {
        this.#readAtMs = performance.now();
        this.#running = null;
      });
    }
    await this.#running;
  }

  #look(): Promise<void> | undefined {
    try {
      return this.read() ?? undefined;
    } catch {
      this.onFailure();
      return undefined;
    }
  }
}
