import { describe, expect, it } from 'vitest';
import { whenHeardOf } from './heard-of.ts';

describe('what an event of another subgraph brings', () => {
  it('is waited for', async () => {
    let looks = 0;
    expect(await whenHeardOf(() => Promise.resolve(++looks < 4 ? null : 'there'))).toBe('there');
    expect(looks).toBe(4);
  });

  it('is answered at once where it is there', async () => {
    let looks = 0;
    expect(await whenHeardOf(() => Promise.resolve(++looks))).toBe(1);
    expect(looks).toBe(1);
  });

  it('is given up when it does not come', async () => {
    let looks = 0;
    expect(await whenHeardOf(() => Promise.resolve((looks += 1) < 0 ? 'never' : null))).toBeNull();
    expect(looks).toBeGreaterThan(2);
  });
});
