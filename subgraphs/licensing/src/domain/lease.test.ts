import fc from 'fast-check';
import type { SubscriptionStatus } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { leaseAt } from './lease.ts';

const START = new Date('2026-01-01T00:00:00.000Z');
const day = (days: number): Date => new Date(START.getTime() + days * 86_400_000);
const grant = (status: SubscriptionStatus, periodEndsAt: Date | null, trialEndsAt: Date | null = null, updatedAt = START) => ({ status, periodEndsAt, trialEndsAt, updatedAt });

describe('leaseAt', () => {
  it.each([
    ['a trial: one lease to its end', grant('TRIALING', day(14), day(14)), 0, 0, 14, null],
    ['a trial on its last day', grant('TRIALING', day(14), day(14)), 13.9, 0, 14, null],
    ['a trial long over: no new lease', grant('TRIALING', day(14), day(14)), 90, 0, 14, null],
    ['a trial that ends before the period says', grant('TRIALING', day(40), day(10)), 0, 0, 10, null],
    ['a paid month within the lease', grant('ACTIVE', day(30)), 20, 0, 30, null],
    ['a period a little longer: the second lease reaches its end', grant('ACTIVE', day(31)), 0, 0, 30, 15],
    ['from half-life on the second lease', grant('ACTIVE', day(31)), 15, 15, 31, null],
    ['just before half-life', grant('ACTIVE', day(365)), 14.999, 0, 30, 15],
    ['a year', grant('ACTIVE', day(365)), 100, 90, 120, 105],
    ['the last lease of a year', grant('ACTIVE', day(365)), 400, 345, 365, null],
    ['no end of the period: for ever', grant('ACTIVE', null), 3_000, 3_000, 3_030, 3_015],
    ['canceled now: an empty lease, the calendar runs from here', grant('CANCELED', day(0)), 0, 0, 0, null],
    ['past due before this change: the calendar runs from then', grant('PAST_DUE', day(-3)), 0, -3, -3, null],
    ['canceled without an end', grant('CANCELED', null), 50, 0, 0, null],
    ['a clock before the change', grant('ACTIVE', day(365)), -10, 0, 30, 15],
  ] as const)('%s', (_name, entitlement, nowDays, issued, expires, renew) => {
    expect(leaseAt(entitlement, day(nowDays))).toEqual({ issuedAt: day(issued), expiresAt: day(expires), renewAt: renew === null ? null : day(renew) });
  });

  it('speaks in whole seconds, never later than the period ends', () => {
    const lease = leaseAt(grant('ACTIVE', new Date('2026-01-10T00:00:00.999Z'), null, new Date('2026-01-01T00:00:00.999Z')), START);
    expect([lease.issuedAt.toISOString(), lease.expiresAt.toISOString()]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-10T00:00:00.000Z']);
  });

  it('covers all time without a hole: at every moment before the end the lease is in force, and lasts 30 days at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 * 86_400 }), fc.option(fc.integer({ min: 1, max: 400 * 86_400 })), (nowSeconds, endSeconds) => {
        const now = new Date(START.getTime() + nowSeconds * 1000);
        const end = endSeconds === null ? null : new Date(START.getTime() + endSeconds * 1000);
        const { issuedAt, expiresAt, renewAt } = leaseAt(grant('ACTIVE', end), now);
        const isBounded = issuedAt <= expiresAt && expiresAt.getTime() - issuedAt.getTime() <= 30 * 86_400_000;
        const isInForce = end === null || now < end ? issuedAt <= now && now < expiresAt : expiresAt.getTime() === end.getTime();
        const next = renewAt === null ? null : leaseAt(grant('ACTIVE', end), renewAt);
        const isRenewedLater = next === null || (next.issuedAt.getTime() === renewAt?.getTime() && next.expiresAt > expiresAt);
        expect({ isBounded, isInForce, isRenewedLater }).toEqual({ isBounded: true, isInForce: true, isRenewedLater: true });
      }),
    );
  });
});
