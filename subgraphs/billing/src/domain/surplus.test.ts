import { describe, expect, it } from 'vitest';
import type { StripeStanding } from './stripe-standing.ts';
import { surplusOf } from './surplus.ts';

const standing = (subscriptionId: string, status: StripeStanding['status']): StripeStanding => ({ subscriptionId, status, createdAt: new Date('2026-11-01T00:00:00Z'), items: [], trialEnd: null, cancelAt: null, cancelAtPeriodEnd: false, canceledAt: null, endedAt: null, latestInvoice: null, oldestUnpaidInvoice: null, discounts: [], metadata: {} });

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
});
