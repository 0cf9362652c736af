import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createJobs, type JobAtHand, type Jobs, stopTrying } from './jobs.ts';
import { createLog } from './log.ts';

const log = createLog({ level: 'silent', name: 'test' });
const redis: TestRedis | null = await findRedis();
if (redis === null) process.stderr.write('no redis-server on the PATH and no REDIS_URL: jobs on Redis are skipped\n');
afterAll(() => redis?.stop());

describe.each([['PostgreSQL'], ['Redis']] as const)('jobs on %s', (kind) => {
  describe.skipIf(kind === 'Redis' && redis === null)('of work that takes its time', () => {
    let database: TestDatabase;
    let jobs: Jobs;
    const seen: Pick<JobAtHand, 'id' | 'attempt'>[] = [];
    // Made before the work begins: who lets go as soon as it sees the work begun is never too early.
    let letGo = (): void => undefined;
    const letGone = new Promise<void>((resolve) => (letGo = resolve));

    beforeAll(async () => {
      database = await createTestDatabase({ template: 'jobs', migrate: () => Promise.resolve() });
      jobs = await createJobs({ databaseUrl: database.url, redisUrl: kind === 'Redis' ? redis?.url : undefined, log, prefix: `jobs-test-${process.pid}` });
      jobs.work('slow', async (job) => {
        seen.push({ id: job.id, attempt: job.attempt });
        await job.progress(40);
        await job.log(`attempt ${job.attempt}`);
        if (job.id === 'held') await letGone;
        if (job.id === 'failing') throw new Error('not yet');
        if (job.id === 'hopeless') throw stopTrying(new Error('never'));
      });
    });
    afterAll(async () => {
      await jobs.close();
      await database.drop();
    });
    const add = (id: string): Promise<void> => jobs.add('slow', [{ name: 'work', id, data: {}, retry: { attempts: 2, backoffMs: 20 } }]);

    it('are pending until they are done, and are not when nobody knows them', async () => {
      expect(await jobs.isPending('slow', 'held')).toBe(false);
      await add('held');
      await waitFor(() => expect(seen).toContainEqual({ id: 'held', attempt: 1 }));
      expect(await jobs.isPending('slow', 'held')).toBe(true);
      letGo();
      await waitFor(async () => expect(await jobs.isPending('slow', 'held')).toBe(false));
    });

    it('are tried as often as they say, and no more when that cannot help', async () => {
      await add('failing');
      await add('hopeless');
      await waitFor(async () => expect((await jobs.counts('slow')).failed).toBe(2));
      expect(seen.filter(({ id }) => id === 'failing').map(({ attempt }) => attempt)).toEqual([1, 2]);
      expect(seen.filter(({ id }) => id === 'hopeless').map(({ attempt }) => attempt)).toEqual([1]);
      expect(await jobs.isPending('slow', 'failing')).toBe(false);
    });

    it('are kept by their age once they are done, never by a count, which costs more with each that is kept', async () => {
      await add('kept');
      await waitFor(async () => expect(await jobs.isPending('slow', 'kept')).toBe(false));
      const job = await jobs.boardQueue('slow').getJob('kept');
      expect(job?.opts.removeOnComplete).toEqual({ age: 3_600 });
      expect(job?.opts.removeOnFail).toEqual({ age: 30 * 86_400 });
    });

    it('are added one by one where there are few, without the tables that many at once go through', async () => {
      const addBulk = vi.spyOn(jobs.boardQueue('slow'), 'addBulk');
      await add('single');
      expect(addBulk).not.toHaveBeenCalled();
      await jobs.add('slow', ['many-1', 'many-2', 'many-3', 'many-4', 'many-5'].map((id) => ({ name: 'work', id, data: {} })));
      expect(addBulk).toHaveBeenCalledOnce();
      await waitFor(() => expect(seen.map(({ id }) => id)).toEqual(expect.arrayContaining(['single', 'many-1', 'many-2', 'many-3', 'many-4', 'many-5'])));
    });

    it('show their progress and what they say to who looks at the queue', async () => {
      const queue = jobs.boardQueue('slow');
      expect((await queue.getJob('failing'))?.progress).toBe(40);
      expect((await queue.getJobLogs('failing')).logs).toEqual(['attempt 1', 'attempt 2']);
    });
  });
});
