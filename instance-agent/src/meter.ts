import type { Collector, Found } from './collector.ts';
import { DevicesCollector } from './collect-devices.ts';
import { PostgresCollector } from './collect-postgres.ts';
import { PrometheusCollector } from './collect-prometheus.ts';
import { HeldGauges } from './held-gauges.ts';
import type { LineProblem } from './exposition-page.ts';
import type { Log } from './log.ts';
import type { Baselines } from './spool-record.ts';
import type { Collected } from './spool.ts';
import { addSplit, type TrafficSplit } from './traffic-split.ts';
import { addUsage, COUNTERS, GAUGES } from './usage.ts';

const TIMEOUT_MS = 10_000;

/** How the last collection from a source went; the URL is without its credentials. */
export interface CollectorStatus {
  kind: Collector['kind'];
  url: string;
  ok: boolean;
  /** Why not: that it does not answer, or of which metrics it says nothing that can be used. */
  error: string | null;
  /** Lines of its page that do not read, the first of them: each cost itself only. */
  problems: LineProblem[];
  /** When it last answered, and when it was last asked. */
  lastSuccessAt: string | null;
  checkedAt: string | null;
}

interface MeterParts {
  urls: readonly string[];
  devices?: { url: string; token: string | null } | null;
  databaseUrl?: string | null;
  fetch: typeof fetch;
  log: Log;
  signal: AbortSignal;
}

interface Source {
  collector: Collector;
  status: CollectorStatus;
  held: HeldGauges;
}

/** Collects what the instance uses: from Prometheus endpoints, the product's API and its database. */
export class Meter {
  /** Traffic by quality of service and by category, since the agent started. */
  readonly traffic: TrafficSplit = {};
  private readonly sources: readonly Source[];

  constructor(private readonly parts: MeterParts) {
    const { urls, devices = null, databaseUrl = null, fetch } = parts;
    const collectors: Collector[] = [
      ...urls.map((url) => new PrometheusCollector(url, fetch)),
      ...(devices === null ? [] : [new DevicesCollector({ ...devices, fetch })]),
      ...(databaseUrl === null ? [] : [new PostgresCollector(databaseUrl)]),
    ];
    this.sources = collectors.map((collector) => ({ collector, held: new HeldGauges(collector), status: { kind: collector.kind, url: collector.name, ok: false, error: null, problems: [], lastSuccessAt: null, checkedAt: null } }));
  }

  get collectors(): CollectorStatus[] {
    return this.sources.map(({ status }) => status);
  }

  /**
   * Asks every source, each for itself. One that fails is reported as what it said last, as far as gauges go; its counters'
   * increments come with its next answer. The same of each metric of which a source says nothing that can be used. What the
   * product's API and its database say goes before what Prometheus says of the same. Null when there are sources and none answered.
   */
  async collect(baselines: Baselines, now: Date): Promise<Collected | null> {
    const answers = await Promise.all(this.sources.map(async (source) => ({ source, found: await this.ask(source, baselines, now) })));
    if (answers.length > 0 && answers.every(({ found }) => found === null)) return null;
    const collected: Collected = { gauges: {}, counters: {}, baselines: {} };
    for (const { source, found } of answers) {
      const gauges = source.held.gauges;
      const isScraped = source.collector.kind === 'prometheus';
      collected.gauges = isScraped ? addUsage(GAUGES, collected.gauges, gauges) : { ...collected.gauges, ...gauges };
      Object.assign(collected.baselines, source.held.changes(baselines));
      if (found === null) continue;
      collected.counters = addUsage(COUNTERS, collected.counters, found.counters);
      Object.assign(collected.baselines, found.baselines);
      addSplit(this.traffic, found.split);
    }
    return collected;
  }

  /** Asks every source without counting anything: for a check. */
  async check(now: Date): Promise<CollectorStatus[]> {
    await Promise.all(this.sources.map((source) => this.ask(source, {}, now)));
    return this.collectors;
  }

  private async ask(source: Source, baselines: Baselines, now: Date): Promise<Found | null> {
    const { collector, status, held } = source;
    status.checkedAt = now.toISOString();
    held.remember(baselines);
    try {
      const found = await collector.collect(baselines, AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.parts.signal]), now);
      this.noteLines(status, found.problems ?? []);
      const unusable = held.take(found);
      if (unusable.length > 0) return this.noteFailure(status, unusable.join('; '), held.isEmpty && Object.keys(found.counters).length === 0 ? null : found);
      if (status.error !== null) this.parts.log.info({ url: status.url }, 'An endpoint answers again');
      Object.assign(status, { ok: true, error: null, lastSuccessAt: status.checkedAt });
      return found;
    } catch (error) {
      return this.noteFailure(status, describe(error), null);
    }
  }

  private noteFailure(status: CollectorStatus, reason: string, found: Found | null): Found | null {
    this.parts.log.warn({ url: status.url, reason }, 'An endpoint cannot be collected from: what it would say is missing');
    Object.assign(status, { ok: false, error: reason });
    return found;
  }

  /** Said when it changes, not at every interval. */
  private noteLines(status: CollectorStatus, problems: LineProblem[]): void {
    const isNew = JSON.stringify(problems) !== JSON.stringify(status.problems);
    status.problems = problems;
    if (isNew && problems.length > 0) this.parts.log.warn({ url: status.url, problems }, 'Lines of a metrics page do not read and are passed over');
  }
}

/** What went wrong, in words that name no internals. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if (error.name === 'TimeoutError') return `did not answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error.cause;
  return cause instanceof Error && 'code' in cause ? `cannot be reached (${String(cause.code)})` : error.message;
}
