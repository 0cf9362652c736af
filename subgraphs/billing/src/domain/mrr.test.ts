import { SUBSCRIPTION_STATUSES } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import type { Discount } from './discount.ts';
import { recurringRevenue, type SubscriptionCount } from './mrr.ts';

const at = new Date('2027-01-01T00:00:00.000Z');
const count = (terms: Partial<SubscriptionCount>): SubscriptionCount => ({ plan: 'STARTER', book: '2026-11', status: 'ACTIVE', discounts: [], customers: 1, ...terms });
const twenty: Discount = { couponId: 'TWENTY', name: null, percentOff: '20', amountOff: null, currency: null, duration: 'FOREVER', endsAt: null };
const off = (amountOff: number): Discount => ({ ...twenty, percentOff: null, amountOff, currency: 'usd' });

describe('monthly recurring revenue', () => {
  it.each<[string, SubscriptionCount[], amount: number]>([
    ['nobody', [], 0],
    ['base prices, not usage', [count({ customers: 3 }), count({ plan: 'PROFESSIONAL', customers: 2 })], 28_500],
    ['past due still counts', [count({ status: 'PAST_DUE' })], 2_900],
    ['nothing else does', SUBSCRIPTION_STATUSES.filter((status) => status !== 'ACTIVE' && status !== 'PAST_DUE').map((status) => count({ status })), 0],
    ['contracts have no price here', [count({ plan: 'ENTERPRISE' })], 0],
    ['net of a discount for good', [count({ discounts: [twenty], customers: 2 })], 4_640],
    ['net of one that lasts a while', [count({ discounts: [{ ...twenty, duration: 'REPEATING', endsAt: new Date(at.getTime() + 1) }] })], 2_320],
    ['not of one that is over', [count({ discounts: [{ ...twenty, duration: 'REPEATING', endsAt: at }] })], 2_900],
    ['not of one for a single invoice', [count({ discounts: [{ ...twenty, duration: 'ONCE' }] })], 2_900],
    ['never below zero', [count({ discounts: [off(5_000)] })], 0],
  ])('%s', (_name, counts, amount) => {
    expect(recurringRevenue(counts, at).mrr).toEqual({ amount, currency: 'USD' });
  });
});

it('customers are counted by status and by plan; those whose subscription has ended have no plan', () => {
  const counts = [count({ customers: 3 }), count({ status: 'CANCELED', customers: 4 }), count({ plan: 'TRIAL', status: 'TRIALING', customers: 5 }), count({ discounts: [twenty] }), count({ plan: 'TRIAL', status: 'PAUSED', customers: 0 })];
  expect(recurringRevenue(counts, at)).toMatchObject({
    byStatus: [{ status: 'TRIALING', customers: 5 }, { status: 'ACTIVE', customers: 4 }, { status: 'CANCELED', customers: 4 }],
    byPlan: [{ plan: 'TRIAL', customers: 5 }, { plan: 'STARTER', customers: 4 }],
  });
});
