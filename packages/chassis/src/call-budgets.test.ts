import { createTestClock } from '@iotistic/testkit/clock';
import { findLosableRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallBudgets, type CallStore, redisCallStore } from './call-budgets.ts';
import { createLog } from './log.ts';

const log = createLog({ level: 'silent', name: 'test' });
const RULES = { perHour: 720, burst: 1_440 };

/** One number a caller, as the database keeps it. */
function memoryStore(): CallStore & { statements: number; isDown: boolean } {
  const spent = new Map<string, number>();
  return {
    statements: 0,
    isDown: false,
    spend(key, spentMs, now) {
      this.statements += 1;
      if (this.isDown) return Promise.reject(new Error('down'));
      const until = Math.max(spent.get(key) ?? 0, now.getTime()) + spentMs;
      spent.set(key, until);
      return Promise.resolve(new Date(until));
    },
    prune: () => Promise.resolve(),
  };
}

/** Calls until the first that is refused, letting the store answer in between; at most `limit`. */
async function callsLetThrough(budgets: readonly CallBudgets[], key: string, limit: number): Promise<number> {
  let through = 0;
  for (; through < limit; through += 1) {
    const budget = budgets[through % budgets.length];
    if (budget?.take(key) !== null) break;
    if (through % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return through;
}

describe('a caller', () => {
  it('makes its burst at once, then as many calls an hour as the rule says', async () => {
    const clock = createTestClock();
    const budgets = new CallBudgets(RULES, { store: memoryStore(), clock, log });
    expect(await callsLetThrough([budgets], 'a', 5_000)).toBe(1_440);
    expect(budgets.take('a')).toBe(5);
    clock.advance({ seconds: 4 });
    expect(budgets.take('a')).toBe(1);
    clock.advance({ seconds: 1 });
    expect(budgets.take('a')).toBeNull();
    expect(budgets.take('a')).toBe(5);
    clock.advance({ hours: 1 });
    expect(await callsLetThrough([budgets], 'a', 5_000)).toBe(720);
  });

  it('is limited for itself alone', async () => {
    const budgets = new CallBudgets(RULES, { store: memoryStore(), clock: createTestClock(), log });
    await callsLetThrough([budgets], 'a', 5_000);
    expect(budgets.take('b')).toBeNull();
  });

  it('who calls rarely costs no statement', () => {
    const clock = createTestClock();
    const store = memoryStore();
    const budgets = new CallBudgets(RULES, { store, clock, log });
    for (let call = 0; call < 31; call += 1) {
      budgets.take('a');
      clock.advance({ hours: 1 });
    }
    expect(store.statements).toBe(0);
  });

  it('shares one budget among all processes, to within 32 calls each', async () => {
    const clock = createTestClock();
    const store = memoryStore();
    const processes = [1, 2, 3].map(() => new CallBudgets(RULES, { store, clock, log }));
    const through = await callsLetThrough(processes, 'a', 10_000);
    expect(through).toBeGreaterThanOrEqual(1_440 - 32 * 3);
    expect(through).toBeLessThanOrEqual(1_440 + 32 * 3);
  });

  it('is limited by each process for itself while the store does not answer, and by all again afterwards', async () => {
    const clock = createTestClock();
    const store = memoryStore();
    store.isDown = true;
    const [one, two] = [1, 2].map(() => new CallBudgets(RULES, { store, clock, log })) as [CallBudgets, CallBudgets];
    expect(await callsLetThrough([one], 'a', 5_000)).toBe(1_440);
    store.isDown = false;
    clock.advance({ seconds: 5 });
    expect(one.take('a')).toBeNull();
    await waitFor(async () => {
      for (let call = 0; call < 40; call += 1) two.take('a');
      await new Promise((resolve) => setImmediate(resolve));
      expect(two.take('a')).not.toBeNull();
    });
  });

  it('has no limit where the rule is 0', () => {
    const budgets = new CallBudgets({ perHour: 0, burst: 0 }, { store: memoryStore(), clock: createTestClock(), log });
    for (let call = 0; call < 10_000; call += 1) expect(budgets.take('a')).toBeNull();
  });

  it('gains nothing by a clock that is set back', async () => {
    const clock = createTestClock();
    const budgets = new CallBudgets(RULES, { store: memoryStore(), clock, log });
    await callsLetThrough([budgets], 'a', 5_000);
    clock.set(new Date(clock.now().getTime() - 3_600_000));
    expect(budgets.take('a')).not.toBeNull();
  });
});

const losable = await findLosableRedis();
if (losable === null) process.stderr.write('no redis-server on the PATH: budgets shared over Redis are skipped\n');

describe.skipIf(losable === null)('on Redis', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(losable?.url ?? '');
  });
  afterAll(async () => {
    redis.disconnect();
    await losable?.stop();
  });

  it('one budget is shared among all processes, and forgotten when it is over', async () => {
    const clock = createTestClock();
    const store = redisCallStore(redis, 'test');
    expect(await store.spend('a', 1_500, clock.now())).toEqual(new Date(clock.now().getTime() + 1_500));
    expect(await store.spend('a', 500, clock.now())).toEqual(new Date(clock.now().getTime() + 2_000));
    clock.advance({ seconds: 10 });
    expect(await store.spend('a', 500, clock.now())).toEqual(new Date(clock.now().getTime() + 500));
    const ttl = await redis.pttl('test:a');
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(501);
  });
});
