import { describe, expect, it, vi } from 'vitest';
import { VersionedCache } from './versioned-cache.ts';

describe('what is kept by its version', () => {
  it('is read once for all who ask, until the version changes', async () => {
    const cache = new VersionedCache<string>(10);
    const read = vi.fn<() => Promise<string>>(() => Promise.resolve('value'));
    expect(await Promise.all([cache.get('a', 1, 1, read), cache.get('a', 1, 1, read)])).toEqual(['value', 'value']);
    await cache.get('a', 2, 1, read);
    await cache.get('a', 2, 1, read);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('is not kept when its reading failed', async () => {
    const cache = new VersionedCache<string>(10);
    await expect(cache.get('a', 1, 1, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    expect(await cache.get('a', 1, 1, () => Promise.resolve('back'))).toBe('back');
  });

  it('makes room by what was not asked for longest', async () => {
    const cache = new VersionedCache<string>(2);
    const read = vi.fn<() => Promise<string>>(() => Promise.resolve('value'));
    for (const key of ['a', 'b', 'a', 'c', 'a']) await cache.get(key, 1, 1, read);
    expect(read).toHaveBeenCalledTimes(3);
    await cache.get('b', 1, 1, read);
    expect(read).toHaveBeenCalledTimes(4);
    await cache.get('too heavy', 1, 3, read);
    await cache.get('too heavy', 1, 3, read);
    expect(read).toHaveBeenCalledTimes(6);
  });
});
