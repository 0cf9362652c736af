import { setImmediate as nextTick } from 'node:timers/promises';
import type { AppError } from '@iotistic/contracts/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommitGroup, type CommitGroupOptions } from './commit-group.ts';

/** A group whose commits end when the test says so. */
function openGroup(options: Partial<CommitGroupOptions<string, string>> = {}) {
  const commits: { items: readonly string[]; end(error?: Error): void }[] = [];
  let started: () => void = () => undefined;
  const group = new CommitGroup<string, string>({
    commit: (items) =>
      new Promise((resolve, reject) => {
        commits.push({ items, end: (error) => (error === undefined ? resolve(items.map((item) => `${item} stored`)) : reject(error)) });
        started();
      }),
    weigh: (item) => item.length,
    maxGroupWeight: 10,
    maxWaitingWeight: 20,
    maxInFlight: () => 1,
    ...options,
  });
  return {
    group,
    commits,
    async commitNumber(number: number) {
      while (commits[number - 1] === undefined) await new Promise<void>((resolve) => (started = resolve));
      return commits[number - 1] as (typeof commits)[number];
    },
  };
}

const UNAVAILABLE = Object.assign(new Error('gone'), { code: '57P01' });

describe('a group of calls', () => {
  it('shares a commit with all that come while another is on its way, each with its own answer', async () => {
    const { group, commits, commitNumber } = openGroup();
    const first = group.submit('a');
    const commit = await commitNumber(1);
    const others = ['b', 'c', 'd'].map((item) => group.submit(item));
    commit.end();
    expect(await first).toBe('a stored');
    (await commitNumber(2)).end();
    expect(await Promise.all(others)).toEqual(['b stored', 'c stored', 'd stored']);
    expect(commits.map(({ items }) => items)).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('takes no more than it may, in order; a call that weighs more goes alone', async () => {
    const { group, commits, commitNumber } = openGroup();
    const answers = Promise.all(['xxxxx', 'yyyyy', 'z', 'w'.repeat(12)].map((item) => group.submit(item)).map((answer) => answer.catch((error: AppError) => error.reason)));
    for (const number of [1, 2]) (await commitNumber(number)).end();
    expect(await answers).toEqual(['xxxxx stored', 'yyyyy stored', 'z stored', 'OVERLOADED']);
    const alone = group.submit('v'.repeat(25));
    (await commitNumber(3)).end();
    expect(await alone).toMatch(/stored$/);
    expect(commits.map(({ items }) => items.length)).toEqual([2, 1, 1]);
  });

  it('runs as many commits at once as it may', async () => {
    const { group, commitNumber, commits } = openGroup({ maxInFlight: () => 2, maxGroupWeight: 1 });
    const answers = ['a', 'b', 'c'].map((item) => group.submit(item));
    const [one, two] = [await commitNumber(1), await commitNumber(2)];
    expect(commits).toHaveLength(2);
    two.end();
    const three = await commitNumber(3);
    three.end();
    one.end();
    expect(await Promise.all(answers)).toEqual(['a stored', 'b stored', 'c stored']);
  });

  describe('that has patience', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
    afterEach(() => void vi.useRealTimers());
    const openPatient = (): ReturnType<typeof openGroup> => openGroup({ maxInFlight: () => 2, patienceMs: 20 });

    it('lets a second commit begin beside a first that takes longer, and none beside a quick one', async () => {
      const { group, commits, commitNumber } = openPatient();
      const first = group.submit('aa');
      const slow = await commitNumber(1);
      const second = group.submit('b');
      vi.advanceTimersByTime(19);
      await nextTick();
      expect(commits).toHaveLength(1);
      vi.advanceTimersByTime(1);
      const quick = await commitNumber(2);
      slow.end();
      await first;
      quick.end();
      expect(await second).toBe('b stored');
    });

    it('lets a second begin at once where as much waits as is on its way', async () => {
      const { group, commits, commitNumber } = openPatient();
      const answers = [group.submit('aaa')];
      const one = await commitNumber(1);
      answers.push(group.submit('b'), group.submit('c'));
      await nextTick();
      expect(commits).toHaveLength(1);
      answers.push(group.submit('d'));
      const two = await commitNumber(2);
      one.end();
      two.end();
      expect(await Promise.all(answers)).toEqual(['aaa', 'b', 'c', 'd'].map((item) => `${item} stored`));
      expect(commits.map(({ items }) => items)).toEqual([['aaa'], ['b', 'c', 'd']]);
    });

    it('waits beside the larger of two for its end, or for as much as that', async () => {
      const { group, commits, commitNumber } = openPatient();
      const answers = ['aaaa', 'bb'].map((item) => group.submit(item));
      const one = await commitNumber(1);
      answers.push(group.submit('cccccc'));
      const two = await commitNumber(2);
      answers.push(group.submit('dd'));
      one.end();
      await answers[0];
      await nextTick();
      expect(commits).toHaveLength(2);
      two.end();
      (await commitNumber(3)).end();
      expect(await answers[3]).toBe('dd stored');
    });
  });

  it('is told at once when the database is away, all of it, with no second attempt', async () => {
    const { group, commits, commitNumber } = openGroup();
    const answers = ['a', 'b'].map((item) => group.submit(item).catch((error: Error) => error.message));
    (await commitNumber(1)).end(UNAVAILABLE);
    expect(await Promise.all(answers)).toEqual(['gone', 'gone']);
    expect(commits).toHaveLength(1);
  });

  it('is halved until the call that cannot be stored is alone: the others are stored', async () => {
    const stored: string[] = [];
    const group = new CommitGroup<string, string>({
      commit: (items) => {
        if (items.includes('poison')) return Promise.reject(new Error('cannot be stored'));
        stored.push(...items);
        return Promise.resolve(items);
      },
      weigh: () => 1,
      maxGroupWeight: 100,
      maxWaitingWeight: 100,
      maxInFlight: () => 1,
    });
    const answers = await Promise.allSettled(['a', 'b', 'c', 'poison', 'd', 'e', 'f'].map((item) => group.submit(item)));
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(answers[3]).toMatchObject({ status: 'rejected', reason: { message: 'cannot be stored' } });
    expect(stored).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('that closes commits what waits and takes nothing new', async () => {
    const { group, commitNumber } = openGroup();
    const first = group.submit('a');
    const commit = await commitNumber(1);
    const second = group.submit('b');
    const closed = group.close();
    await expect(group.submit('c')).rejects.toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    commit.end();
    (await commitNumber(2)).end();
    await closed;
    expect(await Promise.all([first, second])).toEqual(['a stored', 'b stored']);
  });
});
