import { describe, expect, it } from 'vitest';
import { START } from './licenses.testkit.ts';
import { Meter } from './meter.ts';
import { applyRecord } from './spool-state.ts';
import { EMPTY_STATE, type Baselines } from './spool-record.ts';
import type { Collected } from './spool.ts';
import { createRecordingLog, silentLog, startMetricsPage } from './surroundings.testkit.ts';

const MESSAGES = 'iotistic_mqtt_messages_published_total';

function createMeter(urls: string[], log = silentLog): Meter {
  return new Meter({ urls, fetch, log, signal: new AbortController().signal });
}

/** The baselines as the spool would hold them after a report of this. */
function after(baselines: Baselines, collected: Collected | null): Baselines {
  if (collected === null) return baselines;
  const report = { kind: 'report' as const, report: { sequence: 1, intervalEnd: '' } as never, baselines: collected.baselines };
  return applyRecord({ ...EMPTY_STATE, baselines }, report).baselines;
}

/** Collects page after page from one endpoint; answers with the messages counted each time. */
async function countPages(pages: readonly (string | null)[]): Promise<(number | undefined)[]> {
  const endpoint = await startMetricsPage();
  const meter = createMeter([endpoint.url]);
  let baselines: Baselines = {};
  const counts: (number | undefined)[] = [];
  for (const page of pages) {
    endpoint.page = page;
    const collected = await meter.collect(baselines, START);
    counts.push(collected?.counters.mqttMessagesPublished);
    baselines = after(baselines, collected);
  }
  return counts;
}

const line = (value: number | string, labels = '') => `${MESSAGES}${labels} ${value}\n`;

describe('the meter counts increments', () => {
  it.each<[string, string[], (number | undefined)[]]>([
    ['nothing at the first sight of an endpoint', [line(100), line(130)], [0, 30]],
    ['from zero after a reset', [line(100), line(130), line(7), line(9)], [0, 30, 7, 2]],
    ['each series by itself: one that resets does not hide another', [line(100, '{q="0"}') + line(50, '{q="1"}'), line(160, '{q="0"}') + line(10, '{q="1"}')], [0, 70]],
    ['nothing again for a series that vanishes and returns', [line(100, '{c="a"}') + line(50, '{c="b"}'), line(100, '{c="a"}'), line(100, '{c="a"}') + line(55, '{c="b"}')], [0, 0, 5]],
    ['nothing of a series that is new, for nobody knows since when it counts', [line(100, '{c="a"}'), line(100, '{c="a"}') + line(20, '{c="b"}'), line(100, '{c="a"}') + line(25, '{c="b"}')], [0, 0, 5]],
    ['nothing of a counter that was absent at the first look', ['up 1\niotistic_active_devices 1\n', line(5_847_822), line(5_847_830)], [undefined, 0, 8]],
    ['nothing of a counter that said NaN at the first look', [line('NaN') + 'iotistic_active_devices 1\n', line(5_847_822), line(5_847_830)], [undefined, 0, 8]],
    ['on from where a counter was that said NaN, or was gone', [line(10), line('NaN'), line(14), 'up 1\n', line(19)], [0, undefined, 4, undefined, 5]],
    ['labels in any order as one series', [line(1, '{a="1",b="2"}'), line(5, '{b="2",a="1"}')], [0, 4]],
    ['whole numbers only', [line('100.2'), line('1.01e2'), line('101.9')], [0, 1, 0]],
    ['nothing of values that are no finite number or negative', [line(10), line('NaN'), line('+Inf'), line(-5), line(15)], [0, undefined, undefined, undefined, 5]],
    ['a series named twice once', [line(10), line(20) + line(20)], [0, 10]],
  ])('%s', async (_name, pages, expected) => {
    expect(await countPages(pages)).toEqual(expected);
  });

  it('over a time in which the endpoint did not answer, when it answers again', async () => {
    expect(await countPages([line(10), null, line(25)])).toEqual([0, undefined, 15]);
  });

  const LONG_AGO = 'process_start_time_seconds 1.5e9\n';
  /** Later than any look of this test, by any clock. */
  const JUST_NOW = 'process_start_time_seconds 9e9\n';
  it.each<[string, string[], (number | undefined)[]]>([
    ['all of a new series of a process that began since the last look', [LONG_AGO, JUST_NOW + line(20)], [undefined, 20]],
    ['nothing of a new series of a process that was there', [LONG_AGO, LONG_AGO + line(20)], [undefined, 0]],
    ['nothing at the first sight of an endpoint, whenever its process began', [JUST_NOW + line(20)], [0]],
    ['all of a new series that says itself that it began since', [LONG_AGO, `${LONG_AGO}${line(20, '{c="a"}')}${line(7, '{c="b"}')}iotistic_mqtt_messages_published_created{c="a"} 9e9\n`], [undefined, 20]],
    ['nothing of a series that says itself that it began before, though its exporter is new', [LONG_AGO, `${JUST_NOW}${line(20)}iotistic_mqtt_messages_published_created 1.5e9\n`], [undefined, 0]],
    ['nothing of a new series where one of several processes was there', [LONG_AGO, `process_start_time_seconds{pid="1"} 9e9\nprocess_start_time_seconds{pid="2"} 1.5e9\n${line(20)}`], [undefined, 0]],
    ['from zero of a series that is known, whenever its process began', [LONG_AGO + line(100), JUST_NOW + line(7)], [0, 7]],
  ])('%s', async (_name, pages, expected) => {
    expect(await countPages(pages.map((page) => `iotistic_total_devices 1\n${page}`))).toEqual(expected);
  });
});

describe('the meter', () => {
  it('adds gauges and counters over label sets and endpoints, and passes over what it does not know', async () => {
    const [a, b] = [await startMetricsPage(), await startMetricsPage()];
    const meter = createMeter([a.url, b.url]);
    a.page = `# HELP iotistic_active_devices Devices \\n "seen"\n# TYPE iotistic_active_devices gauge\niotistic_active_devices{site="x\\"\\\\,}"} 3\niotistic_active_devices{site="y"} 4\niotistic_storage_bytes 1e9\n# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_sum 0.5\nh_count 3\n${line(5)}`;
    b.page = `iotistic_active_devices 2 1395066363000\nup 1\n${line(1)}`;
    const first = await meter.collect({}, START);
    expect(first?.gauges).toEqual({ activeDevices: 9, storageBytes: 1_000_000_000 });
    a.page = line(8);
    b.page = line(11);
    expect((await meter.collect(after({}, first), START))?.counters).toEqual({ mqttMessagesPublished: 13 });
  });

  it('leaves out an endpoint that fails, and says so in its status and its log', async () => {
    const [good, bad] = [await startMetricsPage(), await startMetricsPage()];
    const { log, lines } = createRecordingLog();
    const meter = createMeter([good.url, bad.url], log);
    good.page = 'iotistic_active_devices 2\n';
    bad.page = 'iotistic_active_devices 5\n';
    bad.status = 500;
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 2 });
    expect(meter.collectors).toMatchObject([{ ok: true, error: null }, { url: bad.url, ok: false, error: 'answered with HTTP status 500', lastSuccessAt: null }]);
    expect(lines).toMatchObject([{ level: 40, url: bad.url }]);
    bad.status = 200;
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 7 });
    expect(meter.collectors[1]).toMatchObject({ ok: true, error: null, lastSuccessAt: START.toISOString() });
  });

  it('collects nothing when every endpoint fails', async () => {
    const endpoint = await startMetricsPage();
    endpoint.page = null;
    expect(await createMeter([endpoint.url]).collect({}, START)).toBeNull();
    expect(await createMeter([]).collect({}, START)).toEqual({ gauges: {}, counters: {}, baselines: {} });
  });

  it.each([
    ['an error page', '<html>\n<body>hi there</body>\n</html>\n'],
    ['a broken line', `${MESSAGES}{a="1 12\n`],
  ])('refuses %s instead of reading it as usage', async (_name, page) => {
    const endpoint = await startMetricsPage();
    endpoint.page = page;
    const meter = createMeter([endpoint.url]);
    expect(await meter.collect({}, START)).toBeNull();
    expect(meter.collectors[0]?.error).toMatch(/page/);
  });

  it('sends the credentials of a URL as a header and shows them nowhere', async () => {
    const endpoint = await startMetricsPage();
    endpoint.page = 'iotistic_active_devices 1\n';
    const seen: (string | null)[] = [];
    const spying: typeof fetch = (input, init) => {
      seen.push(new Headers(init?.headers).get('authorization'));
      return fetch(input, init);
    };
    const url = endpoint.url.replace('http://', 'http://user:p%40ss@');
    const meter = new Meter({ urls: [url], fetch: spying, log: silentLog, signal: new AbortController().signal });
    expect((await meter.collect({}, START))?.gauges).toEqual({ activeDevices: 1 });
    expect(seen).toEqual([`Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
    expect(meter.collectors[0]?.url).toBe(endpoint.url);
  });
});
