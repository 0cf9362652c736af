import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { Redis } from 'ioredis';
import { AppError } from '@iotistic/contracts/errors';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createJobs, type Jobs } from './jobs.ts';
import { createLog, currentRequestId, withRequestId } from './log.ts';
import { type Schedule, type ScheduledWork, startSchedule } from './schedule.ts';
import { createWork, workQueueOf } from './work.ts';

const log = createLog({ level: 'silent', name: 'test' });
const redis: TestRedis | null = await findRedis();
if (redis === null) process.stderr.write('no redis-server on the PATH and no REDIS_URL: schedules on Redis are skipped\n');
afterAll(() => redis?.stop());

let gates: (() => void)[] = [];

/** A promise that is settled from outside; after its test at the latest. */
function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  gates.push(open);
  return { opened, open };
}

describe.each([['PostgreSQL'], ['Redis']] as const)('on %s', (kind) => {
  describe.skipIf(kind === 'Redis' && redis === null)('with its queues', () => {
    let database: TestDatabase;
    let jobs: Jobs;
    let schedules: Schedule[] = [];
    let others: Jobs[] = [];
    let round = 0;
    const open = (): Promise<Jobs> => createJobs({ databaseUrl: database.url, redisUrl: kind === 'Redis' ? redis?.url : undefined, log, prefix: `schedule-test-${round}` });
    const start = async (schedule: ScheduledWork[], on = jobs): Promise<Schedule> => {
      const started = await startSchedule({ subgraph: 'billing', schedule, jobs: on, log });
      schedules.push(started);
      return started;
    };
    const counting = (everyMs: number, run: (signal: AbortSignal) => Promise<unknown> = () => Promise.resolve()): ScheduledWork & { runs: number } => {
      const work = {
        name: 'count',
        everyMs,
        runs: 0,
        run(signal: AbortSignal) {
          work.runs += 1;
          return run(signal);
        },
      };
      return work;
    };

    beforeAll(async () => {
      database = await createTestDatabase({ template: 'schedule', migrate: () => Promise.resolve() });
    });
    beforeEach(async () => {
      round += 1;
      jobs = await open();
    });
    afterEach(async () => {
      for (const open of gates) open();
      gates = [];
      for (const each of [jobs, ...others]) await each.close();
      for (const schedule of schedules) await schedule.close();
      schedules = [];
      others = [];
    });
    afterAll(() => database.drop());

    it('scheduled work comes soon after the start, and then at its pace', async () => {
      const work = counting(200);
      await start([work]);
      await waitFor(() => expect(work.runs).toBeGreaterThanOrEqual(4));
    });

    it('a failure is not tried again before its time, and does not end what comes after', async () => {
      const work = counting(300, () => Promise.reject(new Error('not today')));
      const startedAt = performance.now();
      await start([work]);
      await waitFor(() => expect(work.runs).toBeGreaterThanOrEqual(3));
      expect(work.runs).toBeLessThanOrEqual((performance.now() - startedAt) / 300 + 2);
    });

    it('two processes run one at a time', async () => {
      let running = 0;
      let most = 0;
      const { opened, open: release } = gate();
      const run = async (): Promise<void> => {
        running += 1;
        most = Math.max(most, running);
        await opened;
        running -= 1;
      };
      const [first, second] = [counting(100, run), counting(100, run)];
      const other = await open();
      others.push(other);
      await start([first]);
      await start([second], other);
      await waitFor(() => expect(first.runs + second.runs).toBe(1));
      // The second one's first run waits.
      await waitFor(async () => expect((await jobs.counts('billing-schedule')).waiting).toBeGreaterThan(0));
      release();
      await waitFor(() => expect(first.runs + second.runs).toBeGreaterThan(3));
      expect(most).toBe(1);
    });

    it('work that is no longer in the schedule ends, also when nothing else is', async () => {
      const { opened, open: release } = gate();
      const work = counting(100, () => opened);
      await start([work]);
      await waitFor(() => expect(work.runs).toBe(1));
      // One runs; that of a second process waits for it.
      const other = await open();
      await start([counting(100)], other);
      await waitFor(async () => expect((await jobs.counts('billing-schedule')).waiting).toBeGreaterThan(0));
      await other.close();
      const closed = jobs.close();
      release();
      await closed;
      jobs = await open();
      expect((await jobs.counts('billing-schedule')).waiting).toBeGreaterThan(0);
      await start([]);
      await waitFor(async () => expect(await jobs.counts('billing-schedule')).toMatchObject({ waiting: 0, active: 0, delayed: 0 }));
      expect(work.runs).toBe(1);
    });

    it('a restart runs it once, and keeps the next time of what takes long to come', async () => {
      const daily = counting(86_400_000);
      await start([daily]);
      await waitFor(async () => expect([daily.runs, await jobs.counts('billing-schedule')]).toMatchObject([1, { active: 0, delayed: 1 }]));
      await jobs.close();
      jobs = await open();
      await start([daily]);
      await waitFor(async () => expect([daily.runs, await jobs.counts('billing-schedule')]).toMatchObject([2, { waiting: 0, active: 0, delayed: 1 }]));
    });

    it('runNow waits for the run that is under way, and then runs all once more, in order', async () => {
      const seen: string[] = [];
      const { opened, open: release } = gate();
      const slow: ScheduledWork = {
        name: 'slow',
        everyMs: 86_400_000,
        async run() {
          seen.push('slow begins');
          if (seen.length === 1) await opened;
          seen.push('slow ends');
        },
      };
      const failing: ScheduledWork = { name: 'failing', everyMs: 86_400_000, run: () => Promise.reject(new Error('not today')) };
      const quick: ScheduledWork = { name: 'quick', everyMs: 86_400_000, run: () => Promise.resolve(seen.push('quick')) };
      const schedule = await start([slow, failing, quick]);
      await waitFor(() => expect(seen).toContain('slow begins'));
      const now = schedule.runNow();
      release();
      await now;
      expect(seen.filter((word) => word !== 'quick').slice(0, 4)).toEqual(['slow begins', 'slow ends', 'slow begins', 'slow ends']);
      expect(seen).toContain('quick');
    });

    it('closing tells the run that is under way, and waits for it', async () => {
      let ended = false;
      const begun = gate();
      const work = counting(86_400_000, async (signal) => {
        begun.open();
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        ended = true;
      });
      await start([work]);
      await begun.opened;
      await jobs.close();
      expect(ended).toBe(true);
    });

    const onlyOn = (wanted: string): typeof it | (() => void) => (kind === wanted ? it : () => undefined);
    onlyOn('Redis')('a queue that was flushed has its schedule again', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      const work = counting(200);
      await start([work]);
      await waitFor(() => expect(work.runs).toBeGreaterThan(0));
      const connection = new Redis(redis?.url ?? '');
      await connection.flushall();
      connection.disconnect();
      const before = work.runs;
      await waitFor(async () => {
        vi.advanceTimersByTime(60_000);
        expect(work.runs).toBeGreaterThan(before + 1);
      });
      vi.useRealTimers();
    });

    it('work that was added is done as part of the request that added it, once for each id', async () => {
      const done: unknown[] = [];
      const work = createWork({ subgraph: 'billing', jobs });
      work.start({ greet: { run: (data) => Promise.resolve(void done.push([data, currentRequestId()])) } });
      await withRequestId('req_1', () => work.add('greet', 'one', { name: 'Ada' }));
      await work.add('greet', 'one', { name: 'Eve' });
      await work.add('greet', 'two', { name: 'Bob' });
      await waitFor(async () => expect(await jobs.counts(workQueueOf('billing', 'greet'))).toMatchObject({ completed: 2 }));
      expect(done).toHaveLength(2);
      expect(done).toContainEqual([{ name: 'Ada' }, 'req_1']);
    });

    it('work that fails is tried again, and stops where that cannot help', async () => {
      const tried: string[] = [];
      const work = createWork({ subgraph: 'billing', jobs });
      const attempt = (word: string, error: Error): Promise<void> => {
        tried.push(word);
        return tried.filter((other) => other === word).length < 3 ? Promise.reject(error) : Promise.resolve();
      };
      work.start({
        flaky: { run: () => attempt('flaky', new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE')) },
        hopeless: { concurrency: 1, run: () => attempt('hopeless', new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND')) },
      });
      await work.add('flaky', 'a', {});
      await work.add('hopeless', 'a', {});
      await waitFor(async () => expect(await jobs.counts(workQueueOf('billing', 'flaky'))).toMatchObject({ completed: 1 }));
      await waitFor(async () => expect((await jobs.counts(workQueueOf('billing', 'hopeless'))).failed).toBe(1));
      expect(tried.toSorted()).toEqual(['flaky', 'flaky', 'flaky', 'hopeless']);
    });

    it('work of a name that nobody does is refused at once', async () => {
      const work = createWork({ subgraph: 'billing', jobs });
      await expect(work.add('nothing', 'a', {})).rejects.toThrow('billing has no work of the name nothing');
    });
  });
});
