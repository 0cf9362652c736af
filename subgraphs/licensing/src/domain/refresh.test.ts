import { expect, it } from 'vitest';
import { refreshAfterSeconds } from './refresh.ts';

const now = new Date('2026-11-20T00:00:00.000Z');
const inSeconds = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

it.each([
  ['no license', null, 3_600],
  ['a license that stays', { renewAt: null, expiresAt: inSeconds(86_400) }, 3_600],
  ['renewed within the hour', { renewAt: inSeconds(600), expiresAt: inSeconds(86_400) }, 600],
  ['expires within the hour', { renewAt: null, expiresAt: inSeconds(1_200.5) }, 1_201],
  ['renewed in a moment', { renewAt: inSeconds(1), expiresAt: inSeconds(86_400) }, 60],
  ['expired', { renewAt: null, expiresAt: inSeconds(-5) }, 3_600],
])('%s', (_name, license, seconds) => {
  expect(refreshAfterSeconds(license, now)).toBe(seconds);
});
