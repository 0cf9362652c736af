import { describe, expect, it } from 'vitest';
import { COUNTS, type ReportInput } from './report.ts';
import { judgeReport, MAX_AGE_MS, MAX_AHEAD_MS, MAX_COUNT, MAX_LENGTH_MS, reject, type RejectionReason } from './verdict.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
const GOOD: ReportInput = { reportId: '0191f0a0-0000-7000-8000-000000000000', intervalStart: new Date(NOW - 3_600_000), intervalEnd: new Date(NOW) };
const ending = (endMs: number, lengthMs = 1): Partial<ReportInput> => ({ intervalStart: new Date(endMs - lengthMs), intervalEnd: new Date(endMs) });

const VERDICTS: [string, Partial<ReportInput>, RejectionReason | null][] = [
  ['with nothing but zeros', {}, null],
  ['with nulls for numbers', { activeDevices: null, sequence: null }, null],
  ['with an id of 128 characters', { reportId: '~'.repeat(128) }, null],
  ['with an id of 129 characters', { reportId: 'x'.repeat(129) }, 'INVALID_REPORT_ID'],
  ['without an id', { reportId: '' }, 'INVALID_REPORT_ID'],
  ['with a space in its id', { reportId: 'a b' }, 'INVALID_REPORT_ID'],
  ['with a line break after its id', { reportId: 'a\n' }, 'INVALID_REPORT_ID'],
  ['with letters beyond ASCII in its id', { reportId: 'é' }, 'INVALID_REPORT_ID'],
  ['that ends when it starts', { intervalStart: new Date(NOW), intervalEnd: new Date(NOW) }, 'INVALID_INTERVAL'],
  ['that ends before it starts', { intervalStart: new Date(NOW), intervalEnd: new Date(NOW - 1) }, 'INVALID_INTERVAL'],
  ['with a time that is none', { intervalEnd: new Date(NaN) }, 'INVALID_INTERVAL'],
  ['of a millisecond', ending(NOW, 1), null],
  ['five minutes ahead', ending(NOW + MAX_AHEAD_MS), null],
  ['more than five minutes ahead', ending(NOW + MAX_AHEAD_MS + 1), 'INTERVAL_IN_FUTURE'],
  ['400 days back', ending(NOW - MAX_AGE_MS), null],
  ['more than 400 days back', ending(NOW - MAX_AGE_MS - 1), 'TOO_OLD'],
  ['of 31 days', ending(NOW, MAX_LENGTH_MS), null],
  ['of more than 31 days', ending(NOW, MAX_LENGTH_MS + 1), 'INTERVAL_TOO_LONG'],
  ...COUNTS.flatMap((name): [string, Partial<ReportInput>, RejectionReason | null][] => [
    [`with the largest ${name}`, { [name]: MAX_COUNT }, null],
    [`with a negative ${name}`, { [name]: -1 }, 'NEGATIVE'],
    [`with too large a ${name}`, { [name]: MAX_COUNT + 1 }, 'TOO_LARGE'],
  ]),
  ['with a number that is too large and one that is negative', { activeDevices: MAX_COUNT + 1, storageRows: -1 }, 'NEGATIVE'],
  ['with sequence 0', { sequence: 0 }, null],
  ['with a negative sequence', { sequence: -1 }, 'INVALID_SEQUENCE'],
  ['with too large a sequence', { sequence: MAX_COUNT + 1 }, 'INVALID_SEQUENCE'],
];

describe('a report', () => {
  it.each(VERDICTS)('%s', (_name, change, verdict) => {
    expect(judgeReport({ ...GOOD, ...change }, NOW)).toBe(verdict);
  });

  it('that is refused says by its id which it was, and what would be accepted', () => {
    expect(reject('r1', 'TOO_OLD')).toEqual({ reportId: 'r1', reason: 'TOO_OLD', message: 'intervalEnd lies at most 400 days back.' });
  });
});
