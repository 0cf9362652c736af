import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPostgresLive, createRedisLive, type Live } from './live.ts';
import { createLog } from './log.ts';
import { createPgListener } from './pg-listener.ts';

const log = createLog({ level: 'silent', name: 'test' });
const redis = await findRedis();
/** Ours alone, so that it may be stopped. */
const hangable = await findRedis({ PATH: process.env['PATH'] });
if (redis === null) process.stderr.write('no redis-server on the PATH and no REDIS_URL: the live bus on Redis is skipped\n');
afterAll(() => Promise.all([redis?.stop(), hangable?.stop()]));

describe.each([['PostgreSQL'], ['Redis']] as const)('the live bus on %s', (kind) => {
  describe.skipIf(kind === 'Redis' && redis === null)('between two processes', () => {
    let database: TestDatabase;
    let pool: pg.Pool;
    const buses: Live[] = [];
    const listeners: { close(): Promise<void> }[] = [];

    beforeAll(async () => {
      database = await createTestDatabase({ template: 'empty', migrate: () => Promise.resolve() });
      pool = new pg.Pool({ connectionString: database.url, max: 2 });
      pool.on('error', () => undefined);
      for (let index = 0; index < 2; index += 1) {
        if (kind === 'Redis') {
          buses.push(await createRedisLive({ url: redis?.url ?? '', log }));
        } else {
          const listener = await createPgListener({ url: database.url, log });
          listeners.push(listener);
          buses.push(await createPostgresLive({ pool, listener, log }));
        }
      }
    });
    afterAll(async () => {
      for (const bus of buses) await bus.close();
      for (const listener of listeners) await listener.close();
      await pool.end();
      await database.drop();
    });

    it('a message is heard here and there, once each, in order, by its topic alone', async () => {
      const [here, there] = buses as [Live, Live];
      const heardHere: string[] = [];
      const heardThere: string[] = [];
      const stops = [here.subscribe('usage:cust_1', (message) => heardHere.push(message)), there.subscribe('usage:cust_1', (message) => heardThere.push(message)), there.subscribe('usage:cust_2', () => heardThere.push('foreign'))];
      for (const message of ['one', 'two', 'three']) await here.publish('usage:cust_1', message);
      await waitFor(() => expect(heardThere).toEqual(['one', 'two', 'three']));
      expect(heardHere).toEqual(['one', 'two', 'three']);
      for (const stop of stops) stop();
      await here.publish('usage:cust_1', 'four');
      expect(heardHere).toHaveLength(3);
    });

    const onlyOn = (wanted: string): typeof it | (() => void) => (kind === wanted ? it : () => undefined);
    onlyOn('PostgreSQL')('after a lost connection it listens again and says that something may have been missed', async () => {
      const [here, there] = buses as [Live, Live];
      const gap = vi.fn<() => void>();
      there.onGap(gap);
      const heard: string[] = [];
      there.subscribe('usage:cust_3', (message) => heard.push(message));
      await pool.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'iotistic-listener' and datname = current_database()");
      await waitFor(() => expect(gap).toHaveBeenCalled());
      await here.publish('usage:cust_3', 'after');
      await waitFor(() => expect(heard).toEqual(['after']));
    });

    onlyOn('PostgreSQL')('a message that is too long for the bus costs no other one, and the others are told to read what they may have missed', async () => {
      const [here, there] = buses as [Live, Live];
      const gap = vi.fn<() => void>();
      const heard: string[] = [];
      const stops = [there.onGap(gap), there.subscribe('usage:cust_4', (message) => heard.push(message))];
      await Promise.all(['before', 'x'.repeat(9_000), 'after'].map((text) => here.publish('usage:cust_4', text)));
      await waitFor(() => expect(heard).toEqual(['before', 'after']));
      await waitFor(() => expect(gap).toHaveBeenCalled());
      for (const stop of stops) stop();
    });

    onlyOn('PostgreSQL')('a message that the database does not take is made up for: the others read what they may have missed', async () => {
      const listener = await createPgListener({ url: database.url, log });
      listeners.push(listener);
      let fails = true;
      const failing = { query: (...query: Parameters<pg.Pool['query']>) => (fails ? Promise.reject(new Error('too many notifications in the NOTIFY queue')) : pool.query(...query)) } as unknown as pg.Pool;
      const lossy = await createPostgresLive({ pool: failing, listener, log });
      buses.push(lossy);
      const gap = vi.fn<() => void>();
      const heard: string[] = [];
      const there = buses[1] as Live;
      const stops = [there.onGap(gap), there.subscribe('usage:cust_5', (message) => heard.push(message))];
      for (const message of ['one', 'two']) await lossy.publish('usage:cust_5', message);
      fails = false;
      await waitFor(() => expect(gap).toHaveBeenCalled());
      expect(heard).toEqual([]);
      for (const stop of stops) stop();
    });

    it('a process that starts says that the one before it may have ended between a commit and its message', async () => {
      const gap = vi.fn<() => void>();
      const stop = (buses[0] as Live).onGap(gap);
      if (kind === 'Redis') {
        buses.push(await createRedisLive({ url: redis?.url ?? '', log }));
      } else {
        const listener = await createPgListener({ url: database.url, log });
        listeners.push(listener);
        buses.push(await createPostgresLive({ pool, listener, log }));
      }
      await waitFor(() => expect(gap).toHaveBeenCalled());
      stop();
    });

    onlyOn('Redis')('when its connections are cut, it says so once it hears again, and nothing is lost after that', async () => {
      const [here, there] = buses as [Live, Live];
      const operator = new Redis(redis?.url ?? '');
      for (let round = 0; round < 5; round += 1) {
        const told: string[] = [];
        const stops: (() => void)[] = [];
        const heard = new Promise<void>((resolve) => {
          // Who reads at the gap relies on hearing of all that is published from then on.
          stops.push(there.onGap(() => void operator.publish('iotistic_live', JSON.stringify(['another', ['usage:cust_6', `after ${round}`]])).then(() => resolve())));
        });
        stops.push(there.subscribe('usage:cust_6', (message) => told.push(message)));
        await operator.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await heard;
        await waitFor(() => expect(told).toContain(`after ${round}`));
        for (const stop of stops) stop();
      }
      const heard: string[] = [];
      there.subscribe('usage:cust_7', (message) => heard.push(message));
      await operator.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await waitFor(async () => {
        await here.publish('usage:cust_7', 'again');
        expect(heard).toContain('again');
      });
      operator.disconnect();
    });

    (hangable === null ? () => undefined : onlyOn('Redis'))('when Redis hangs, what was published meanwhile arrives, or is said to be missed', async () => {
      const { url } = hangable as TestRedis;
      const [here, there] = [await createRedisLive({ url, log }), await createRedisLive({ url, log })];
      const heard: string[] = [];
      there.subscribe('usage:cust_8', (message) => heard.push(message));
      const operator = new Redis(url);
      const pid = Number(/process_id:(\d+)/.exec(await operator.info('server'))?.[1]);
      const gap = vi.fn<() => void>();
      there.onGap(gap);
      process.kill(pid, 'SIGSTOP');
      // Resolves when it is given up.
      await here.publish('usage:cust_8', 'meanwhile');
      expect(heard).toEqual([]);
      process.kill(pid, 'SIGCONT');
      await waitFor(() => expect(heard.includes('meanwhile') || gap.mock.calls.length > 0).toBe(true));
      operator.disconnect();
      await Promise.all([here.close(), there.close()]);
    });
  });
});
