import { createHash } from 'node:crypto';
import { readLimitedText } from './limited-body.ts';
import type { Log } from './log.ts';
import { readPrometheusPage, type Sample } from './prometheus-page.ts';
import type { Baselines, BaselineChanges } from './spool-record.ts';
import type { Collected } from './spool.ts';
import { addUsage, COUNTERS, GAUGES, type Counter, type Counters, type Gauge, type Gauges } from './usage.ts';

/** The metrics that are read, by what they mean in a report; README.md lists them. */
export const METRIC_NAMES: Record<Gauge | Counter, string> = {
  activeDevices: 'iotistic_active_devices',
  totalDevices: 'iotistic_total_devices',
  storageBytes: 'iotistic_storage_bytes',
  storageRows: 'iotistic_storage_rows',
  mqttMessagesPublished: 'iotistic_mqtt_messages_published_total',
  mqttMessagesReceived: 'iotistic_mqtt_messages_received_total',
  mqttBytesSent: 'iotistic_mqtt_bytes_sent_total',
  mqttBytesReceived: 'iotistic_mqtt_bytes_received_total',
  httpRequests: 'iotistic_http_requests_total',
  httpBytesSent: 'iotistic_http_bytes_sent_total',
  httpBytesReceived: 'iotistic_http_bytes_received_total',
};
const WANTED = new Set(Object.values(METRIC_NAMES));

const PAGE_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
/** More series than this at one endpoint would make every report carry megabytes: it is refused. */
const MAX_SERIES = 20_000;

/** How the last collection from an endpoint went; the URL is without its credentials. */
export interface CollectorStatus {
  url: string;
  ok: boolean;
  error: string | null;
  /** When it last answered, and when it was last asked. */
  lastSuccessAt: string | null;
  checkedAt: string | null;
}

type Page = Map<string, Sample[]>;

/** Collects what the product's Prometheus endpoints say of its usage. */
export class Meter {
  private readonly statuses: Map<string, CollectorStatus>;

  constructor(private readonly parts: { urls: readonly string[]; fetch: typeof fetch; log: Log; signal: AbortSignal }) {
    this.statuses = new Map(parts.urls.map((url) => [url, { url: withoutCredentials(url), ok: false, error: null, lastSuccessAt: null, checkedAt: null }]));
  }

  get collectors(): CollectorStatus[] {
    return [...this.statuses.values()];
  }

  /**
   * Asks every endpoint. One that fails is left out: its gauges are missing from the sums and its counters' increments come
   * with its next answer. Null when there are endpoints and none answered.
   */
  async collect(baselines: Baselines, now: Date): Promise<Collected | null> {
    const pages = await Promise.all(this.parts.urls.map(async (url) => ({ url, page: await this.ask(url, now) })));
    const collected: Collected = { gauges: {}, counters: {}, baselines: {} };
    let answered = 0;
    for (const { url, page } of pages) {
      if (page === null) continue;
      answered += 1;
      const key = endpointKey(url);
      const counted = countIncrements(page, baselines[key]);
      collected.gauges = addUsage(GAUGES, collected.gauges, sumGauges(page));
      collected.counters = addUsage(COUNTERS, collected.counters, counted.increments);
      collected.baselines[key] = counted.changes;
    }
    return pages.length > 0 && answered === 0 ? null : collected;
  }

  /** Asks one endpoint without counting anything: for a check. */
  async check(url: string, now: Date): Promise<CollectorStatus> {
    await this.ask(url, now);
    return this.statuses.get(url) ?? { url: withoutCredentials(url), ok: false, error: 'is not configured', lastSuccessAt: null, checkedAt: null };
  }

  private async ask(url: string, now: Date): Promise<Page | null> {
    const status = this.statuses.get(url);
    if (status === undefined) return null;
    status.checkedAt = now.toISOString();
    try {
      const page = await this.fetchPage(url);
      if (status.error !== null) this.parts.log.info({ url: status.url }, 'An endpoint answers again');
      Object.assign(status, { ok: true, error: null, lastSuccessAt: status.checkedAt });
      return page;
    } catch (error) {
      const reason = describe(error);
      this.parts.log.warn({ url: status.url, reason }, 'An endpoint cannot be collected from: what it would say is missing');
      Object.assign(status, { ok: false, error: reason });
      return null;
    }
  }

  private async fetchPage(url: string): Promise<Page> {
    const { url: address, headers } = splitCredentials(url);
    const response = await this.parts.fetch(address, {
      headers: { accept: 'text/plain; version=0.0.4', ...headers },
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.parts.signal]),
    });
    const text = await readLimitedText(response, PAGE_BYTES);
    if (!response.ok) throw new Error(`answered with HTTP status ${response.status}`);
    const page = readPrometheusPage(text, WANTED);
    if ([...page.values()].reduce((sum, samples) => sum + samples.length, 0) > MAX_SERIES) throw new Error(`has more than ${MAX_SERIES} series of the metrics that are read`);
    return page;
  }
}

function sumGauges(page: Page): Gauges {
  const gauges: Gauges = {};
  for (const name of GAUGES) {
    const samples = page.get(METRIC_NAMES[name]);
    if (samples !== undefined && samples.length > 0) gauges[name] = samples.reduce((sum, sample) => sum + sample.value, 0);
  }
  return gauges;
}

/**
 * Increments since the values collected last, series by series: a sum over series would take one that vanished for a reset
 * and count all others again. A value below its baseline began again at zero. An endpoint never seen before counts nothing,
 * for nobody knows when its counters began; a series that is new at a known endpoint began since.
 */
function countIncrements(page: Page, known: Record<string, number> | undefined): { increments: Counters; changes: BaselineChanges[string] } {
  const increments: Counters = {};
  const current: Record<string, number> = {};
  const series: Record<string, number> = {};
  for (const name of COUNTERS) {
    for (const sample of page.get(METRIC_NAMES[name]) ?? []) {
      const key = shortHash(`${name} ${sample.series}`);
      if (current[key] !== undefined) continue;
      current[key] = sample.value;
      const before = known?.[key] ?? 0;
      if (known?.[key] !== sample.value) series[key] = sample.value;
      const increment = known === undefined ? 0 : sample.value < before ? sample.value : sample.value - before;
      increments[name] = (increments[name] ?? 0) + increment;
    }
  }
  // Series that vanished stay known, lest they count anew when they return; only too many of them are forgotten.
  const replace = known === undefined || Object.keys({ ...known, ...series }).length > MAX_SERIES;
  return { increments, changes: { replace, series: replace ? current : series } };
}

function endpointKey(url: string): string {
  return shortHash(withoutCredentials(url));
}

/** 96 bits of SHA-256: short enough to be written with every report. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** fetch refuses a URL with credentials in it: they become a header. */
function splitCredentials(url: string): { url: string; headers: Record<string, string> } {
  const { username, password } = new URL(url);
  if (username === '' && password === '') return { url, headers: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: withoutCredentials(url), headers: { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` } };
}

/** What went wrong, in words that name no internals. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if (error.name === 'TimeoutError') return `did not answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error.cause;
  return cause instanceof Error && 'code' in cause ? `cannot be reached (${String(cause.code)})` : error.message;
}
