import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PulledIterator } from './pulled-iterator.ts';

/** A source that keeps its rows, and is read by pages of two. */
function openSource(rows: number[] = []) {
  const stop = vi.fn<() => void>();
  const failures: unknown[] = [];
  let position = 0;
  let reads = 0;
  let fault: Error | null = null;
  const iterator = new PulledIterator<number>({
    read() {
      reads += 1;
      if (fault !== null) return Promise.reject(fault);
      const page = rows.slice(position, position + 2);
      position += page.length;
      return Promise.resolve(page.length === 0 ? null : page);
    },
    onFailure: (error) => failures.push(error),
    onReturn: stop,
  });
  return { iterator, rows, stop, failures, reads: () => reads, fail: (error: Error | null) => (fault = error) };
}

async function take(iterator: PulledIterator<number>, count: number): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < count) taken.push((await iterator.next()).value as number);
  return taken;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('a pulled iterator', () => {
  it('gives all that its source has, in order, however slow its reader is, and keeps one page of it', async () => {
    const { iterator, rows, reads } = openSource(Array.from({ length: 1_000 }, (_none, index) => index));
    iterator.wake();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reads()).toBe(1);
    expect(await take(iterator, 1_000)).toEqual(rows);
  });

  it('reads what is added when it is woken, also when that comes in the very turn that a read ends', async () => {
    const { iterator, rows } = openSource();
    for (let value = 0; value < 100; value += 1) {
      const next = iterator.next();
      rows.push(value);
      iterator.wake();
      expect((await next).value).toBe(value);
      // A wake of no use, whose read is just under way when the next one comes.
      iterator.wake();
      await Promise.resolve();
    }
  });

  it('goes past a page of nothing', async () => {
    const pages: (number[] | null)[] = [[], [], [7], null];
    const iterator = new PulledIterator<number>({ read: () => Promise.resolve(pages.shift() ?? null), onFailure: () => undefined, onReturn: () => undefined });
    iterator.wake();
    expect(await take(iterator, 1)).toEqual([7]);
  });

  it('reads again after a failure, and loses nothing by it', async () => {
    const { iterator, failures, fail } = openSource([1, 2, 3]);
    fail(new Error('the database is away'));
    const taken = take(iterator, 3);
    iterator.wake();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(failures).toHaveLength(3);
    fail(null);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await taken).toEqual([1, 2, 3]);
  });

  it('ends a waiting next() at once when it is returned, stops its source once, and reads no more', async () => {
    const { iterator, stop, reads } = openSource();
    const waiting = iterator.next();
    await iterator.return();
    await iterator.return();
    iterator.wake();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect([stop.mock.calls.length, reads()]).toEqual([1, 0]);
  });
});
