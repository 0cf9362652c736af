import { setImmediate as nextTick } from 'node:timers/promises';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { waitFor } from '@iotistic/testkit/wait';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createExclusive, type Exclusive } from './exclusive.ts';
import { createLog } from './log.ts';
import { migrateSchema } from './migrate.ts';

const log = createLog({ level: 'silent', name: 'test' });
const BUSY = { code: 'UNAVAILABLE', reason: 'BUSY' };
let database: TestDatabase;
let admin: pg.Pool;
/** Two processes of one subgraph, and one of another. */
let one: Exclusive;
let two: Exclusive;
let foreign: Exclusive;

beforeAll(async () => {
  database = await createTestDatabase({
    template: 'exclusive',
    migrate: async (url) => {
      for (const schema of ['billing', 'usage']) await migrateSchema({ url, schema, migrations: {}, log });
    },
  });
  admin = new pg.Pool({ connectionString: database.url, max: 1 });
});
beforeEach(() => {
  one = createExclusive({ url: database.url, schema: 'billing', log });
  two = createExclusive({ url: database.url, schema: 'billing', log });
  foreign = createExclusive({ url: database.url, schema: 'usage', log });
});
afterEach(async () => {
  for (const each of [one, two, foreign]) await each.close();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** Work that runs until it is told to end. */
function work(): { begun: Promise<void>; end(): void; run(): Promise<string> } {
  let end = (): void => undefined;
  let begin = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    begun,
    end,
    run: () => {
      begin();
      return ended.then(() => 'done');
    },
  };
}

async function locks(): Promise<number> {
  const { rows } = await admin.query<{ count: string }>("select count(*) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())");
  return Number(rows[0]?.count);
}

async function connections(): Promise<number> {
  const { rows } = await admin.query<{ count: string }>("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'iotistic-billing'");
  return Number(rows[0]?.count);
}

describe('exclusive work', () => {
  it('never runs twice at once for a key, over all processes, and all of it runs', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const step = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      runs += 1;
    };
    await Promise.all(Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? one : two).run('cust_1', step)));
    expect([most, runs, await locks()]).toEqual([1, 60, 0]);
  });

  it('runs at once for different keys, and for the same key of another subgraph', async () => {
    const [first, second, third] = [work(), work(), work()];
    const results = [one.run('cust_1', first.run), two.run('cust_2', second.run), foreign.run('cust_1', third.run)];
    await Promise.all([first.begun, second.begun, third.begun]);
    for (const each of [first, second, third]) each.end();
    expect(await Promise.all(results)).toEqual(['done', 'done', 'done']);
  });

  it('of one process is done in the order in which it came', async () => {
    const seen: number[] = [];
    await Promise.all([1, 2, 3, 4, 5].map((number) => one.run('cust_1', () => Promise.resolve(seen.push(number)))));
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('that throws leaves the key free', async () => {
    await expect(one.run('cust_1', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await locks()).toBe(0);
    expect(await two.run('cust_1', () => Promise.resolve('done'), { waitMs: 0 })).toBe('done');
  });

  it.each([['this process', (): Exclusive => one], ['another process', (): Exclusive => two]])('is refused as BUSY when the one of %s takes too long', async (_name, other) => {
    const slow = work();
    const first = one.run('cust_1', slow.run);
    await slow.begun;
    await expect(other().run('cust_1', () => Promise.resolve(), { waitMs: 30 })).rejects.toMatchObject(BUSY);
    await expect(other().run('cust_1', () => Promise.resolve(), { waitMs: 0 })).rejects.toMatchObject(BUSY);
    slow.end();
    await first;
    expect(await other().run('cust_1', () => Promise.resolve('done'))).toBe('done');
  });

  it('costs six connections at most, and one for a key however many wait', async () => {
    const slow = work();
    const sameKey = Array.from({ length: 40 }, () => one.run('cust_1', slow.run));
    await slow.begun;
    expect(await connections()).toBe(1);
    const keys = Array.from({ length: 40 }, work).map((each, index) => ({ ...each, result: one.run(`cust_${index + 2}`, each.run) }));
    await Promise.all(keys.slice(0, 5).map(({ begun }) => begun));
    expect(await connections()).toBe(6);
    for (const each of [slow, ...keys]) each.end();
    await Promise.all([...sameKey, ...keys.map(({ result }) => result)]);
    expect(await locks()).toBe(0);
  });

  it('outlives a connection that is lost, after which others may begin', async () => {
    const slow = work();
    const first = one.run('cust_1', slow.run);
    await slow.begun;
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'iotistic-billing'");
    await waitFor(async () => expect(await two.run('cust_1', () => Promise.resolve('done'), { waitMs: 1_000 })).toBe('done'));
    slow.end();
    expect(await first).toBe('done');
    expect(await one.run('cust_1', () => Promise.resolve('done'))).toBe('done');
  });

  it('is waited for when its process stops, and who stands in line is sent home', async () => {
    const slow = work();
    const first = one.run('cust_1', slow.run);
    await slow.begun;
    const reasonOf = (result: Promise<unknown>): Promise<unknown> => result.catch((error: { reason: unknown }) => error.reason);
    const here = reasonOf(one.run('cust_1', () => Promise.resolve()));
    const there = reasonOf(two.run('cust_1', () => Promise.resolve()));
    await waitFor(async () => expect(await connections()).toBe(2));
    await two.close();
    expect(await there).toBe('SHUTTING_DOWN');
    const closed = one.close();
    expect(await here).toBe('SHUTTING_DOWN');
    slow.end();
    expect(await first).toBe('done');
    await closed;
    await expect(one.run('cust_2', () => Promise.resolve())).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
  });

  it('waits for nobody who was still on the way to the line', async () => {
    const slow = work();
    const first = one.run('cust_1', slow.run);
    await slow.begun;
    for (const ticks of [0, 1, 2, 4, 8, 16]) {
      const late = createExclusive({ url: database.url, schema: 'billing', log });
      const there = late.run('cust_1', () => Promise.resolve()).catch((error: { reason: unknown }) => error.reason);
      for (let tick = 0; tick < ticks; tick += 1) await nextTick();
      await late.close();
      expect(await there).toBe('SHUTTING_DOWN');
    }
    slow.end();
    expect(await first).toBe('done');
  });
});
