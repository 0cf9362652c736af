import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
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

describe('messages by NOTIFY', () => {
  it('that come while a statement is on its way go together in the next, in their order', async () => {
    const { queue, statements } = openQueue();
    const first = ['1', '2'].map((text) => queue.send(text));
    await Promise.resolve();
    const next = ['3', '4', '5'].map((text) => queue.send(text));
    statements[0]?.end();
    await Promise.all(first);
    statements[1]?.end();
    await Promise.all(next);
    expect(statements.map(({ notifications }) => notifications)).toEqual([['[1,2]'], ['[3,4,5]']]);
  });

  it('fill as many notifications as they need, none of 8,000 bytes or more', async () => {
    const { queue, statements } = openQueue();
    const texts = Array.from({ length: 20 }, (_none, index) => `"${String.fromCodePoint(97 + index)}${'é'.repeat(900)}"`);
    const sent = Promise.all(texts.map((text) => queue.send(text)));
    await Promise.resolve();
    statements[0]?.end();
    await sent;
    const notifications = statements[0]?.notifications ?? [];
    expect(notifications.flatMap((text) => JSON.parse(text) as string[]).map((text) => JSON.stringify(text))).toEqual(texts);
    expect(Math.max(...notifications.map((text) => Buffer.byteLength(text)))).toBeLessThan(8_000);
  });

  it('of a statement that fails are told so, and those that follow are sent', async () => {
    const { queue, statements } = openQueue();
    const lost = queue.send('1');
    await Promise.resolve();
    const kept = queue.send('2');
    statements[0]?.end(new Error('gone'));
    await expect(lost).rejects.toThrow('gone');
    await Promise.resolve();
    statements[1]?.end();
    await kept;
    expect(statements[1]?.notifications).toEqual(['[2]']);
  });
});
