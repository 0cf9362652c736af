import { expect, it } from 'vitest';
import { statusOf } from './license-status.ts';

const DAY_MS = 86_400_000;
const now = new Date('2026-11-20T00:00:00.000Z');
const before = new Date('2026-11-19T00:00:00.000Z');
const after = new Date('2026-11-21T00:00:00.000Z');
const ago = (days: number, ms = 0): Date => new Date(now.getTime() - days * DAY_MS + ms);

it.each([
  [{ expiresAt: after, supersededAt: null, revokedAt: null }, 'ACTIVE'],
  [{ expiresAt: now, supersededAt: null, revokedAt: null }, 'GRACE'],
  [{ expiresAt: ago(7, 1), supersededAt: null, revokedAt: null }, 'GRACE'],
  [{ expiresAt: ago(7), supersededAt: null, revokedAt: null }, 'READ_ONLY'],
  [{ expiresAt: ago(21, 1), supersededAt: null, revokedAt: null }, 'READ_ONLY'],
  [{ expiresAt: ago(21), supersededAt: null, revokedAt: null }, 'EXPIRED'],
  [{ expiresAt: after, supersededAt: before, revokedAt: null }, 'SUPERSEDED'],
  [{ expiresAt: before, supersededAt: before, revokedAt: null }, 'SUPERSEDED'],
  [{ expiresAt: before, supersededAt: before, revokedAt: before }, 'REVOKED'],
])('%j is %s', (dates, status) => {
  expect(statusOf(dates, now)).toBe(status);
});
