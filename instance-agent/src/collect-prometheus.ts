import { createHash } from 'node:crypto';
import type { Collector, Found } from './collector.ts';
import { readLimitedText } from './limited-body.ts';
import { readPrometheusPage, type Sample } from './prometheus-page.ts';
import type { Baselines, BaselineChanges } from './spool-record.ts';
import { splitOf, type TrafficSplit } from './traffic-split.ts';
import { COUNTERS, GAUGES, type Counter, type Counters, type Gauge, type Gauges } from './usage.ts';

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
/** More series than this at one endpoint would make every report carry megabytes: it is refused. */
const MAX_SERIES = 20_000;

type Page = Map<string, Sample[]>;

/** What a Prometheus endpoint of the product says: MQTT and HTTP traffic, and whatever else bears one of the names. */
export class PrometheusCollector implements Collector {
  readonly kind = 'prometheus';
  readonly name: string;

  constructor(private readonly url: string, private readonly fetchIt: typeof fetch) {
    this.name = withoutCredentials(url);
  }

  async collect(baselines: Baselines, signal: AbortSignal): Promise<Found> {
    const page = await this.fetchPage(signal);
    const key = endpointKey(this.url);
    const { increments, changes, split } = countIncrements(page, baselines[key]);
    return { gauges: sumGauges(page), counters: increments, baselines: { [key]: changes }, split };
  }

  private async fetchPage(signal: AbortSignal): Promise<Page> {
    const { url: address, headers } = splitCredentials(this.url);
    const response = await this.fetchIt(address, { headers: { accept: 'text/plain; version=0.0.4', ...headers }, signal });
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
function countIncrements(page: Page, known: Record<string, number> | undefined): { increments: Counters; changes: BaselineChanges[string]; split: TrafficSplit } {
  const increments: Counters = {};
  const split: TrafficSplit = {};
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
      splitOf(split, name, sample.series, increment);
    }
  }
  // Series that vanished stay known, lest they count anew when they return; only too many of them are forgotten.
  const replace = known === undefined || Object.keys({ ...known, ...series }).length > MAX_SERIES;
  return { increments, changes: { replace, series: replace ? current : series }, split };
}

function endpointKey(url: string): string {
  return shortHash(withoutCredentials(url));
}

/** 96 bits of SHA-256: short enough to be written with every report. */
function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

/** As it may be shown. */
export function withoutCredentials(url: string): string {
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
