import { describe, expect, it } from 'vitest';
import { type InvoiceCollection, MAX_CHARGES, MAX_COLLECTIONS, nextCollectionAt, owedStepOf } from './owed-invoice.ts';

const collection = (more: Partial<InvoiceCollection> = {}): InvoiceCollection => ({ stripeCustomerId: 'cus_1', subscriptionStatus: 'canceled', billingReason: 'subscription_cycle', isCharged: true, ...more });

describe('an invoice that is owed and that Stripe does not charge', () => {
  it.each<[name: string, more: Partial<InvoiceCollection>, step: string]>([
    ['of a subscription that has ended is charged', {}, 'charge'],
    ['of usage that was billed late is charged', { subscriptionStatus: null, billingReason: 'manual' }, 'charge'],
    ['of a subscription that goes on is left to Stripe', { subscriptionStatus: 'past_due' }, 'leave'],
    ['of a first payment that never came is not owed', { billingReason: 'subscription_create' }, 'leave'],
    ['of a change that was never made is not owed', { billingReason: 'subscription_update' }, 'leave'],
    ['that was sent is paid when its customer likes', { isCharged: false }, 'leave'],
  ])('%s', (_name, more, step) => {
    expect(owedStepOf(collection(more), 0)).toBe(step);
  });

  it('is charged three times within ten days; from then on it is only asked after, a year long', () => {
    let at = new Date('2026-01-01T00:00:00Z');
    const days: [string, number][] = [];
    for (let collections = 0; collections < MAX_COLLECTIONS; collections += 1) {
      days.push([owedStepOf(collection(), collections), (at.getTime() - Date.parse('2026-01-01T00:00:00Z')) / 86_400_000]);
      at = nextCollectionAt(collections + 1, at);
    }
    expect(days.slice(0, MAX_CHARGES + 1)).toEqual([['charge', 0], ['charge', 3], ['charge', 10], ['watch', 40]]);
    expect(days.at(-1)).toEqual(['watch', 370]);
  });
});
