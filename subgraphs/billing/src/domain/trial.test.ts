import { describe, expect, it } from 'vitest';
import { contractSubscription, isContractInForce } from './contract.ts';
import { planOf } from './plan-catalogue.ts';
import { cancelSubscription, type Subscription, trialFor, withOverride } from './subscription.ts';
import { endTrial, grantTrial, isLocalTrial } from './trial.ts';

const day = (days: number): Date => new Date(Date.UTC(2026, 11, 1) + days * 86_400_000);
const trial = trialFor({ customerId: 'cust_a', createdAt: day(0) }, 14);
const atStripe = (status: Subscription['status']): Subscription => ({ ...trial, plan: 'STARTER', status, stripeSubscriptionId: 'sub_1' });
const contract = contractSubscription(trial, day(3));
const reasonOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
};

describe('the end of a local trial', () => {
  it('is PAUSED from its last moment on, once, and the period ended with the trial', () => {
    const ended = endTrial(trial, day(20));
    expect(ended).toEqual({ ...trial, status: 'PAUSED', version: 2, updatedAt: day(20) });
    expect(endTrial(ended, day(21))).toBe(ended);
    expect(endTrial(trial, day(14)).status).toBe('PAUSED');
  });

  it.each<[string, Subscription, number]>([
    ['a moment before it', trial, 13.999],
    ['a trial at Stripe: Stripe ends that', atStripe('TRIALING'), 20],
    ['a subscription that is paid', { ...atStripe('ACTIVE'), stripeSubscriptionId: 'sub_1' }, 20],
    ['one that was canceled', cancelSubscription(trial, day(1)), 20],
    ['a trial without an end', { ...trial, trialEndsAt: null }, 20],
  ])('does not come for %s', (_name, subscription, now) => {
    expect(endTrial(subscription, day(now))).toBe(subscription);
  });
});

describe('a trial that an operator grants', () => {
  it.each<[string, Subscription]>([
    ['in the trial', trial],
    ['after the trial', endTrial(trial, day(20))],
    ['after a first payment that was never made', atStripe('INCOMPLETE_EXPIRED')],
  ])('%s: of the plan, for the days, from now on', (_name, subscription) => {
    const granted = grantTrial(subscription, { plan: 'PROFESSIONAL', days: 30 }, day(21));
    expect(granted).toEqual({ ...trial, plan: 'PROFESSIONAL', status: 'TRIALING', trialEndsAt: day(51), currentPeriodStart: day(21), currentPeriodEndsAt: day(51), billingPeriodEndsAt: day(51), entitlements: planOf('PROFESSIONAL').entitlements, stripeSubscriptionId: null, version: subscription.version + 1, updatedAt: day(21) });
    expect(isLocalTrial(granted)).toBe(true);
  });

  it('keeps a contract’s own terms', () => {
    const override = { features: {}, limits: { maxDevices: 77 }, reason: 'asked for' };
    expect(grantTrial(withOverride(trial, override, day(1)), { plan: 'STARTER', days: 5 }, day(2)).entitlements.limits['maxDevices']).toBe(77);
  });

  it.each<[string, Subscription, days: number]>([
    ['SUBSCRIPTION_EXISTS', atStripe('ACTIVE'), 14],
    ['SUBSCRIPTION_EXISTS', atStripe('PAST_DUE'), 14],
    ['SUBSCRIPTION_EXISTS', atStripe('INCOMPLETE'), 14],
    ['SUBSCRIPTION_EXISTS', contract, 14],
    ['TRIAL_ALREADY_USED', atStripe('CANCELED'), 14],
    ['TRIAL_ALREADY_USED', cancelSubscription(contract, day(9)), 14],
    ['INVALID_DAYS', trial, 0],
    ['INVALID_DAYS', trial, 366],
    ['INVALID_DAYS', trial, 1.5],
  ])('is refused: %s', (reason, subscription, days) => {
    expect(reasonOf(() => grantTrial(subscription, { plan: 'STARTER', days }, day(10)))).toBe(reason);
  });
});

describe('a contract', () => {
  it('grants the plan by contract at once and without an end', () => {
    expect(contract).toEqual({ ...trial, plan: 'ENTERPRISE', status: 'ACTIVE', trialEndsAt: null, currentPeriodStart: day(3), currentPeriodEndsAt: null, billingPeriodEndsAt: null, entitlements: planOf('ENTERPRISE').entitlements, isContract: true, version: 2, updatedAt: day(3) });
    expect(isContractInForce(contract)).toBe(true);
  });

  it('ends when it is canceled, and may be made again', () => {
    const ended = cancelSubscription(contract, day(40));
    expect(ended).toMatchObject({ status: 'CANCELED', currentPeriodEndsAt: day(40), isContract: true });
    expect(isContractInForce(ended)).toBe(false);
    expect(contractSubscription(ended, day(50))).toMatchObject({ status: 'ACTIVE', currentPeriodStart: day(50), currentPeriodEndsAt: null, version: 4 });
  });

  it('follows a subscription that ended at Stripe', () => {
    expect(contractSubscription(atStripe('CANCELED'), day(40))).toMatchObject({ plan: 'ENTERPRISE', stripeSubscriptionId: null, isContract: true });
  });

  it.each<[string, Subscription]>([
    ['ALREADY_ON_PLAN', contract],
    ['SUBSCRIPTION_EXISTS', atStripe('ACTIVE')],
    ['SUBSCRIPTION_EXISTS', atStripe('PAUSED')],
  ])('is refused: %s', (reason, subscription) => {
    expect(reasonOf(() => contractSubscription(subscription, day(10)))).toBe(reason);
  });
});
