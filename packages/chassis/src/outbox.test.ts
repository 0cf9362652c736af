import type { EventPayload } from '@iotistic/contracts/events';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '@iotistic/contracts/errors';
import { waitFor } from '@iotistic/testkit/wait';
import { type Database, openDatabase } from './database.ts';
import { startInbox } from './inbox.ts';
import { createJobs, type Jobs } from './jobs.ts';
import { createLog, currentRequestId, withRequestId } from './log.ts';
import { createEventTables, migrateSchema } from './migrate.ts';
import { type EventTables, publish } from './outbox.ts';
import { createPgListener, type PgListener } from './pg-listener.ts';
import { Relay } from './relay.ts';

const log = createLog({ level: 'silent', name: 'test' });
const clock = createTestClock();
const migrations = { '0001_initial': { up: createEventTables } };
const redis: TestRedis | null = await findRedis();
if (redis === null) process.stderr.write('no redis-server on the PATH and no REDIS_URL: events on Redis are skipped\n');
afterAll(() => redis?.stop());

type SignedUp = EventPayload<'customer.signed_up'>;
const signUp = (customerId: string): SignedUp => ({ customerId, email: 'a@example.com', companyName: null, fullName: null, createdAt: '2026-11-20T12:00:00.000Z', updatedAt: '2026-11-20T12:00:00.000Z' });

describe.each([['PostgreSQL'], ['Redis']] as const)('events on %s', (kind) => {
  describe.skipIf(kind === 'Redis' && redis === null)('with their queue', () => {
    let database: TestDatabase;
    let customers: Database<EventTables>;
    let billing: Database<EventTables>;
    let listener: PgListener;
    let jobs: Jobs;
    let handled: string[] = [];
    let handle: (payload: SignedUp) => Promise<unknown> = () => Promise.resolve();
    const closing: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      database = await createTestDatabase({
        template: 'outbox',
        migrate: async (url) => {
          for (const schema of ['customers', 'billing']) await migrateSchema({ url, schema, migrations, log });
        },
      });
      customers = openDatabase({ url: database.url, schema: 'customers', log });
      billing = openDatabase({ url: database.url, schema: 'billing', log });
      listener = await createPgListener({ url: database.url, log });
      jobs = await createJobs({ databaseUrl: database.url, redisUrl: kind === 'Redis' ? redis?.url : undefined, log, prefix: 'outbox-test' });
      const relay = await Relay.start({ publisher: 'customers', db: customers.db, jobs, listener, clock, log });
      startInbox({
        reader: 'billing',
        handlers: {
          'customer.signed_up': async (payload) => {
            handled.push(`${payload.customerId} ${currentRequestId()}`);
            await handle(payload);
          },
          'customer.updated': () => Promise.resolve(),
          'customer.deactivated': () => Promise.resolve(),
          'usage.recorded': () => Promise.resolve(),
          'license.revoked': () => Promise.resolve(),
          'deployment.changed': () => Promise.resolve(),
          'usage.alert_raised': () => Promise.resolve(),
          'usage.anomaly_raised': () => Promise.resolve(),
        },
        db: billing.db,
        jobs,
        clock,
        log,
        relay: { answer: () => Promise.resolve() },
      });
      closing.push(() => relay.close(), () => jobs.close(), () => listener.close(), () => customers.close(), () => billing.close(), () => database.drop());
    });
    afterAll(async () => {
      for (const close of closing) await close();
    });
    afterEach(() => {
      handled = [];
      handle = () => Promise.resolve();
    });

    const announce = (customerId: string): Promise<void> => withRequestId(`req-${customerId}`, () => customers.db.transaction().execute((tx) => publish(tx, 'customers', 'customer.signed_up', signUp(customerId), clock.now())));
    const inboxSize = async (): Promise<number> => (await billing.db.selectFrom('inbox').selectAll().execute()).length;

    it('an event is heard once, with the id of the request that caused it', async () => {
      await announce('cust_a');
      await waitFor(() => expect(handled).toEqual(['cust_a req-cust_a']));
    });

    it('an event of a transaction that was rolled back is never heard', async () => {
      const attempt = customers.db.transaction().execute(async (tx) => {
        await publish(tx, 'customers', 'customer.signed_up', signUp('cust_never'), clock.now());
        throw new Error('rolled back');
      });
      await expect(attempt).rejects.toThrow('rolled back');
      await announce('cust_after');
      await waitFor(() => expect(handled).toEqual(['cust_after req-cust_after']));
    });

    it('a handler that fails is tried again until it succeeds', async () => {
      let failures = 2;
      handle = () => (failures-- > 0 ? Promise.reject(new Error('not yet')) : Promise.resolve());
      const before = await inboxSize();
      await announce('cust_retry');
      await waitFor(async () => expect(await inboxSize()).toBe(before + 1));
      expect(handled).toHaveLength(3);
    });

    it('a handler that says trying again cannot help is not tried again', async () => {
      handle = () => Promise.reject(new AppError('INVALID_INPUT', 'INVALID_NAME'));
      await announce('cust_stop');
      await waitFor(async () => expect((await jobs.counts('billing-events')).failed).toBeGreaterThan(0));
      expect(handled).toHaveLength(1);
    });

    it('an event that was handled is not handled again when its job comes back', async () => {
      const before = await inboxSize();
      await announce('cust_again');
      await waitFor(async () => expect(await inboxSize()).toBe(before + 1));
      const { id } = await customers.db.selectFrom('outbox').select('id').orderBy('position', 'desc').limit(1).executeTakeFirstOrThrow();
      handled = [];
      const completed = (await jobs.counts('billing-events')).completed;
      await jobs.add('billing-events', [{ name: 'customer.signed_up', id: `${id}-again`, data: { id, name: 'customer.signed_up', payload: signUp('cust_again'), requestId: 'req-x' } }]);
      await waitFor(async () => expect((await jobs.counts('billing-events')).completed).toBeGreaterThan(completed));
      expect(handled).toEqual([]);
    });
  });
});
