import { describe, expect, it } from 'vitest';
import { FairRounds, type Round } from './fair-rounds.ts';

/** Work of which those that begin with `bad` never succeed. */
function workOn(keys: string[], tried: string[] = []): Round<string> & { left: Set<string>; tried: string[] } {
  const left = new Set(keys);
  return {
    left,
    tried,
    limit: 3,
    list: (standingBack, limit) => Promise.resolve([...left].filter((key) => !standingBack.includes(key)).slice(0, limit)),
    keyOf: (key) => key,
    each(key) {
      tried.push(key);
      if (key.startsWith('bad')) return Promise.reject(new Error('for ever'));
      if (key.startsWith('pending')) return Promise.resolve('stays');
      left.delete(key);
      return Promise.resolve();
    },
    failed: () => undefined,
  };
}

describe('a list that is longer than one run', () => {
  it.each([['fail for ever', 'bad'], ['stay in it', 'pending']])('comes to its end, however many at its front %s', async (_, prefix) => {
    const work = workOn([...Array.from({ length: 10 }, (_none, n) => `${prefix}${n}`), 'good1', 'good2', 'good3']);
    const rounds = new FairRounds();
    for (let run = 0; run < 5; run += 1) await rounds.run(work);
    expect(work.left).toEqual(new Set(Array.from({ length: 10 }, (_none, n) => `${prefix}${n}`)));
  });

  it('is worked on in its order, and what failed comes again as soon as all had their turn', async () => {
    const work = workOn(['bad1', 'good1', 'good2', 'good3']);
    const rounds = new FairRounds();
    for (let run = 0; run < 4; run += 1) await rounds.run(work);
    expect(work.tried).toEqual(['bad1', 'good1', 'good2', 'good3', 'bad1', 'bad1']);
  });

  it('that fits into a run is tried whole in each', async () => {
    const work = workOn(['bad1', 'bad2']);
    const rounds = new FairRounds();
    for (let run = 0; run < 3; run += 1) expect(await rounds.run(work)).toBe(2);
  });

  it('is left when the process is about to end', async () => {
    const ending = new AbortController();
    ending.abort();
    expect(await new FairRounds().run({ ...workOn(['good1']), signal: ending.signal })).toBe(0);
  });
});
