import { createTestClock } from '@iotistic/testkit/clock';
import { createMetrics } from '@iotistic/chassis/metrics';
import { describe, expect, it } from 'vitest';
import type { ReportRow } from '../repository/reports.ts';
import { UsageFeed } from './usage-feed.ts';

const MAX_WAITING = 50_000;
const clock = createTestClock('2026-11-20T12:00:00.000Z');

/** A feed over reports that are all there, or cannot be read for a while. */
function openFeed(instanceId: string | null = null) {
  const metrics = createMetrics();
  const database = { isAway: false };
  const load = (id: string): Promise<ReportRow> => (database.isAway ? Promise.reject(new Error('away')) : Promise.resolve({ id, instanceId: `inst_${Number(id.slice(5)) % 2}`, receivedAt: clock.now() } as ReportRow));
  const app = { clock, metrics, db: null, log: null, loaders: { report: { load } } } as unknown as ConstructorParameters<typeof UsageFeed>[0];
  return { feed: new UsageFeed(app, { customerId: 'cust_1', instanceId, after: null }), database, metrics };
}

const idsFrom = (first: number, count: number): string[] => Array.from({ length: count }, (_none, index) => `rept_${first + index}`);

async function readAll(feed: UsageFeed): Promise<{ ids: string[]; missed: number }> {
  const ids: string[] = [];
  let missed = 0;
  for (let page = await feed.read(); page !== null; page = await feed.read()) {
    for (const { value, mark } of page) {
      ids.push(value?.id ?? '');
      missed += mark.missed ?? 0;
    }
  }
  return { ids, missed };
}

describe('a feed whose reader is slow', () => {
  it('keeps what is announced, by id, and gives it in order', async () => {
    const { feed } = openFeed();
    for (let first = 0; first < MAX_WAITING; first += 200) feed.hear(idsFrom(first, 200));
    expect(await readAll(feed)).toEqual({ ids: idsFrom(0, MAX_WAITING), missed: 0 });
  });

  it('beyond its bound leaves out the oldest, and says with the next report exactly how many', async () => {
    const { feed, metrics } = openFeed();
    const count = MAX_WAITING + 12_345;
    for (let first = 0; first < count; first += 5) feed.hear(idsFrom(first, 5));
    const [first] = (await feed.read()) ?? [];
    expect(first).toMatchObject({ value: { id: 'rept_12345' }, mark: { missed: 12_345 } });
    const { ids, missed } = await readAll(feed);
    expect([ids.at(-1), missed]).toEqual([`rept_${count - 1}`, 0]);
    expect(await metrics.text()).toContain('iotistic_usage_live_missed_total 12345');
  });

  it('accounts for each while it reads and more comes: what it saw and what it missed are what was announced', async () => {
    const { feed } = openFeed();
    let announced = 0;
    let seen = 0;
    let missed = 0;
    const count = (page: Awaited<ReturnType<UsageFeed['read']>>): void => {
      seen += page?.length ?? 0;
      for (const { mark } of page ?? []) missed += mark.missed ?? 0;
    };
    for (let round = 0; round < 800; round += 1) {
      feed.hear(idsFrom(announced, 200));
      announced += 200;
      count(await feed.read());
    }
    for (let page = await feed.read(); page !== null; page = await feed.read()) count(page);
    expect(missed).toBeGreaterThan(0);
    expect(seen + missed).toBe(announced);
  });

  it('gives each once, however often it is announced', async () => {
    const { feed } = openFeed();
    for (let round = 0; round < 3; round += 1) feed.hear(idsFrom(0, 300));
    expect((await readAll(feed)).ids).toEqual(idsFrom(0, 300));
  });

  it('loses nothing by a database that is away for a while', async () => {
    const { feed, database } = openFeed();
    feed.hear(idsFrom(0, 150));
    await feed.read();
    database.isAway = true;
    await expect(feed.read()).rejects.toThrow('away');
    feed.hear(idsFrom(150, 10));
    database.isAway = false;
    expect((await readAll(feed)).ids).toEqual(idsFrom(100, 60));
  });

  it('of one instance goes past the pages of others', async () => {
    const { feed } = openFeed('inst_1');
    feed.hear(idsFrom(0, 1_000));
    expect((await readAll(feed)).ids).toEqual(idsFrom(0, 1_000).filter((_id, index) => index % 2 === 1));
  });
});
