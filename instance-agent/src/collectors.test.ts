import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { START } from './licenses.testkit.ts';
import { Meter } from './meter.ts';
import { silentLog, startMetricsPage } from './surroundings.testkit.ts';

interface Api {
  url: string;
  status: number;
  body: string;
  authorization: string | undefined;
}

async function startApi(body: unknown): Promise<Api> {
  const server = createServer((request, response) => {
    api.authorization = request.headers.authorization;
    response.writeHead(api.status, api.status === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end(api.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const api: Api = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/devices`, status: 200, body: JSON.stringify(body), authorization: undefined };
  return api;
}

const meterOf = (parts: Partial<ConstructorParameters<typeof Meter>[0]>): Meter => new Meter({ urls: [], fetch, log: silentLog, signal: new AbortController().signal, ...parts });
const gaugesOf = async (meter: Meter, now = START) => (await meter.collect({}, now))?.gauges;

describe("devices from the product's API", () => {
  it.each([
    [{ activeDevices: 3, totalDevices: 5 }],
    [{ active: 3, total: 5, more: 'ignored' }],
    [[{ status: 'online' }, { status: 'ACTIVE' }, { status: 'connected' }, { status: 'offline' }, { status: 'lost' }]],
    [{ devices: [{ active: true }, { active: true }, { active: true }, { active: false }, { active: false }] }],
  ])('are read from %j', async (answer) => {
    const api = await startApi(answer);
    expect(await gaugesOf(meterOf({ devices: { url: api.url, token: 't0ken' } }))).toEqual({ activeDevices: 3, totalDevices: 5 });
    expect(api.authorization).toBe('Bearer t0ken');
  });

  it.each([
    ['something else', { devices: 7 }, 200, 'did not answer with {activeDevices'],
    ['a negative number', { active: -1, total: 5 }, 200, 'did not answer with {activeDevices'],
    ['more active ones than there are', { active: 6, total: 5 }, 200, 'more devices are active'],
    ['an error', {}, 503, 'HTTP status 503'],
    ['a redirect, which would take the token along', {}, 302, 'cannot be'],
  ])('that answers with %s is said so, and shows no token', async (_what, answer, status, words) => {
    const api = await startApi(answer);
    api.status = status;
    const meter = meterOf({ devices: { url: api.url, token: 't0ken' } });
    expect(await meter.collect({}, START)).toBeNull();
    expect(meter.collectors).toMatchObject([{ kind: 'devices', ok: false, url: api.url }]);
    expect(meter.collectors[0]?.error).toMatch(new RegExp(`${words}|fetch failed`));
    expect(JSON.stringify(meter.collectors)).not.toContain('t0ken');
  });
});

describe('the size of the database', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase({ template: 'collector', migrate: () => Promise.resolve() });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('create schema product; create table product.readings as select n from generate_series(1, 5000) as n; analyze product.readings; create table public.empty (n int)');
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  it('and its rows, about, come from PostgreSQL itself', async () => {
    const gauges = await gaugesOf(meterOf({ databaseUrl: database.url }));
    const { rows } = await client.query<{ bytes: string }>('select pg_database_size(current_database())::text as bytes');
    expect(gauges).toEqual({ storageBytes: Number(rows[0]?.bytes), storageRows: 5_000 });
  });

  it('is asked in a transaction that can only read', async () => {
    const { rows } = await client.query<{ setting: string }>("select setting from pg_settings where name = 'default_transaction_read_only'");
    expect(rows[0]?.setting).toBe('off');
    await gaugesOf(meterOf({ databaseUrl: database.url }));
    const left = await client.query("select 1 from pg_stat_activity where application_name = 'iotistic-agent' and datname = current_database()");
    expect(left.rows).toEqual([]);
  });

  it('whose statistics are gone has not lost its rows: what they were last holds, and is named', async () => {
    const meter = meterOf({ databaseUrl: database.url });
    expect(await gaugesOf(meter)).toMatchObject({ storageRows: 5_000 });
    // As an upgrade and a restore leave them.
    await client.query("update pg_class set reltuples = -1 where relkind = 'r' and relnamespace in ('product'::regnamespace, 'public'::regnamespace)");
    expect(await gaugesOf(meter)).toMatchObject({ storageRows: 5_000 });
    expect(meter.collectors).toMatchObject([{ ok: false, error: 'storageRows is gone' }]);
    expect(await gaugesOf(meterOf({ databaseUrl: database.url }))).not.toHaveProperty('storageRows');
    await client.query('analyze product.readings');
    expect(await gaugesOf(meter)).toMatchObject({ storageRows: 5_000 });
    expect(meter.collectors).toMatchObject([{ ok: true, error: null }]);
  });

  it('that cannot be had is said so, without the password', async () => {
    const url = new URL(database.url);
    url.username = 'nobody';
    url.password = 'hunter2';
    url.pathname = '/no_such_database';
    const meter = meterOf({ databaseUrl: url.href });
    expect(await meter.collect({}, START)).toBeNull();
    expect(meter.collectors).toMatchObject([{ kind: 'postgres', ok: false, error: expect.stringMatching(/^cannot be reached \(\w+\)$/) as string }]);
    expect(JSON.stringify(meter.collectors)).not.toContain('hunter2');
  });
});

describe('several sources', () => {
  it('fail each alone: what one said last holds until it says more, and the others are asked', async () => {
    const [page, api] = [await startMetricsPage(), await startApi({ active: 3, total: 5 })];
    page.page = 'iotistic_storage_bytes 700\niotistic_active_devices 99\n';
    const meter = meterOf({ urls: [page.url], devices: { url: api.url, token: null } });
    // The API knows better than a scraped gauge.
    expect(await gaugesOf(meter)).toEqual({ activeDevices: 3, totalDevices: 5, storageBytes: 700 });
    api.status = 500;
    page.page = 'iotistic_storage_bytes 800\niotistic_active_devices 98\n';
    expect(await gaugesOf(meter, new Date(START.getTime() + 3_600_000))).toEqual({ activeDevices: 3, totalDevices: 5, storageBytes: 800 });
    expect(meter.collectors).toMatchObject([{ kind: 'prometheus', ok: true }, { kind: 'devices', ok: false, lastSuccessAt: START.toISOString() }]);
    // Long silence is no zero either.
    expect(await gaugesOf(meter, new Date(START.getTime() + 25 * 3_600_000))).toEqual({ activeDevices: 3, totalDevices: 5, storageBytes: 800 });
  });
});

describe('traffic', () => {
  const qos = (zero: number, two: number): string => `iotistic_mqtt_messages_published_total{qos="0"} ${zero}\niotistic_mqtt_messages_published_total{qos="2"} ${two}\n`;

  it('is told by quality of service and by category of endpoint, and is one sum in the report', async () => {
    const page = await startMetricsPage();
    const meter = meterOf({ urls: [page.url] });
    page.page = `${qos(10, 1)}iotistic_http_requests_total{category="telemetry"} 5\niotistic_http_requests_total 7\n`;
    const first = await meter.collect({}, START);
    const baselines = Object.fromEntries(Object.entries(first?.baselines ?? {}).map(([key, { series }]) => [key, series]));
    page.page = `${qos(15, 4)}iotistic_http_requests_total{category="telemetry"} 8\niotistic_http_requests_total 9\n`;
    expect((await meter.collect(baselines, START))?.counters).toEqual({ mqttMessagesPublished: 8, httpRequests: 5 });
    expect(meter.traffic).toEqual({ mqttMessagesByQos: { 0: 5, 2: 3 }, httpRequestsByCategory: { telemetry: 3 } });
  });

  it('of more categories than anybody tells apart is told together', async () => {
    const page = await startMetricsPage();
    const meter = meterOf({ urls: [page.url] });
    const all = (value: number): string => Array.from({ length: 60 }, (_each, index) => `iotistic_http_requests_total{endpoint_category="c${index}"} ${value}\n`).join('');
    page.page = all(1);
    const first = await meter.collect({}, START);
    const baselines = Object.fromEntries(Object.entries(first?.baselines ?? {}).map(([key, { series }]) => [key, series]));
    page.page = all(2);
    await meter.collect(baselines, START);
    const parts = meter.traffic.httpRequestsByCategory ?? {};
    expect([Object.keys(parts).length, parts['other']]).toEqual([51, 10]);
  });

  it('in a histogram is no traffic: what is named like a counter and is a distribution is passed over', async () => {
    const page = await startMetricsPage();
    page.page = '# TYPE iotistic_http_requests_total histogram\niotistic_http_requests_total_bucket{le="+Inf"} 3\niotistic_http_requests_total_sum 1\niotistic_http_requests_total_count 3\n# TYPE iotistic_http_bytes_sent_total summary\niotistic_http_bytes_sent_total{quantile="0.5"} 3\niotistic_http_bytes_sent_total_sum 4\niotistic_http_bytes_sent_total_count 2\niotistic_active_devices 2\n';
    const meter = meterOf({ urls: [page.url] });
    expect(await meter.collect({}, START)).toMatchObject({ gauges: { activeDevices: 2 }, counters: {} });
  });
});
