import { describe, expect, it, vi } from 'vitest';
import { LiveWindows } from './live-window.ts';

/** Has an event whenever it is asked. */
function endless(onReturn: () => void = () => undefined): AsyncIterableIterator<number> {
  let count = 0;
  return {
    next: () => Promise.resolve({ value: (count += 1), done: false }),
    return: () => {
      onReturn();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Sends as a server does: the next one as soon as the one before is sent. */
function send(stream: AsyncIterableIterator<number>): number[] {
  const sent: number[] = [];
  void (async () => {
    for await (const value of stream) sent.push(value);
  })();
  return sent;
}
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a live operation with a window', () => {
  it('is sent no further than its reader has read, and on as it reads', async () => {
    const windows = new LiveWindows();
    const sent = send(windows.limit(endless(), { stream: 'a', window: 3 }));
    await settled();
    expect(sent).toEqual([1, 2, 3]);
    windows.hear({ stream: 'a', read: 2 });
    await settled();
    expect(sent).toEqual([1, 2, 3, 4, 5]);
  });

  it('does not stop another one of the same connection', async () => {
    const windows = new LiveWindows();
    const [slow, quick] = [send(windows.limit(endless(), { stream: 'a', window: 1 })), send(windows.limit(endless(), { stream: 'b', window: 1 }))];
    for (let read = 1; read < 5; read += 1) {
      await settled();
      windows.hear({ stream: 'b', read });
    }
    await settled();
    expect([slow.length, quick.length]).toEqual([1, 5]);
  });

  it.each([['nothing', undefined], ['no object', 'read'], ['another stream', { stream: 'b', read: 9 }], ['more than was sent', { stream: 'a', read: 1_000 }], ['less than before', { stream: 'a', read: -1 }]])('takes %s in a pong for what it is', async (_name, payload) => {
    const windows = new LiveWindows();
    const sent = send(windows.limit(endless(), { stream: 'a', window: 2 }));
    await settled();
    windows.hear(payload);
    await settled();
    expect(sent.length).toBeLessThanOrEqual(4);
  });

  it('ends at once while it waits to be read, and its source with it', async () => {
    const ended = vi.fn<() => void>();
    const stream = new LiveWindows().limit(endless(ended), { stream: 'a', window: 1 });
    await stream.next();
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(ended).toHaveBeenCalledOnce();
  });

  it('without a window is left as it is', () => {
    const source = endless();
    for (const flow of [undefined, { stream: 'a' }, { stream: 'a', window: 0 }]) expect(new LiveWindows().limit(source, flow)).toBe(source);
  });
});
