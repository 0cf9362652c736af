import { getEventListeners } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, describe, expect, it } from 'vitest';
import { planeConfig } from '../config.ts';
import { send } from './demo-client.ts';
import { DemoFile, newDemo } from './demo-file.ts';
import { DEMO_DAYS, DEMO_FLEET, type DemoCustomer, runningInstances } from './demo-fleet.ts';
import { tokenInShell } from './describe-demo.ts';
import { DEMO_OPERATIONS } from './demo-operations.ts';
import { startDemoProduct } from './demo-product.ts';
import { countersOf, gaugesAt } from './demo-usage.ts';
import { daysToReport, onDay } from './live-history.ts';
import { prepareDemo } from './run-demo.ts';

const folder = mkdtempSync(join(tmpdir(), 'iotistic-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A day with so many times the median of the fortnight before it is an anomaly (subgraphs/usage/src/domain/trend.ts). */
const TREND_TIMES = 4;
const instances = DEMO_FLEET.flatMap((customer) => customer.instances);

/** The highest day of UTC that the demo's end shows, against the median of the fortnight before it. */
function timesTheUsual(customer: DemoCustomer, now: number): number {
  const messages = new Map<number, number>();
  for (let hour = 1; hour <= 20 * 24; hour += 1) {
    const end = new Date(now - (hour - 1) * HOUR_MS);
    const day = DEMO_DAYS - Math.ceil(hour / 24);
    const dayOfUtc = Math.floor((end.getTime() - 1) / DAY_MS);
    for (const instance of customer.instances) {
      const { mqttMessagesPublished, mqttMessagesReceived } = countersOf(onDay(instance, day), end, HOUR_MS);
      messages.set(dayOfUtc, (messages.get(dayOfUtc) ?? 0) + mqttMessagesPublished + mqttMessagesReceived);
    }
  }
  const days = [...messages].toSorted(([one], [other]) => one - other).map(([, count]) => count);
  const medianBefore = (index: number): number => days.slice(index - 14, index).toSorted((one, other) => one - other)[7] ?? Infinity;
  return Math.max(...[days.length - 1, days.length - 2].map((index) => (days[index] ?? 0) / medianBefore(index)));
}

describe('the documents that the demo sends', () => {
  const schema = buildSchema(readFileSync(new URL('../../../schema/supergraph.graphql', import.meta.url), 'utf8'), { assumeValidSDL: true });

  it.each(Object.entries(DEMO_OPERATIONS))('%s fits the public schema', (_name, document) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });
});

describe('the commands that the demo prints', () => {
  it.each([
    ["in a file", '/srv/iotistic/.data/admin-token', '$(cat /srv/iotistic/.data/admin-token)'],
    ["in a file whose path has blanks and quotes", "/srv/Ada's plane/token", "$(cat '/srv/Ada'\\''s plane/token')"],
    ['in the environment', null, '$ADMIN_API_TOKEN'],
  ])('take the token that is %s', (_where, file, expected) => {
    expect(tokenInShell(file)).toBe(expected);
  });
});

describe('where a demo may be', () => {
  const configOf = (environment: Record<string, string>) => loadConfig(planeConfig, { DATA_DIR: join(folder, 'new'), ...environment });

  it('begins in the past on a data folder that has nothing, and in the present where something is', () => {
    expect(prepareDemo(configOf({}))).toEqual({ startsBehindMs: DEMO_DAYS * DAY_MS });
    mkdirSync(join(folder, 'used/stripe'), { recursive: true });
    expect(prepareDemo(configOf({ DATA_DIR: join(folder, 'used') }))).toEqual({ startsBehindMs: 0 });
    expect(prepareDemo(configOf({ DATABASE_URL: 'postgres://127.0.0.1/db' }))).toEqual({ startsBehindMs: 0 });
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  it('is neither in production nor at a real Stripe account, and says both at once', () => {
    const refused = (): unknown => prepareDemo(configOf({ NODE_ENV: 'production', STRIPE_SECRET_KEY: 'sk_live_1' }));
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(/NODE_ENV[\s\S]*STRIPE_SECRET_KEY/);
  });
});

describe('the demo\'s file', () => {
  it('is for its owner alone, and says after a restart what was done', () => {
    const file = new DemoFile(folder);
    expect(file.read()).toBeNull();
    const state = newDemo(new Date('2026-11-20T12:00:00Z'));
    file.write({ ...state, livedDays: 3 });
    expect(file.read()).toEqual({ ...state, livedDays: 3 });
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(new Set(Object.values(state.accounts).map(({ password }) => password)).size).toBe(DEMO_FLEET.length);
    writeFileSync(file.path, '{"beganAt":"yesterday"}');
    expect(() => file.read()).toThrow(ConfigError);
  });
});

describe('what the demo\'s clusters use', () => {
  it('is the same each time that it is asked, in whole numbers, and less at night', () => {
    for (const instance of instances) {
      const [noon, night] = [gaugesAt(instance, new Date('2026-11-18T12:00:00Z')), gaugesAt(instance, new Date('2026-11-18T00:00:00Z'))];
      expect(noon.activeDevices).toBe(instance.activeDevices);
      expect(night.activeDevices).toBeLessThanOrEqual(noon.activeDevices);
      const counters = countersOf(instance, new Date('2026-11-18T12:00:00Z'), 3_600_000);
      for (const number of Object.values({ ...noon, ...counters })) expect(Number.isSafeInteger(number) && number >= 0, String(number)).toBe(true);
      expect(countersOf(instance, new Date('2026-11-18T12:00:00Z'), 3_600_000)).toEqual(counters);
    }
  });

  it('is told once for each day that a cluster was heard of, an outage\'s days together and late', () => {
    for (const instance of instances) {
      const told = Array.from({ length: DEMO_DAYS }, (_, day) => daysToReport(instance, day)).flat();
      expect(told.toSorted((a, b) => a - b), instance.name).toEqual(Array.from({ length: instance.silentFromDay ?? DEMO_DAYS }, (_, day) => day));
    }
    expect(new Set(instances.map(({ name }) => name)).size).toBe(instances.length);
  });

  it('stands out on the flooded day, at whatever hour, weekday or month\'s end the demo starts', () => {
    const flooded = DEMO_FLEET.filter((customer) => customer.instances.some(({ floodDay }) => floodDay !== undefined));
    expect(flooded.length).toBeGreaterThan(0);
    // A fortnight of hours over a month's end, a year's end and a leap day.
    const starts = ['2027-01-24T00:00:00Z', '2026-12-25T00:30:00Z', '2028-02-22T00:59:00Z'].flatMap((first) => Array.from({ length: 14 * 24 }, (_, hour) => Date.parse(first) + hour * HOUR_MS));
    for (const customer of flooded) for (const now of starts) expect(timesTheUsual(customer, now), `${customer.key} at ${new Date(now).toISOString()}`).toBeGreaterThan(TREND_TIMES * 1.2);
  });

  it('is on a metrics page of each running instance, whose counters only rise', async () => {
    let at = Date.parse('2026-11-18T11:00:00Z');
    const product = await startDemoProduct({ now: () => new Date(at) });
    const [first] = runningInstances();
    const read = async (): Promise<number> => Number(/^iotistic_mqtt_messages_published_total (\d+)$/m.exec(await (await fetch(product.metricsUrl(first?.instance.name ?? ''))).text())?.[1]);
    expect(await read()).toBe(0);
    at += 600_000;
    expect(await read()).toBeGreaterThan(0);
    expect((await fetch(product.metricsUrl('nobody'))).status).toBe(404);
    await product.close();
  });
});

describe('a request of the demo', () => {
  it('leaves nothing behind at the signal that ends them all, and ends with it', async () => {
    const server = createServer((request, response) => void (request.url === '/slow' ? undefined : response.end('{}')));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const stopping = new AbortController();
    for (let index = 0; index < 20; index += 1) expect(await send(url, {}, stopping.signal)).toEqual({ status: 200, text: '{}' });
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
    const slow = send(`${url}/slow`, {}, stopping.signal);
    expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(1);
    stopping.abort(new Error('the demo ends'));
    await expect(slow).rejects.toThrow('the demo ends');
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
});
