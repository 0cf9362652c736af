import { expect, it } from 'vitest';
import { statusOf } from './license-status.ts';

const now = new Date('2026-11-20T00:00:00.000Z');
const before = new Date('2026-11-19T00:00:00.000Z');
const after = new Date('2026-11-21T00:00:00.000Z');

it.each([
  [{ expiresAt: after, supersededAt: null, revokedAt: null }, 'ACTIVE'],
  [{ expiresAt: now, supersededAt: null, revokedAt: null }, 'EXPIRED'],
  [{ expiresAt: before, supersededAt: null, revokedAt: null }, 'EXPIRED'],
  [{ expiresAt: after, supersededAt: before, revokedAt: null }, 'SUPERSEDED'],
  [{ expiresAt: before, supersededAt: before, revokedAt: null }, 'SUPERSEDED'],
  [{ expiresAt: before, supersededAt: before, revokedAt: before }, 'REVOKED'],
])('%j is %s', (dates, status) => {
  expect(statusOf(dates, now)).toBe(status);
});
