import fc from 'fast-check';
import type { SubscriptionStatus } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { leaseAt } from './lease.ts';

const DAY_MS = 86_400_000;
const START = new Date('2026-01-01T00:00:00.000Z');
const day = (days: number): Date => new Date(START.getTime() + days * DAY_MS);
const DATES = { trialEndsAt: null, periodEndsAt: null, endsAt: null, updatedAt: START };
type Dates = { [K in keyof typeof DATES]: Date | null };
const grant = (status: SubscriptionStatus, dates: Partial<Dates> = {}, customerId = 'cust_a') => ({ customerId, status, ...DATES, ...dates, updatedAt: dates.updatedAt ?? START });

/** In days since START. */
const daysOf = (at: Date | null): number | null => (at === null ? null : (at.getTime() - START.getTime()) / DAY_MS);
/** Where the window of START ends for this customer, days; the next ones end each a week later. */
const WINDOW_END = daysOf(leaseAt(grant('ACTIVE'), START).renewAt) ?? Number.NaN;

const EVER = fc.integer({ min: 0, max: 2_000 * 86_400_000 }).map((ms) => new Date(START.getTime() + ms));
const CUSTOMER = fc.integer({ min: 0, max: 1_000_000 }).map((number) => `cust_${number}`);

describe('the lease', () => {
  it('of a customer whose windows end within the week begins with the entitlement, and with each window after', () => {
    expect(WINDOW_END).toBeGreaterThan(0);
    expect(WINDOW_END).toBeLessThanOrEqual(7);
    const leases = [0, 7, 14].map((days) => leaseAt(grant('ACTIVE'), day(days)));
    expect(leases.map(({ issuedAt }) => daysOf(issuedAt))).toEqual([0, WINDOW_END, WINDOW_END + 7]);
    expect(leases.map(({ expiresAt }) => daysOf(expiresAt))).toEqual([WINDOW_END + 30, WINDOW_END + 37, WINDOW_END + 44]);
    expect(leases.map(({ renewAt }) => daysOf(renewAt))).toEqual([WINDOW_END, WINDOW_END + 7, WINDOW_END + 14]);
  });

  it.each([
    ['a trial: one lease to its end', grant('TRIALING', { periodEndsAt: day(14), trialEndsAt: day(14) }), 0, 0, 14],
    ['a trial on its last day', grant('TRIALING', { periodEndsAt: day(14), trialEndsAt: day(14) }), 13.9, 0, 14],
    ['a trial long over: no new lease', grant('TRIALING', { periodEndsAt: day(14), trialEndsAt: day(14) }), 90, 0, 14],
    ['a trial that ends before the period says', grant('TRIALING', { periodEndsAt: day(40), trialEndsAt: day(10) }), 0, 0, 10],
    ['canceled at the end of the period', grant('ACTIVE', { periodEndsAt: day(20), endsAt: day(20) }), 5, 0, 20],
    ['a contract that ends', grant('ACTIVE', { endsAt: day(30) }), 29, 0, 30],
    ['canceled now: an empty lease, the calendar runs from here', grant('CANCELED', { periodEndsAt: day(0) }), 0, 0, 0],
    ['canceled without an end', grant('CANCELED'), 50, 0, 0],
    ['past due before this change: the calendar runs from then', grant('PAST_DUE', { periodEndsAt: day(-3) }), 0, -3, -3],
    ['past due, and nobody says since when: since this change', grant('PAST_DUE'), 9, 0, 0],
  ] as const)('%s', (_name, entitlement, nowDays, issued, expires) => {
    expect(leaseAt(entitlement, day(nowDays))).toEqual({ issuedAt: day(issued), expiresAt: day(expires), renewAt: null });
  });

  it('is the same before the change that it is of, as a clock that is behind would have it', () => {
    expect(leaseAt(grant('ACTIVE'), day(-10))).toEqual(leaseAt(grant('ACTIVE'), START));
  });

  it('speaks in whole seconds, never later than the end', () => {
    const lease = leaseAt(grant('ACTIVE', { endsAt: new Date('2026-01-10T00:00:00.999Z'), updatedAt: new Date('2026-01-01T00:00:00.999Z') }), START);
    expect([lease.issuedAt.toISOString(), lease.expiresAt.toISOString()]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-10T00:00:00.000Z']);
  });
});

describe('for any customer, at any instant', () => {
  it('whoever fetches while nothing ends has 30 days at least and 37 at most, whatever the paid period', () => {
    fc.assert(
      fc.property(CUSTOMER, EVER, EVER, fc.option(EVER), (customerId, updatedAt, later, periodEndsAt) => {
        const now = new Date(Math.max(updatedAt.getTime(), later.getTime()));
        const { issuedAt, expiresAt, renewAt } = leaseAt(grant('ACTIVE', { updatedAt, periodEndsAt }, customerId), now);
        expect(expiresAt.getTime() - now.getTime()).toBeGreaterThan(30 * DAY_MS - 1);
        expect(expiresAt.getTime() - issuedAt.getTime()).toBeLessThanOrEqual(37 * DAY_MS);
        expect(issuedAt.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(renewAt?.getTime()).toBe(expiresAt.getTime() - 30 * DAY_MS);
        expect(renewAt?.getTime()).toBeGreaterThan(now.getTime() - 1000);
      }),
      { numRuns: 2_000 },
    );
  });

  it('where the end is known the lease reaches no further, reaches it in time, and then stays', () => {
    const ending = fc.constantFrom<[SubscriptionStatus, keyof Dates]>(['ACTIVE', 'endsAt'], ['TRIALING', 'trialEndsAt'], ['TRIALING', 'periodEndsAt'], ['PAST_DUE', 'periodEndsAt'], ['CANCELED', 'periodEndsAt']);
    fc.assert(
      fc.property(CUSTOMER, ending, EVER, EVER, EVER, (customerId, [status, name], end, updatedAt, now) => {
        const entitlement = grant(status, { [name]: end, updatedAt }, customerId);
        const lease = leaseAt(entitlement, now);
        const endMs = Math.floor(end.getTime() / 1000) * 1000;
        const from = Math.max(now.getTime(), updatedAt.getTime());
        expect(lease.issuedAt.getTime()).toBeLessThanOrEqual(lease.expiresAt.getTime());
        expect(lease.expiresAt.getTime()).toBeLessThanOrEqual(endMs);
        expect(lease.expiresAt.getTime()).toBeGreaterThan(Math.min(endMs, from + 30 * DAY_MS) - 1000);
        expect(lease.renewAt === null).toBe(lease.expiresAt.getTime() === endMs);
        const later = leaseAt(entitlement, new Date(now.getTime() + 400 * DAY_MS));
        expect(lease.renewAt === null ? later : lease).toEqual(lease);
      }),
      { numRuns: 2_000 },
    );
  });

  it('later leases begin and end later, one for each window, each where the one before is due', () => {
    fc.assert(
      fc.property(CUSTOMER, fc.option(EVER), EVER, EVER, (customerId, endsAt, one, other) => {
        const entitlement = grant('ACTIVE', { endsAt }, customerId);
        const [before, after] = [one, other].toSorted((a, b) => a.getTime() - b.getTime()).map((now) => leaseAt(entitlement, now));
        if (before === undefined || after === undefined) throw new Error('two leases');
        expect(after.issuedAt.getTime()).toBeGreaterThanOrEqual(before.issuedAt.getTime());
        expect(after.expiresAt.getTime()).toBeGreaterThanOrEqual(before.expiresAt.getTime());
        if (before.renewAt === null) return;
        expect(leaseAt(entitlement, new Date(before.renewAt.getTime() - 1))).toEqual(before);
        const next = leaseAt(entitlement, before.renewAt);
        expect(next.issuedAt).toEqual(before.renewAt);
        expect(next.expiresAt.getTime()).toBeGreaterThan(before.expiresAt.getTime());
      }),
      { numRuns: 2_000 },
    );
  });

  it('10,000 customers are signed for once a week each, evenly over its hours', () => {
    const hours = new Map<number, number>();
    for (let index = 0; index < 10_000; index += 1) {
      const { renewAt } = leaseAt(grant('ACTIVE', {}, `cust_${index}`), START);
      const hour = Math.floor(((renewAt?.getTime() ?? 0) - START.getTime()) / 3_600_000);
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    // 60 in the mean.
    expect(hours.size).toBeGreaterThanOrEqual(168);
    expect(Math.max(...hours.values())).toBeLessThan(120);
  });
});
