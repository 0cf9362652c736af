import { describe, expect, it, vi } from 'vitest';
import { LiveIterator } from './live-iterator.ts';

function open(limit = 3): { push(value: number): void; stop: ReturnType<typeof vi.fn>; iterator: LiveIterator<number> } {
  const stop = vi.fn<() => void>();
  let pusher: (value: number) => void = () => undefined;
  const iterator = new LiveIterator<number>({
    limit,
    start(push) {
      pusher = push;
      return stop;
    },
  });
  return { push: (value) => pusher(value), stop, iterator };
}

describe('a live iterator', () => {
  it('gives what was pushed in order, waiting or not', async () => {
    const { push, iterator } = open();
    const first = iterator.next();
    push(1);
    push(2);
    expect([await first, await iterator.next()]).toEqual([
      { value: 1, done: false },
      { value: 2, done: false },
    ]);
  });

  it('ends a waiting next() at once when it is returned, and stops its source once', async () => {
    const { iterator, stop } = open();
    const waiting = iterator.next();
    await iterator.return();
    await iterator.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(stop).toHaveBeenCalledTimes(1);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  it('drops the oldest beyond its bound and counts them', async () => {
    const { push, iterator } = open(2);
    for (const value of [1, 2, 3, 4]) push(value);
    expect(iterator.dropped).toBe(2);
    expect(await iterator.next()).toEqual({ value: 3, done: false });
  });
});
