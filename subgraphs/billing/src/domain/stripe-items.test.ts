import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyStandings } from './apply-standings.ts';
import { PRICE_BOOKS } from './price-book.ts';
import { recognisePrice } from './stripe-items.ts';
import { findingsOf } from './stripe-findings.ts';
import type { OtherItem, StandingItem, StripeStanding } from './stripe-standing.ts';
import { entitlementsOf, trialFor } from './subscription.ts';

const BOOK = PRICE_BOOKS[0]?.key ?? '';

describe('a price at Stripe', () => {
  it.each<[string, string | null, Record<string, string>, ReturnType<typeof recognisePrice>]>([
    ['ours by its metadata, though its lookup key moved on', null, { plan: 'STARTER', book: BOOK, meter: 'DEVICES' }, { sold: { plan: 'STARTER', book: BOOK, meter: 'DEVICES' }, fault: null }],
    ['ours by its lookup key', 'starter_monthly', {}, { sold: { plan: 'STARTER', book: BOOK, meter: null }, fault: null }],
    ['ours by its lookup key, though somebody changed its metadata', 'starter_monthly', { book: '1999' }, { sold: { plan: 'STARTER', book: BOOK, meter: null }, fault: 'UNKNOWN_BOOK' }],
    ['made by hand, of a book that is not known', null, { plan: 'STARTER', book: '1999' }, { sold: null, fault: 'UNKNOWN_BOOK' }],
    ['made by hand, of a plan that is not known', null, { plan: 'constructor', book: BOOK }, { sold: null, fault: 'UNKNOWN_PLAN' }],
    ['made by hand, of a trial, which is never sold', null, { plan: 'TRIAL', book: BOOK }, { sold: null, fault: 'UNKNOWN_PLAN' }],
    ['made by hand, of a meter that is not billed', null, { plan: 'STARTER', book: BOOK, meter: 'API_CALLS' }, { sold: null, fault: 'UNKNOWN_METER' }],
    ['somebody else’s', 'support_monthly', { note: 'by phone' }, { sold: null, fault: null }],
  ])('is %s', (_name, lookupKey, metadata, expected) => {
    expect(recognisePrice({ lookupKey, metadata })).toEqual(expected);
  });
});

const day = (days: number): Date => new Date(Date.UTC(2026, 11, 1) + days * 86_400_000);
const word = fc.oneof(fc.constantFrom('plan', 'PROFESSIONAL', 'STARTER', 'TRIAL', 'ENTERPRISE', BOOK, '1999', 'DEVICES', '__proto__', 'toString'), fc.string({ maxLength: 40 }));
const metadata = fc.dictionary(fc.oneof(fc.constantFrom('plan', 'book', 'meter', 'customer_id'), fc.string({ maxLength: 20 })), word, { maxKeys: 5 });
const item = fc.record({ metadata, lookupKey: fc.option(fc.oneof(fc.constantFrom('starter_monthly', 'device_usage_starter'), word)), from: fc.integer({ min: -400, max: 40 }), lasts: fc.integer({ min: 41, max: 800 }), isMetered: fc.boolean() });

function standingOf(made: readonly (typeof item extends fc.Arbitrary<infer T> ? T : never)[], marks: Record<string, string>): StripeStanding {
  const items: StandingItem[] = [];
  const others: OtherItem[] = [];
  made.forEach(({ metadata: own, lookupKey, from, lasts, isMetered }, index) => {
    const period = { periodStart: day(from), periodEnd: day(from + lasts + 40) };
    const { sold, fault } = recognisePrice({ lookupKey, metadata: own });
    if (sold === null) others.push({ itemId: `si_${index}`, priceId: `price_${index}`, fault, isMetered, ...period });
    else items.push({ priceLookupKey: lookupKey, ...sold, ...period });
  });
  return { subscriptionId: 'sub_1', createdAt: day(0), status: 'active', items, others, trialEnd: null, cancelAt: null, cancelAtPeriodEnd: false, canceledAt: null, endedAt: null, latestInvoice: null, oldestUnpaidInvoice: null, discounts: [], metadata: marks };
}

describe('any mixture of items and marks that others made', () => {
  it('2,000 of them, read one after the other, never fail, and leave who pays its plan', () => {
    const bought = applyStandings(trialFor({ customerId: 'cust_a', createdAt: day(0) }, 14), [{ ...standingOf([], {}), items: [{ priceLookupKey: 'starter_monthly', plan: 'STARTER', book: BOOK, meter: null, periodStart: day(0), periodEnd: day(31) }] }], { now: day(0) });
    expect(bought).toMatchObject({ status: 'ACTIVE', plan: 'STARTER' });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(item, { minLength: 1, maxLength: 8 }), metadata), { minLength: 1, maxLength: 4 }), (readings) => {
        let subscription = bought;
        for (const [made, marks] of readings) {
          const standing = standingOf(made, marks);
          const foreign: StripeStanding = { ...standing, subscriptionId: 'sub_2', createdAt: day(30), items: [], others: (standing.others ?? []).map((other) => ({ ...other, fault: null })), metadata: {} };
          subscription = applyStandings(subscription, [foreign, standing], { now: day(35) });
          expect(subscription).toMatchObject({ status: 'ACTIVE', stripeSubscriptionId: 'sub_1' });
          expect(subscription.plan).not.toBe('TRIAL');
          expect(subscription.entitlements).toEqual(entitlementsOf(subscription));
          expect(applyStandings(subscription, [standing, foreign], { now: day(36) })).toBe(subscription);
          expect(findingsOf([foreign, standing], subscription).filter(({ kind }) => kind === 'FOREIGN_SUBSCRIPTION')).toHaveLength(1);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
