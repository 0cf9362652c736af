import { describe, expect, it } from 'vitest';
import { nextInterval } from './interval.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');
const before = (ms: number) => new Date(NOW.getTime() - ms);

describe('the interval of the next report', () => {
  it.each<[string, Date | null, Date | null]>([
    ['begins where the last one ended', before(3_600_000), before(3_600_000)],
    ['is a second when there was none before', null, before(1000)],
    ['is 31 days at most, however long the agent was away', before(40 * 86_400_000), before(31 * 86_400_000)],
    ['does not go on from a time that has not come yet', before(-5000), before(1000)],
    ['is none when no time has passed', NOW, null],
  ])('%s', (_name, lastEnd, start) => {
    expect(nextInterval(lastEnd, NOW)).toEqual(start === null ? null : { start, end: NOW });
  });
});
