import { describe, expect, it } from 'vitest';
import { contractSubscription } from './contract.ts';
import { cancelSubscription, trialFor } from './subscription.ts';
import { comparedPeriodOf, usagePeriodOf } from './usage-period.ts';

const at = (text: string): Date => new Date(`${text}.000Z`);
const trial = trialFor({ customerId: 'cust_1', createdAt: at('2026-11-10T08:30:00') }, 14);
const shown = (subscription: Parameters<typeof usagePeriodOf>[0], now: string): string[] => {
  const { start, end } = usagePeriodOf(subscription, at(now));
  return [start, end].map((date) => date.toISOString().slice(0, 16));
};

describe('the period that usage is measured in', () => {
  it('of a trial is the trial, and after it the months that follow its end', () => {
    expect(shown(trial, '2026-11-12T00:00:00')).toEqual(['2026-11-10T08:30', '2026-11-24T08:30']);
    expect(shown(trial, '2026-11-24T08:30:00')).toEqual(['2026-11-24T08:30', '2026-12-24T08:30']);
  });

  it('of a contract is the calendar month, the first one from its start', () => {
    const contract = contractSubscription(trial, at('2026-11-17T12:00:00'));
    expect(shown(contract, '2026-11-20T00:00:00')).toEqual(['2026-11-17T12:00', '2026-12-01T00:00']);
    expect(shown(contract, '2027-02-03T00:00:00')).toEqual(['2027-02-01T00:00', '2027-03-01T00:00']);
  });

  it('of what has ended is the month after its end', () => {
    const ended = cancelSubscription(trial, at('2026-11-17T12:00:00'));
    expect(shown(ended, '2026-12-20T00:00:00')).toEqual(['2026-12-17T12:00', '2027-01-17T12:00']);
  });

  it('of what ended as it began is the calendar month', () => {
    const none = { ...trial, currentPeriodEndsAt: trial.currentPeriodStart, billingPeriodEndsAt: trial.currentPeriodStart };
    expect(shown(none, '2026-11-20T00:00:00')).toEqual(['2026-11-01T00:00', '2026-12-01T00:00']);
    expect(shown({ currentPeriodStart: null, currentPeriodEndsAt: null, billingPeriodEndsAt: null }, '2026-11-20T00:00:00')).toEqual(['2026-11-01T00:00', '2026-12-01T00:00']);
  });
});

describe('the period that is compared with Stripe’s', () => {
  const paid = { ...trial, stripeSubscriptionId: 'sub_1', status: 'ACTIVE' as const };

  it('is the newest subscription’s there, also once it has ended', () => {
    expect(comparedPeriodOf(paid, at('2026-12-20T00:00:00'))).toEqual({ start: trial.currentPeriodStart, end: trial.billingPeriodEndsAt });
    const endless = { ...paid, billingPeriodEndsAt: null };
    expect(comparedPeriodOf(endless, at('2027-03-01T00:00:00')).end).toEqual(at('2027-03-01T00:00:00'));
  });

  it('is the one that usage is measured in where Stripe has none: a contract’s month, and none of a trial that is over', () => {
    const contract = contractSubscription(trial, at('2026-11-17T12:00:00'));
    for (const subscription of [trial, contract]) expect(comparedPeriodOf(subscription, at('2027-02-03T00:00:00'))).toEqual(usagePeriodOf(subscription, at('2027-02-03T00:00:00')));
  });
});
