import type { EventPayload } from '@iotistic/contracts/events';
import { createTestClock } from '@iotistic/testkit/clock';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findLosableRedis, type LosableRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { type EventHandlers, startInbox } from './inbox.ts';
import { createJobs, type Jobs, stopTrying } from './jobs.ts';
import { createLog } from './log.ts';
import { createEventTables, migrateSchema } from './migrate.ts';
import { type EventTables, publish } from './outbox.ts';
import { createPgListener, type PgListener } from './pg-listener.ts';
import { Relay } from './relay.ts';

const log = createLog({ level: 'silent', name: 'test' });
const clock = createTestClock();
const migrations = { '0001_initial': { up: createEventTables } };
const losable: LosableRedis | null = await findLosableRedis();
if (losable === null) process.stderr.write('no redis-server on the PATH: the relay on Redis is skipped\n');
afterAll(() => losable?.stop());

type SignedUp = EventPayload<'customer.signed_up'>;
const signUp = (customerId: string): SignedUp => ({ customerId, email: 'a@example.com', companyName: null, fullName: null, createdAt: '2026-11-20T12:00:00.000Z', updatedAt: '2026-11-20T12:00:00.000Z' });

/** What a relay does at the queues' backend, in its words. */
type Call = 'add' | 'read' | 'raise' | 'renew';
type Moment = 'before' | 'after';

/** The same queues, seen and disturbed around each call. */
function watched(jobs: Jobs, seen: (call: Call, moment: Moment) => Promise<void> | void, added: (queue: string, ids: string[]) => void = () => undefined): Jobs {
  const around = async <R>(call: Call, work: () => Promise<R>): Promise<R> => {
    await seen(call, 'before');
    const result = await work();
    await seen(call, 'after');
    return result;
  };
  const { marks } = jobs;
  return {
    ...jobs,
    add(queue, list) {
      added(queue, list.map(({ id }) => id));
      return around('add', () => jobs.add(queue, list));
    },
    marks: { read: (name) => around('read', () => marks.read(name)), raise: (name, mark) => around('raise', () => marks.raise(name, mark)), renew: (name, epoch) => around('renew', () => marks.renew(name, epoch)) },
  };
}

describe.each([['PostgreSQL'], ['Redis']] as const)('a relay with its queues on %s', (kind) => {
  describe.skipIf(kind === 'Redis' && losable === null)('hands on each event', () => {
    const redisUrl = kind === 'Redis' ? losable?.url : undefined;
    let database: TestDatabase;
    let customers: Database<EventTables>;
    let billing: Database<EventTables>;
    let listener: PgListener;
    let admin: pg.Pool;
    /** Of the relays, and of the readers: two processes. */
    let jobs: Jobs;
    let readersJobs: Jobs;
    let handled: string[] = [];
    let handle: (customerId: string) => Promise<unknown> = () => Promise.resolve();
    let added: string[] = [];
    let relays: Relay[] = [];

    beforeAll(async () => {
      database = await createTestDatabase({
        template: 'relay',
        migrate: async (url) => {
          for (const schema of ['customers', 'billing']) await migrateSchema({ url, schema, migrations, log });
        },
      });
      admin = new pg.Pool({ connectionString: database.url, max: 2 });
      admin.on('error', () => undefined);
      customers = openDatabase({ url: database.url, schema: 'customers', log });
      billing = openDatabase({ url: database.url, schema: 'billing', log });
      listener = await createPgListener({ url: database.url, log });
    });
    afterAll(async () => {
      for (const close of [() => listener.close(), () => customers.close(), () => billing.close(), () => admin.end(), () => database.drop()]) await close();
    });
    beforeEach(async () => {
      [handled, added, relays] = [[], [], []];
      handle = () => Promise.resolve();
      await loseQueues();
      await admin.query('truncate customers.outbox, customers.relay_state, customers.relay_catch_ups, billing.inbox');
      jobs = await createJobs({ databaseUrl: database.url, redisUrl, log });
      readersJobs = await createJobs({ databaseUrl: database.url, redisUrl, log });
    });
    afterEach(async () => {
      handle = () => Promise.resolve();
      await Promise.all(relays.map((relay) => relay.close()));
      await Promise.all([jobs.close(), readersJobs.close()]);
    });

    /** All of what the backend has, at once. */
    async function loseQueues(): Promise<void> {
      if (redisUrl === undefined) {
        // Work that is at it may hold what the statement wants, the other way around, and not only within PostgreSQL: it tries again.
        const lose = (): Promise<unknown> => admin.query("do $$ begin perform set_config('lock_timeout', '1s', true); if to_regclass('bullmq.job') is not null then truncate bullmq.job, bullmq.meta, bullmq.queue_marks cascade; end if; end $$");
        await waitFor(lose);
        return;
      }
      const connection = new Redis(redisUrl);
      await connection.flushall();
      connection.disconnect();
    }
    const count = (queue: string, ids: string[]): void => void added.push(...ids.map((id) => `${queue} ${id}`));
    async function startRelay(seen: (call: Call, moment: Moment) => Promise<void> | void = () => undefined): Promise<Relay> {
      const relay = await Relay.start({ publisher: 'customers', db: customers.db, jobs: watched(jobs, seen, count), listener, clock, log });
      relays.push(relay);
      return relay;
    }
    function startReaders(seen: (call: Call, moment: Moment) => Promise<void> | void = () => undefined): void {
      const readers = watched(readersJobs, seen, count);
      const nothing = { relay: { answer: () => Promise.resolve() }, jobs: readers, clock, log };
      startInbox({ reader: 'billing', db: billing.db, ...nothing, handlers: { 'customer.signed_up': ({ customerId }: SignedUp) => handle(customerId).then(() => handled.push(customerId)) } as unknown as EventHandlers<'billing'> });
      startInbox({ reader: 'customers', db: customers.db, ...nothing, handlers: {} as EventHandlers<'customers'>, relay: { answer: (answer) => relayNow().answer(answer) } });
    }
    /** The one that lives, as after a restart. */
    const relayNow = (): Relay => relays.at(-1) as Relay;
    const announce = (customerId: string): Promise<void> => customers.db.transaction().execute((tx) => publish(tx, 'customers', 'customer.signed_up', signUp(customerId), clock.now()));
    const announceAll = async (prefix: string, count: number): Promise<string[]> => {
      const ids = Array.from({ length: count }, (_, n) => `${prefix}${n}`);
      for (const id of ids) await announce(id);
      return ids;
    };
    const eventJobs = (): string[] => added.filter((entry) => entry.includes(' evnt_'));
    const inboxSize = async (): Promise<number> => Number((await admin.query('select count(*) from billing.inbox')).rows[0].count);
    const catchUps = async (): Promise<number> => Number((await admin.query('select count(*) from customers.relay_catch_ups')).rows[0].count);
    const unrelayed = async (): Promise<number> => Number((await admin.query('select count(*) from customers.outbox where relayed_at is null')).rows[0].count);
    /** Time passes: what relays do every so many seconds is done now. */
    async function pass(): Promise<void> {
      for (const relay of relays) {
        await relay.check().catch(() => undefined);
        await relay.drain().catch(() => undefined);
      }
    }
    async function untilQuiet(customerIds: readonly string[]): Promise<void> {
      await waitFor(async () => {
        await pass();
        expect(await unrelayed()).toBe(0);
        expect(await catchUps()).toBe(0);
        expect(new Set(handled)).toEqual(new Set(customerIds));
        expect(await inboxSize()).toBe(customerIds.length);
      }, { interval: 50, timeout: 50_000 });
    }
    /** Kept events of a time before, all handled but every so many. */
    const insertKept = async (count: number, missingEvery: number): Promise<void> => {
      await admin.query(`insert into customers.outbox (id, name, payload, request_id, created_at, relayed_at)
        select 'evnt_kept' || n, 'customer.signed_up', jsonb_build_object('customerId', 'kept' || n, 'email', 'a@example.com', 'companyName', null, 'fullName', null, 'createdAt', '2026-11-20T12:00:00.000Z', 'updatedAt', '2026-11-20T12:00:00.000Z'), 'r', now(), now() from generate_series(1, $1::int) n`, [count]);
      await admin.query(`insert into billing.inbox (event_id, handled_at) select 'evnt_kept' || n, now() from generate_series(1, $1::int) n where n % $2::int <> 0`, [count, missingEvery]);
    };

    it('to each reader once, with two relays, however long they run', async () => {
      await startRelay();
      await startRelay();
      startReaders();
      const ids = await announceAll('a', 10);
      await untilQuiet(ids);
      // While the mark is made, a hand-over may be undone and done again: its jobs are the same.
      const atFirst = eventJobs().length;
      for (let minute = 0; minute < 60; minute += 1) {
        clock.advance({ minutes: 1 });
        await pass();
      }
      ids.push(...(await announceAll('b', 10)));
      await untilQuiet(ids);
      expect(eventJobs().length - atFirst).toBe(10);
      expect(new Set(eventJobs()).size).toBe(20);
      expect(handled).toHaveLength(20);
    });

    it('and a restart without traffic adds no job', async () => {
      startReaders();
      const relay = await startRelay();
      await untilQuiet(await announceAll('a', 5));
      await relay.close();
      added = [];
      for (let start = 0; start < 3; start += 1) {
        const again = await startRelay();
        await again.check();
        await again.drain();
        await again.close();
      }
      expect(added).toEqual([]);
    });

    it('also when the queues are lost while jobs wait, fail and are done, and what was handled is not handled again', async () => {
      await startRelay();
      startReaders();
      let isFailing = true;
      handle = (id) => (id.startsWith('failing') && isFailing ? Promise.reject(new Error('not yet')) : Promise.resolve());
      await announceAll('done', 5);
      await waitFor(async () => expect(await inboxSize()).toBe(5));
      const failing = await announceAll('failing', 5);
      await waitFor(async () => {
        const { delayed } = await jobs.counts('billing-events');
        expect(delayed).toBe(5);
      });
      await readersJobs.close();
      readersJobs = await createJobs({ databaseUrl: database.url, redisUrl, log });
      const waiting = await announceAll('waiting', 5);
      await waitFor(async () => {
        await pass();
        expect(await unrelayed()).toBe(0);
      });
      await loseQueues();
      isFailing = false;
      startReaders();
      await untilQuiet(['done0', 'done1', 'done2', 'done3', 'done4', ...failing, ...waiting]);
      expect(handled.filter((id) => id.startsWith('done'))).toHaveLength(5);
    });

    const moments = (['read', 'add', 'raise', 'renew'] as const).flatMap((call) => (['before', 'after'] as const).flatMap((moment) => [true, false].map((isAfterLoss) => ({ call, moment, isAfterLoss }))));

    it('also when the queues are lost at any moment of a hand-over or of what follows a loss', async () => {
      startReaders();
      const expected: string[] = [];
      let fatal: { call: Call; moment: Moment } | null = null;
      const seen = async (call: Call, moment: Moment): Promise<void> => {
        if (fatal?.call !== call || fatal.moment !== moment) return;
        fatal = null;
        await loseQueues();
      };
      await startRelay(seen);
      await startRelay(seen);
      // The mark is made again after a loss only.
      for (const { call, moment, isAfterLoss } of moments.filter((each) => each.call !== 'renew' || each.isAfterLoss)) {
        expected.push(...(await announceAll(`${moment}-${call}-${isAfterLoss}-`, 2)));
        if (isAfterLoss) await loseQueues();
        fatal = { call, moment };
        expected.push(...(await announceAll(`then-${moment}-${call}-${isAfterLoss}-`, 2)));
        await waitFor(async () => {
          await pass();
          expect(fatal).toBeNull();
        });
        await untilQuiet(expected);
      }
    });

    it('also when two relays see the loss at the same time', async () => {
      startReaders();
      await startRelay();
      await startRelay();
      const ids = await announceAll('a', 5);
      await untilQuiet(ids);
      await loseQueues();
      await billing.db.deleteFrom('inbox').execute();
      added = [];
      await Promise.all(relays.map((relay) => relay.check()));
      await untilQuiet(ids);
      expect(eventJobs()).toHaveLength(5);
      expect(handled).toHaveLength(10);
    });

    it('in pages after a loss: only what the reader has not handled, and a relay that died in between is gone on with', async () => {
      startReaders();
      const first = await startRelay();
      await first.check();
      await insertKept(3_500, 500);
      await loseQueues();
      let asks = 0;
      await first.close();
      const dying = await startRelay();
      await dying.check();
      await dying.close();
      const next = await startRelay((call, moment) => void (call === 'add' && moment === 'after' && (asks += 1)));
      await waitFor(async () => {
        await next.check();
        expect(await catchUps()).toBe(0);
        expect(await inboxSize()).toBe(3_500);
      });
      expect(new Set(handled)).toEqual(new Set([500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500].map((n) => `kept${n}`)));
      expect(eventJobs()).toHaveLength(7);
      const pages = added.filter((entry) => entry.startsWith('billing-events job_'));
      expect(pages.length).toBeGreaterThanOrEqual(4);
      expect(pages.length).toBeLessThanOrEqual(5);
    });

    it('after a loss while its reader is away: one question waits, and the next follows its answer', async () => {
      await (await startRelay()).check();
      await insertKept(2_500, 2_500);
      await loseQueues();
      added = [];
      for (let round = 0; round < 5; round += 1) await pass();
      expect(added).toHaveLength(1);
      startReaders();
      await waitFor(async () => {
        await pass();
        expect(await inboxSize()).toBe(2_500);
      });
      expect(handled).toEqual(['kept2500']);
    });

    it('to a reader of an earlier version, which does not know the question, as soon as it does', async () => {
      await (await startRelay()).check();
      await insertKept(10, 10);
      await loseQueues();
      await pass();
      const earlier = await createJobs({ databaseUrl: database.url, redisUrl, log });
      earlier.work('billing-events', () => Promise.reject(stopTrying(new Error('billing does not hear relay.ask'))));
      await waitFor(async () => expect((await jobs.counts('billing-events')).failed).toBe(1));
      await earlier.close();
      startReaders();
      await waitFor(async () => {
        await pass();
        expect(handled).toEqual(['kept10']);
      });
    });

    it('when nothing is known of what was handed on before: all is asked about, once', async () => {
      await insertKept(1_500, 300);
      startReaders();
      await startRelay();
      await waitFor(async () => {
        await pass();
        expect(await catchUps()).toBe(0);
        expect(await inboxSize()).toBe(1_500);
      });
      expect(handled).toHaveLength(5);
    });

    const onlyOn = (wanted: string): typeof it | (() => void) => (kind === wanted ? it : () => undefined);

    onlyOn('Redis')('when Redis comes back with an older snapshot', async () => {
      startReaders();
      await startRelay();
      const ids = await announceAll('a', 3);
      await untilQuiet(ids);
      await save();
      let isAway = true;
      handle = () => (isAway ? Promise.reject(new Error('not yet')) : Promise.resolve());
      ids.push(...(await announceAll('b', 3)));
      await waitFor(async () => expect((await jobs.counts('billing-events')).delayed).toBe(3));
      await losable?.killAndRestart();
      isAway = false;
      await untilQuiet(ids);
    });

    onlyOn('Redis')('when Redis is killed without a copy between the adding of a job and its mark', async () => {
      startReaders();
      let isToBeKilled = false;
      await startRelay(async (call, moment) => {
        if (!isToBeKilled || call !== 'add' || moment !== 'after') return;
        isToBeKilled = false;
        await losable?.killAndRestart();
      });
      const ids = await announceAll('a', 3);
      await untilQuiet(ids);
      // The snapshot has the mark as the relay knows it: only the end of the connection shows that the job is lost.
      await save();
      isToBeKilled = true;
      ids.push(...(await announceAll('b', 1)));
      await untilQuiet(ids);
      expect(isToBeKilled).toBe(false);
    });

    onlyOn('PostgreSQL')('when the schema of the queues is dropped under the processes that run', async () => {
      startReaders();
      await startRelay();
      const ids = await announceAll('a', 3);
      await untilQuiet(ids);
      await waitFor(() => admin.query('drop schema bullmq cascade'));
      ids.push(...(await announceAll('b', 3)));
      await untilQuiet(ids);
    });

    async function save(): Promise<void> {
      const connection = new Redis(redisUrl ?? '');
      await connection.save();
      connection.disconnect();
    }
  });
});
