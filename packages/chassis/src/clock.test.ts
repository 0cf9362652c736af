import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMovableClock } from './clock.ts';
import { ConfigError } from './config.ts';

const DAY_MS = 86_400_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iotistic-clock-'));
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-20T12:00:00Z') });
});
afterAll(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('a clock that can be moved', () => {
  it('is the system\'s until it is moved, and goes on with it afterwards', () => {
    const clock = createMovableClock({ file: null });
    expect(clock.now()).toEqual(new Date('2026-11-20T12:00:00Z'));
    clock.advance(3 * DAY_MS);
    clock.advance(DAY_MS);
    vi.setSystemTime(new Date('2026-11-20T12:00:05Z'));
    expect(clock.now()).toEqual(new Date('2026-11-24T12:00:05Z'));
    vi.setSystemTime(new Date('2026-11-20T12:00:00Z'));
  });

  it('goes on after a restart where it was, and leaves one file', () => {
    const file = join(folder, 'kept.json');
    createMovableClock({ file }).advance(DAY_MS);
    const again = createMovableClock({ file });
    expect(again.now()).toEqual(new Date('2026-11-21T12:00:00Z'));
    again.advance(DAY_MS);
    expect(createMovableClock({ file }).now()).toEqual(new Date('2026-11-22T12:00:00Z'));
    expect(readdirSync(folder)).toEqual(['kept.json']);
  });

  it('may start behind the system, once, and catches up with it', () => {
    const file = join(folder, 'behind.json');
    const clock = createMovableClock({ file, startsBehindMs: 3 * DAY_MS });
    expect(clock.now()).toEqual(new Date('2026-11-17T12:00:00Z'));
    expect(createMovableClock({ file }).now()).toEqual(clock.now());
    clock.advance(2 * DAY_MS);
    expect(createMovableClock({ file, startsBehindMs: 3 * DAY_MS }).now()).toEqual(new Date('2026-11-19T12:00:00Z'));
    clock.advance(DAY_MS);
    expect(createMovableClock({ file }).now()).toEqual(new Date('2026-11-20T12:00:00Z'));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 1e17])('is not advanced by %d ms', (ms) => {
    const file = join(folder, 'kept.json');
    const clock = createMovableClock({ file });
    const before = clock.now();
    expect(() => clock.advance(ms)).toThrow(RangeError);
    expect([clock.now(), createMovableClock({ file }).now()]).toEqual([before, before]);
  });

  it.each(['', 'yesterday', '{"offsetMs":"5"}', 'null'])('refuses a file that says %j', (text) => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, text);
    expect(() => createMovableClock({ file })).toThrow(ConfigError);
  });
});
