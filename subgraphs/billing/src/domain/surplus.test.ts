import { describe, expect, it } from 'vitest';
import type { StandingItem, StripeStanding } from './stripe-standing.ts';
import { surplusOf } from './surplus.ts';

const item: StandingItem = { priceLookupKey: 'starter_monthly', plan: 'STARTER', book: 'book', meter: null, periodStart: new Date('2026-11-01T00:00:00Z'), periodEnd: new Date('2026-12-01T00:00:00Z') };
const standing = (subscriptionId: string, status: StripeStanding['status'], items: StandingItem[] = [item]): StripeStanding => ({ subscriptionId, status, createdAt: new Date('2026-11-01T00:00:00Z'), items, trialEnd: null, cancelAt: null, cancelAtPeriodEnd: false, canceledAt: null, endedAt: null, latestInvoice: null, oldestUnpaidInvoice: null, discounts: [], metadata: {} });

describe('what ends at Stripe at once', () => {
  it('closing the account of a paying customer is the normal case, and no error', () => {
    expect(surplusOf({ status: 'CANCELED', stripeSubscriptionId: 'sub_a' }, [standing('sub_a', 'active')])).toEqual([{ subscriptionId: 'sub_a', level: 'info' }]);
  });

  it('a second one, which would be paid for twice, is an error', () => {
    expect(surplusOf({ status: 'ACTIVE', stripeSubscriptionId: 'sub_b' }, [standing('sub_b', 'active'), standing('sub_a', 'past_due'), standing('sub_c', 'canceled')])).toEqual([{ subscriptionId: 'sub_a', level: 'error' }]);
  });

  it('is nothing of a customer that has one, or was not heard of', () => {
    expect(surplusOf({ status: 'ACTIVE', stripeSubscriptionId: 'sub_a' }, [standing('sub_a', 'active')])).toEqual([]);
    expect(surplusOf(null, [standing('sub_a', 'active')])).toEqual([]);
  });

  it('is never what has nothing of ours on it', () => {
    expect(surplusOf({ status: 'ACTIVE', stripeSubscriptionId: 'sub_a' }, [standing('sub_a', 'active'), standing('sub_of_others', 'active', [])])).toEqual([]);
  });
});
