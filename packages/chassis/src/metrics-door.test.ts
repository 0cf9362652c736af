import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFresh } from './fresh.ts';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createMetricsDoor, startMetricsServer } from './metrics-door.ts';

const TOKEN = 'metrics-token-0123456789';
const log = createLog({ level: 'silent', name: 'test' });
const metrics = createMetrics();
let readings = 0;
metrics.onScrape('test', () => {
  readings += 1;
});
const strangers: string[] = [];
let server: HttpServer;
let open: HttpServer | null;
beforeAll(async () => {
  const door = createMetricsDoor({ metrics, token: TOKEN, onStranger: async ({ path }) => void strangers.push(path) });
  server = await startHttpServer({ host: '127.0.0.1', port: 0, maxBodyBytes: 100, log, routes: { 'GET /metrics': door.route } });
  open = await startMetricsServer(door, { host: '127.0.0.1', port: 0, log });
});
afterAll(async () => {
  await open?.close();
  await server.close();
});

const scrape = (headers: Record<string, string> = {}, port = server.port): Promise<Response> => fetch(`http://127.0.0.1:${port}/metrics`, { headers });
/** As a proxy on this host would forward a stranger's request. */
const FORWARDED: Record<string, string>[] = [{ 'x-forwarded-for': '203.0.113.7' }, { forwarded: 'for=203.0.113.7' }, { 'x-real-ip': '203.0.113.7' }, { via: '1.1 proxy' }];

describe('the metrics', () => {
  it('are read by programs of this host', async () => {
    const response = await scrape();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(await response.text()).toContain('iotistic_scrape_failures_total');
  });

  it.each(FORWARDED)('are read by no stranger without the token, whatever the proxy: %o', async (headers) => {
    strangers.length = 0;
    const refused = await scrape(headers);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="iotistic"']);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'CREDENTIAL_REQUIRED' } }] });
    const guessed = await scrape({ ...headers, authorization: 'Bearer metrics-token-9876543210' });
    expect(await guessed.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'INVALID_CREDENTIAL' } }] });
    expect(strangers).toEqual(['/metrics', '/metrics']);
    expect((await scrape({ ...headers, authorization: `bearer ${TOKEN}` })).status).toBe(200);
  });

  it('are read by whoever reaches their own port', async () => {
    expect((await scrape({ 'x-forwarded-for': '203.0.113.7' }, open?.port)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${open?.port}/graphql`)).status).toBe(404);
    expect(await startMetricsServer(createMetricsDoor({ metrics }), { host: '127.0.0.1', port: undefined, log })).toBeNull();
  });

  it('are worked out once for all who ask within a second', async () => {
    const before = readings;
    await Promise.all(Array.from({ length: 200 }, () => scrape()));
    expect(readings - before).toBeLessThan(40);
    await waitFor(async () => {
      await scrape();
      expect(readings).toBeGreaterThan(before);
    });
  });
});

describe('what is worked out once for many', () => {
  it('is shared while it is being worked out, and for its time', async () => {
    let count = 0;
    let finish: (value: number) => void = () => undefined;
    const ask = createFresh(() => {
      count += 1;
      return new Promise<number>((resolve) => (finish = resolve));
    }, 3_600_000);
    const asked = [ask(), ask()];
    finish(7);
    expect(await Promise.all([...asked, ask()])).toEqual([7, 7, 7]);
    expect(count).toBe(1);
  });

  it('is worked out again when its time is over, and shared when it fails', async () => {
    let count = 0;
    const ask = createFresh(() => {
      count += 1;
      return count === 1 ? Promise.reject(new Error('no')) : Promise.resolve(count);
    }, 0);
    const asked = [ask(), ask()];
    for (const each of asked) await expect(each).rejects.toThrow('no');
    expect(await ask()).toBe(2);
    expect(await ask()).toBe(3);
  });
});
