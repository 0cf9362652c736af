import { describe, expect, it } from 'vitest';
import { withDeadline } from './deadline.ts';

describe('work with a deadline', () => {
  it('comes to what it comes to in its time', async () => {
    expect(await withDeadline(Promise.resolve('done'), 60_000, 'late')).toBe('done');
    await expect(withDeadline(Promise.reject(new Error('broken')), 60_000, 'late')).rejects.toThrow('broken');
  });

  it('is said to be late when its time is over, and what it says then disturbs nobody', async () => {
    let fail: ((error: Error) => void) | undefined;
    const work = new Promise<void>((_resolve, reject) => {
      fail = reject;
    });
    await expect(withDeadline(work, 1, 'it took too long')).rejects.toThrow('it took too long');
    fail?.(new Error('broken'));
    await expect(work).rejects.toThrow('broken');
  });
});
