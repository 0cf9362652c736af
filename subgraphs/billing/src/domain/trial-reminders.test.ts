import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueReminder } from './trial-reminders.ts';

const day = (days: number): Date => new Date(Date.UTC(2026, 11, 1) + days * 86_400_000);
const trial = { subscriptionId: 'subn_a', startedAt: day(0), endsAt: day(14) };

describe('the reminder of a trial of 14 days', () => {
  it.each([
    [0, null],
    [6.999, null],
    [7, 7],
    [10.999, 7],
    [11, 3],
    [12.999, 3],
    [13, 1],
    [13.999, 1],
    [14, null],
    [99, null],
  ])('on day %d: %s days before', (now, daysLeft) => {
    expect(dueReminder(trial, day(now))?.daysLeft ?? null).toBe(daysLeft);
  });
});

it('one that was missed is not made up for once a nearer one is due', () => {
  expect(dueReminder(trial, day(13.5))).toEqual({ daysLeft: 1, key: 'trial_ending:subn_a:2026-12-15:1' });
});

it('a key is a mail: the same whenever it is asked for, another for another end, and a second more or less is the same end', () => {
  const key = dueReminder(trial, day(11))?.key;
  expect(dueReminder(trial, day(12))?.key).toBe(key);
  expect(dueReminder({ ...trial, startedAt: day(8), endsAt: new Date(day(14).getTime() + 999) }, day(12))?.key).toBe(key);
  expect(dueReminder({ ...trial, endsAt: day(20) }, day(18))?.key).not.toBe(key);
});

it.each([
  [7, 0, null],
  [7, 4, 3],
  [2, 0, null],
  [2, 1, 1],
  [1, 0, null],
])('of a trial of %i days, on day %i: %s days before; nobody is reminded as it begins', (lasts, now, daysLeft) => {
  expect(dueReminder({ ...trial, endsAt: day(lasts) }, day(now))?.daysLeft ?? null).toBe(daysLeft);
});

it('whoever looks every so often sends at most three, each once, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 * 24 }), { maxLength: 60 }), (hours) => {
      const sent = new Map<string, number>();
      for (const hour of hours.toSorted((a, b) => a - b)) {
        const due = dueReminder(trial, day(hour / 24));
        if (due !== null && !sent.has(due.key)) sent.set(due.key, due.daysLeft);
      }
      expect([...sent.values()]).toEqual([7, 3, 1].filter((daysLeft) => [...sent.values()].includes(daysLeft as 7)));
    }),
  );
});
