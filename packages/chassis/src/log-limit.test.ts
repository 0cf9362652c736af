import { AppError } from '@iotistic/contracts/errors';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from './log.ts';

let lines: Record<string, unknown>[];
let log: ReturnType<typeof createLog>;

beforeEach(() => {
  vi.useFakeTimers();
  lines = [];
  log = createLog({ level: 'debug', name: 'test', destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
});
afterEach(() => {
  vi.useRealTimers();
});

const said = (): unknown[][] => lines.map(({ msg, repeated }) => [msg, repeated]);

describe('an error that comes again and again', () => {
  it('is written three times at once, then once a second with how often it came', () => {
    for (let second = 0; second < 3; second += 1) {
      for (let count = 0; count < 1_000; count += 1) log.warn({ err: new Error(`connect ECONNREFUSED 127.0.0.1:${count}`) }, 'the job queue lost its connection');
      vi.advanceTimersByTime(1_000);
    }
    expect(said()).toEqual([undefined, undefined, undefined, 997, 1_000, 1_000].map((repeated) => ['the job queue lost its connection', repeated]));
  });

  it('is counted whatever ids and times it carries, and says those of the last', () => {
    for (const id of ['req_0123456789abcdef', 'req_1123456789abcdef', 'req_2123456789abcdef', 'req_3123456789abcdef', 'req_fedcba9876543210']) log.error({ err: new AppError('UNAVAILABLE', 'DATABASE_UNAVAILABLE', undefined, { cause: new Error(`no answer for ${id} at 2026-11-30T17:00:00Z`) }), requestId: id }, 'request failed');
    vi.advanceTimersByTime(1_000);
    expect(lines.map(({ requestId, repeated }) => [requestId, repeated])).toEqual([...['req_0123456789abcdef', 'req_1123456789abcdef', 'req_2123456789abcdef'].map((id) => [id, undefined]), ['req_fedcba9876543210', 2]]);
  });

  it('is written at once again after a second without it', () => {
    const fail = (): void => log.error({ err: new Error('gone') }, 'failed');
    fail();
    vi.advanceTimersByTime(1_000);
    fail();
    expect(said()).toEqual([['failed', undefined], ['failed', undefined]]);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told apart from every other: by text, by cause, by service, by what it is about', () => {
    const err = new Error('gone');
    const flood = (): void => {
      for (let count = 0; count < 3; count += 1) log.warn({ postgres: `ERROR:  could not extend file "base/5/${count}": No space left on device` }, 'PostgreSQL says');
      for (let count = 0; count < 3; count += 1) log.warn({ err }, 'one');
    };
    flood();
    lines.length = 0;
    flood();
    expect(lines).toHaveLength(0);
    log.error({ err }, 'one');
    log.warn({ err }, 'two');
    log.warn({ err: new Error('gone', { cause: new Error('full') }) }, 'one');
    log.child({ service: 'usage' }).warn({ err }, 'one');
    log.warn({ err, queue: 'billing-events' }, 'one');
    log.warn({ postgres: 'FATAL:  the database system is starting up' }, 'PostgreSQL says');
    expect(said()).toHaveLength(6);
  });

  it('leaves alone what is no error, and what is below a warning', () => {
    for (let count = 0; count < 9; count += 1) {
      log.warn({ customer: `cust_${count}` }, 'somebody else made an item');
      log.debug({ err: new Error('gone') }, 'detail');
    }
    expect(lines).toHaveLength(18);
  });

  it('is written each time where there are more kinds than are counted', () => {
    const letters = (count: number): string => count.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] as string);
    for (let count = 0; count < 1_100; count += 1) log.warn({ err: new Error(letters(count + 20_000)) }, 'a kind');
    expect(lines.length).toBeGreaterThan(1_000);
    expect(vi.getTimerCount()).toBe(1_000);
  });
});
