import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPostgresLive, createRedisLive, type Live } from './live.ts';
import { createLog } from './log.ts';
import { createPgListener } from './pg-listener.ts';

const log = createLog({ level: 'silent', name: 'test' });
const redis = await findRedis();
if (redis === null) process.stderr.write('no redis-server on the PATH and no REDIS_URL: the live bus on Redis is skipped\n');
afterAll(() => redis?.stop());

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
  });
});
