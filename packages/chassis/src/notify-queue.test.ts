import { setImmediate as nextTick } from 'node:timers/promises';
import type { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotifyQueue } from './notify-queue.ts';

/** A pool whose statements end when the test says so. */
function openQueue() {
  const statements: { notifications: string[]; end(error?: Error): void }[] = [];
  const query = (_text: string, [, notifications]: [string, string[]]): Promise<void> =>
    new Promise((resolve, reject) => {
      statements.push({ notifications, end: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  const queue = new NotifyQueue({ query } as unknown as Pool, 'channel', (texts) => `[${texts.join(',')}]`);
  return { queue, statements };
}

const GAP_MS = 40;
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

describe('messages by NOTIFY', () => {
  it('go at once; those that come while a statement is on its way, or soon after it, go together in the next, in their order', async () => {
    const { queue, statements } = openQueue();
    const first = ['1', '2'].map((text) => queue.send(text));
    await nextTick();
    const next = ['3', '4'].map((text) => queue.send(text));
    statements[0]?.end();
    await Promise.all(first);
    next.push(queue.send('5'));
    vi.advanceTimersByTime(GAP_MS - 1);
    await nextTick();
    expect(statements).toHaveLength(1);
    vi.advanceTimersByTime(1);
    await nextTick();
    statements[1]?.end();
    await Promise.all(next);
    expect(statements.map(({ notifications }) => notifications)).toEqual([['[1,2]'], ['[3,4,5]']]);
  });

  it('fill as many notifications as they need, none of 8,000 bytes or more', async () => {
    const { queue, statements } = openQueue();
    const texts = Array.from({ length: 20 }, (_none, index) => `"${String.fromCodePoint(97 + index)}${'é'.repeat(900)}"`);
    const sent = Promise.all(texts.map((text) => queue.send(text)));
    await nextTick();
    statements[0]?.end();
    await sent;
    const notifications = statements[0]?.notifications ?? [];
    expect(notifications.flatMap((text) => JSON.parse(text) as string[]).map((text) => JSON.stringify(text))).toEqual(texts);
    expect(Math.max(...notifications.map((text) => Buffer.byteLength(text)))).toBeLessThan(8_000);
  });

  it('of a statement that fails are told so, and those that follow are sent, at once again after a pause', async () => {
    const { queue, statements } = openQueue();
    const lost = queue.send('1');
    await nextTick();
    const kept = queue.send('2');
    statements[0]?.end(new Error('gone'));
    await expect(lost).rejects.toThrow('gone');
    for (let gap = 0; gap < 2; gap += 1) {
      vi.advanceTimersByTime(GAP_MS);
      await nextTick();
      statements[1]?.end();
      await kept;
    }
    void queue.send('3');
    await nextTick();
    expect(statements.map(({ notifications }) => notifications)).toEqual([['[1]'], ['[2]'], ['[3]']]);
  });

  it('that wait are sent without delay when the queue is closed', async () => {
    const { queue, statements } = openQueue();
    const first = queue.send('1');
    await nextTick();
    statements[0]?.end();
    await first;
    const last = queue.send('2');
    const closed = queue.close();
    await nextTick();
    statements[1]?.end();
    await Promise.all([last, closed]);
    expect(statements.map(({ notifications }) => notifications)).toEqual([['[1]'], ['[2]']]);
  });
});
