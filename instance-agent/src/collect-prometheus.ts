import { createHash } from 'node:crypto';
import type { Collector, Found } from './collector.ts';
import { type CounterLook, countIncrements, PROCESS_START, createdName } from './counter-increments.ts';
import { type ExpositionPage, readExpositionPage } from './exposition-page.ts';
import { readLimitedBytes } from './limited-body.ts';
import type { Baselines } from './spool-record.ts';
import { COUNTERS, GAUGES, type Counter, type Gauge } from './usage.ts';
import { usableValue, unusableBecause } from './usable-value.ts';

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
const METRICS = Object.values(METRIC_NAMES);
const WANTED = new Set([...METRICS, PROCESS_START, ...COUNTERS.map((name) => createdName(METRIC_NAMES[name]))]);

const PAGE_BYTES = 16 * 1024 * 1024;
/** More series than this at one endpoint would make every report carry megabytes: it is refused. */
const MAX_SERIES = 20_000;
/** OpenMetrics first, as Prometheus asks: there a counter says when it began. */
const ACCEPT = 'application/openmetrics-text; version=1.0.0; q=0.75, text/plain; version=0.0.4; q=0.5, */*; q=0.1';

/** What a Prometheus endpoint of the product says: MQTT and HTTP traffic, and whatever else bears one of the names. */
export class PrometheusCollector implements Collector {
  readonly kind = 'prometheus';
  readonly name: string;

  constructor(private readonly url: string, private readonly fetchIt: typeof fetch) {
    this.name = withoutCredentials(url);
  }

  nameOf(quantity: Gauge | Counter): string {
    return METRIC_NAMES[quantity];
  }

  async collect(baselines: Baselines, signal: AbortSignal, now: Date): Promise<Found> {
    const { page, at } = await this.fetchPage(signal, now);
    const key = endpointKey(this.url);
    const look: CounterLook = { page, at, metricOf: (name) => METRIC_NAMES[name], keyOf: (name, series) => shortHash(`${name} ${series}`), maxSeries: MAX_SERIES };
    const { increments, changes, split, unusable } = countIncrements(look, baselines[key]);
    const gauges = sumGauges(page);
    return { gauges: gauges.whole, partial: gauges.partial, counters: increments, baselines: { [key]: changes }, split, unusable: { ...gauges.unusable, ...unusable }, problems: page.problems };
  }

  /** `at` is when, by the clock of whoever answered: what the page says of times goes by that one too. */
  private async fetchPage(signal: AbortSignal, now: Date): Promise<{ page: ExpositionPage; at: Date }> {
    const { url: address, headers } = splitCredentials(this.url);
    const response = await this.fetchIt(address, { headers: { accept: ACCEPT, ...headers }, signal });
    const bytes = await readLimitedBytes(response, PAGE_BYTES);
    if (!response.ok) throw new Error(`answered with HTTP status ${response.status}`);
    const isOpenMetrics = /^\s*application\/openmetrics-text\s*(;|$)/i.test(response.headers.get('content-type') ?? '');
    const isWhole = response.headers.has('content-length') || response.headers.has('transfer-encoding');
    const page = readExpositionPage(bytes, WANTED, { isOpenMetrics, isWhole });
    if (METRICS.reduce((sum, metric) => sum + (page.samples.get(metric)?.length ?? 0), 0) > MAX_SERIES) throw new Error(`has more than ${MAX_SERIES} series of the metrics that are read`);
    const said = Date.parse(response.headers.get('date') ?? '');
    return { page, at: Number.isNaN(said) ? now : new Date(said) };
  }
}

/** A gauge of which a line does not read, or says nothing, is not known as a whole: what is left of it stands in `partial`. */
function sumGauges(page: ExpositionPage): Required<Pick<Found, 'partial' | 'unusable'>> & { whole: Found['gauges'] } {
  const sums: ReturnType<typeof sumGauges> = { whole: {}, partial: {}, unusable: {} };
  for (const name of GAUGES) {
    const metric = METRIC_NAMES[name];
    const samples = page.samples.get(metric) ?? [];
    const values = samples.flatMap(({ value }) => usableValue(value) ?? []);
    const sum = values.reduce((total, value) => total + value, 0);
    const bad = samples.find(({ value }) => usableValue(value) === null)?.value;
    const reason = page.damaged.get(metric) ?? (bad === undefined ? unusableBecause(sum) : unusableBecause(bad));
    if (reason !== null) sums.unusable[name] = reason;
    if (values.length > 0 && usableValue(sum) !== null) sums[reason === null ? 'whole' : 'partial'][name] = sum;
  }
  return sums;
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
