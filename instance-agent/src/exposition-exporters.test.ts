import { gzipSync, brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemTime } from './clock.ts';
import { METRIC_NAMES } from './collect-prometheus.ts';
import { loadConfig } from './config.ts';
import { examine } from './doctor.ts';
import { EXPORTER_PAGES } from './exposition-exporters.testkit.ts';
import { readExpositionPage } from './exposition-page.ts';
import { START } from './licenses.testkit.ts';
import { Meter } from './meter.ts';
import { silentLog, startMetricsPage, temporaryFolder } from './surroundings.testkit.ts';
import { COUNTERS, GAUGES } from './usage.ts';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const meterOf = (url: string): Meter => new Meter({ urls: [url], fetch, log: silentLog, signal: new AbortController().signal });

function sums(samples: ReadonlyMap<string, readonly { value: number }[]>, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.flatMap((name) => (samples.has(name) ? [[name, (samples.get(name) ?? []).reduce((sum, { value }) => sum + value, 0)]] : [])));
}

describe('pages in the shape of', () => {
  it.each(EXPORTER_PAGES)('$shape are read to the last of our metrics', async ({ text, isOpenMetrics, gauges, counters }) => {
    const page = readExpositionPage(Buffer.from(text), new Set(Object.values(METRIC_NAMES)), { isOpenMetrics, isWhole: true });
    expect(page.problems).toEqual([]);
    expect(sums(page.samples, GAUGES.map((name) => METRIC_NAMES[name]))).toEqual(gauges);
    expect(sums(page.samples, COUNTERS.map((name) => METRIC_NAMES[name]))).toEqual(counters);
    const endpoint = await startMetricsPage(isOpenMetrics ? OPEN_METRICS : 'text/plain; version=0.0.4; charset=utf-8');
    endpoint.page = text;
    const collected = await meterOf(endpoint.url).collect({}, START);
    expect(collected?.gauges).toEqual(Object.fromEntries(GAUGES.flatMap((name) => { const value = gauges[METRIC_NAMES[name]]; return value === undefined ? [] : [[name, value]]; })));
  });
});

describe('an endpoint', () => {
  it('is asked as Prometheus asks: OpenMetrics before text, and text before anything', async () => {
    const endpoint = await startMetricsPage();
    endpoint.page = 'iotistic_active_devices 1\n';
    await meterOf(endpoint.url).collect({}, START);
    expect(endpoint.accept).toBe('application/openmetrics-text; version=1.0.0; q=0.75, text/plain; version=0.0.4; q=0.5, */*; q=0.1');
  });

  it.each([['gzip', gzipSync], ['br', brotliCompressSync]])('may compress its page (%s)', async (encoding, compress) => {
    const endpoint = await startMetricsPage('text/plain', { 'content-encoding': encoding });
    endpoint.page = compress('iotistic_active_devices 7\n');
    expect((await meterOf(endpoint.url).collect({}, START))?.gauges).toEqual({ activeDevices: 7 });
  });

  it('that sends a bomb is read no further than 16 MiB', async () => {
    const endpoint = await startMetricsPage('text/plain', { 'content-encoding': 'gzip' });
    endpoint.page = gzipSync(Buffer.alloc(64 * 1024 * 1024, '#\n'));
    const meter = meterOf(endpoint.url);
    expect(await meter.collect({}, START)).toBeNull();
    expect(meter.collectors[0]?.error).toBe('the answer is longer than 16777216 bytes');
  });

  it('whose page ends with the connection is believed to its last line feed only as a whole', async () => {
    const endpoint = await startMetricsPage('text/plain', { connection: 'close' });
    const meter = meterOf(endpoint.url);
    endpoint.page = 'iotistic_active_devices 3\niotistic_mqtt_messages_published_total 12';
    expect(await meter.collect({}, START)).toBeNull();
    expect(meter.collectors[0]?.error).toContain('cut off');
    endpoint.page = `${endpoint.page}\n`;
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 3 });
  });

  it('that has lines which do not read says which, and is well all the same', async () => {
    const endpoint = await startMetricsPage();
    endpoint.page = 'other{password="hunter2"} many\niotistic_active_devices 7\n';
    const meter = meterOf(endpoint.url);
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 7 });
    expect(meter.collectors).toMatchObject([{ ok: true, error: null, problems: [{ line: 1, metric: 'other', problem: 'has a value that is no number (column 31)' }] }]);
    expect(JSON.stringify(meter.collectors)).not.toContain('hunter2');
    const environment = { METRICS_URLS: endpoint.url, AGENT_DATA_DIR: await temporaryFolder(), BILLING_API_URL: 'http://127.0.0.1:9' };
    const checks = await examine({ config: loadConfig(environment), log: silentLog, time: systemTime, fetch, signal: new AbortController().signal });
    expect(checks.find(({ name }) => name === 'metrics')).toMatchObject({ result: 'ok', detail: `${endpoint.url} answers; line 1 (other) has a value that is no number (column 31) and is passed over` });
  });
});
