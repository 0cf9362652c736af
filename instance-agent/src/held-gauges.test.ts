import { describe, expect, it } from 'vitest';
import { START } from './licenses.testkit.ts';
import { Meter } from './meter.ts';
import { EMPTY_STATE, type Baselines } from './spool-record.ts';
import { applyRecord } from './spool-state.ts';
import type { Collected } from './spool.ts';
import { createRecordingLog, silentLog, startMetricsPage } from './surroundings.testkit.ts';

const DEVICES = 'iotistic_active_devices';
const SEVEN = `${DEVICES} 7\niotistic_total_devices 9\n`;

const createMeter = (url: string, log = silentLog): Meter => new Meter({ urls: [url], fetch, log, signal: new AbortController().signal });

/** The baselines as the spool holds them, and reads them again after a restart. */
function spooled(baselines: Baselines, collected: Collected | null): Baselines {
  const report = { kind: 'report' as const, report: { sequence: 1, intervalEnd: '' } as never, baselines: collected?.baselines ?? {} };
  return applyRecord({ ...EMPTY_STATE, baselines }, report).baselines;
}

describe('a source that says nothing usable is a source that failed, never a zero', () => {
  const cases: [string, string, string][] = [
    ['NaN', `${DEVICES} NaN\niotistic_total_devices 9\n`, 'iotistic_active_devices says NaN'],
    ['infinity', `${DEVICES} +Inf\niotistic_total_devices 9\n`, 'iotistic_active_devices says more than a report can carry'],
    ['a negative number', `${DEVICES} -1\niotistic_total_devices 9\n`, 'iotistic_active_devices says a negative number'],
    ['a metric that is gone', 'iotistic_total_devices 9\n', 'iotistic_active_devices is gone'],
    ['a metric that is declared and has no sample', `# TYPE ${DEVICES} gauge\niotistic_total_devices 9\n`, 'iotistic_active_devices is gone'],
    ['a line that does not read', `${DEVICES} seven\niotistic_total_devices 9\n`, 'iotistic_active_devices has a value that is no number (column 30) (line 1)'],
    ['one bad series of several', `${DEVICES}{site="a"} 3\n${DEVICES}{site="b"} NaN\niotistic_total_devices 9\n`, 'iotistic_active_devices says NaN'],
    ['a distribution of that name', `# TYPE ${DEVICES} summary\n${DEVICES}{quantile="0.5"} 1\niotistic_total_devices 9\n`, 'iotistic_active_devices is gone'],
    ['an empty page', '', 'iotistic_active_devices is gone; iotistic_total_devices is gone'],
    ['a page of other metrics', 'up 1\n', 'iotistic_active_devices is gone; iotistic_total_devices is gone'],
  ];

  it.each(cases)('%s holds the last value, and is named', async (_what, page, error) => {
    const endpoint = await startMetricsPage();
    const { log, lines } = createRecordingLog();
    const meter = createMeter(endpoint.url, log);
    endpoint.page = SEVEN;
    const first = await meter.collect({}, START);
    endpoint.page = page;
    expect((await meter.collect(spooled({}, first), START))?.gauges).toEqual({ activeDevices: 7, totalDevices: 9 });
    expect(meter.collectors).toMatchObject([{ ok: false, error }]);
    expect(lines.at(-1)).toMatchObject({ level: 40, reason: error });
    endpoint.page = `${DEVICES} 8\niotistic_total_devices 9\n`;
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 8, totalDevices: 9 });
    expect(meter.collectors).toMatchObject([{ ok: true, error: null }]);
  });

  it.each(cases)('%s holds the last value over a restart of the agent', async (_what, page) => {
    const endpoint = await startMetricsPage();
    endpoint.page = SEVEN;
    const baselines = spooled({}, await createMeter(endpoint.url).collect({}, START));
    endpoint.page = page;
    const again = createMeter(endpoint.url);
    const held = await again.collect(baselines, START);
    expect(held?.gauges).toEqual({ activeDevices: 7, totalDevices: 9 });
    // And over the next one.
    expect((await createMeter(endpoint.url).collect(spooled(baselines, held), START))?.gauges).toEqual({ activeDevices: 7, totalDevices: 9 });
  });

  it.each([
    ['an empty page', '', 'says nothing of what is collected'],
    ['a page of other metrics', 'up 1\n', 'says nothing of what is collected'],
    ['NaN', `${DEVICES} NaN\n`, 'iotistic_active_devices says NaN'],
  ])('%s at the first look is no report', async (_what, page, error) => {
    const endpoint = await startMetricsPage();
    endpoint.page = page;
    const meter = createMeter(endpoint.url);
    expect(await meter.collect({}, START)).toBeNull();
    expect(meter.collectors).toMatchObject([{ ok: false, error, lastSuccessAt: null }]);
  });

  it('a part is better than nothing: what reads counts where no whole value was ever known', async () => {
    const endpoint = await startMetricsPage();
    endpoint.page = `${DEVICES}{site="a"} 3\n${DEVICES}{site="b"} oops\n`;
    const meter = createMeter(endpoint.url);
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 3 });
    expect(meter.collectors[0]?.ok).toBe(false);
  });

  it('a counter that is gone is named, unless its process has just begun or declares it', async () => {
    const endpoint = await startMetricsPage();
    const meter = createMeter(endpoint.url);
    endpoint.page = `${SEVEN}iotistic_http_requests_total 5\n`;
    const baselines = spooled({}, await meter.collect({}, START));
    const errors: (string | null | undefined)[] = [];
    for (const page of [SEVEN, `${SEVEN}process_start_time_seconds 9e9\n`, `${SEVEN}# TYPE iotistic_http_requests_total counter\n`]) {
      endpoint.page = page;
      await meter.collect(baselines, START);
      errors.push(meter.collectors[0]?.error);
    }
    expect(errors).toEqual(['iotistic_http_requests_total is gone', null, null]);
  });

  it('a wrong unit is none that can be added up', async () => {
    const endpoint = await startMetricsPage('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const meter = createMeter(endpoint.url);
    endpoint.page = '# UNIT iotistic_storage_bytes bytes\niotistic_storage_bytes 100\n# EOF\n';
    await meter.collect({}, START);
    endpoint.page = '# UNIT iotistic_storage_bytes megabytes\niotistic_storage_bytes 1\n# EOF\n';
    expect((await meter.collect({}, START))?.gauges).toEqual({ storageBytes: 100 });
    expect(meter.collectors[0]?.error).toBe('iotistic_storage_bytes has another unit than its name says (line 1)');
  });
});
