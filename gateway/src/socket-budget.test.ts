import { describe, expect, it } from 'vitest';
import { TokenBucket } from './socket-budget.ts';

describe('a bucket', () => {
  it('gives what it holds, then what comes in, and never holds more', () => {
    let nowMs = 0;
    const bucket = new TokenBucket(3, 2, () => nowMs);
    const takeAll = (): number => {
      let taken = 0;
      while (bucket.take()) taken += 1;
      return taken;
    };
    expect(takeAll()).toBe(3);
    nowMs += 499;
    expect(takeAll()).toBe(0);
    nowMs += 1;
    expect(takeAll()).toBe(1);
    nowMs += 3_600_000;
    expect(takeAll()).toBe(3);
  });
});
