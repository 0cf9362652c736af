import { expect, test } from 'vitest';
import { createTestClock } from './clock.ts';

test('a test clock stands still until it is moved', () => {
  const clock = createTestClock('2026-11-20T12:00:00Z');
  expect(clock.now()).toEqual(clock.now());
  clock.advance({ days: 1, hours: 2, ms: 5 });
  expect(clock.now().toISOString()).toBe('2026-11-21T14:00:00.005Z');
  clock.set('2027-01-01T00:00:00Z');
  expect(clock.now().toISOString()).toBe('2027-01-01T00:00:00.000Z');
});

test('what a test clock hands out cannot move it', () => {
  const clock = createTestClock('2026-11-20T12:00:00Z');
  clock.now().setFullYear(1999);
  expect(clock.now().toISOString()).toBe('2026-11-20T12:00:00.000Z');
});

test('a time that is none is refused', () => {
  expect(() => createTestClock('yesterday')).toThrow('not a time');
});
