import { EVENTS } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { planOf } from './plan-catalogue.ts';
import { cancelSubscription, changed, entitlementsOf, isLiveAtStripe, licenseNameOf, revised, toSubscriptionChanged, trialFor, withOverride } from './subscription.ts';

const END = '2026-12-20T12:00:00.000Z';

const createdAt = new Date('2026-11-20T12:00:00.000Z');
const trial = trialFor({ customerId: 'cust_a', createdAt }, 14);

describe('a trial', () => {
  it('is a function of the customer: asked twice it is the same, id included', () => {
    expect(trialFor({ customerId: 'cust_a', createdAt }, 14)).toEqual(trial);
    expect(trialFor({ customerId: 'cust_b', createdAt }, 14).id).not.toBe(trial.id);
  });

  it('ends after its days to the millisecond, and its period with it', () => {
    expect(trial).toMatchObject({ plan: 'TRIAL', status: 'TRIALING', version: 1, currentPeriodStart: createdAt, trialEndsAt: new Date('2026-12-04T12:00:00.000Z'), currentPeriodEndsAt: new Date('2026-12-04T12:00:00.000Z'), updatedAt: createdAt });
  });

  it('is of the book that is sold by then, without anything at Stripe', () => {
    expect(trial).toMatchObject({ book: '2026-11', override: null, discounts: [], stripeSubscriptionId: null, isContract: false });
    expect(trialFor({ customerId: 'cust_a', createdAt: new Date('2020-01-01T00:00:00.000Z') }, 14).book).toBe('2026-11');
  });
});

describe('the end of a subscription', () => {
  it('is when it was canceled, within its period', () => {
    const at = new Date('2026-11-25T00:00:00.000Z');
    expect(cancelSubscription(trial, at)).toMatchObject({ status: 'CANCELED', currentPeriodEndsAt: at, version: 2, updatedAt: at, trialEndsAt: trial.trialEndsAt });
  });

  it('is the end of its period where that lies before', () => {
    expect(cancelSubscription(trial, new Date('2027-01-01T00:00:00.000Z')).currentPeriodEndsAt).toEqual(trial.trialEndsAt);
  });

  it('is the moment itself for a period without an end', () => {
    expect(cancelSubscription({ ...trial, currentPeriodEndsAt: null }, createdAt).currentPeriodEndsAt).toEqual(createdAt);
  });

  it('does not move when it is canceled again', () => {
    const canceled = cancelSubscription(trial, createdAt);
    expect(cancelSubscription(canceled, new Date('2026-11-30T00:00:00.000Z'))).toBe(canceled);
  });
});

it('a version is never older than the one before it', () => {
  expect(changed(trial, new Date('2020-01-01T00:00:00.000Z')).updatedAt).toEqual(trial.updatedAt);
});

describe('a revision', () => {
  const at = new Date('2026-11-25T00:00:00.000Z');

  it('is the next version where a fact differs', () => {
    expect(revised(trial, { plan: 'STARTER' }, at)).toEqual({ ...trial, plan: 'STARTER', version: 2, updatedAt: at });
  });

  it('is the same object where none does, by value', () => {
    expect(revised(trial, { plan: 'TRIAL', trialEndsAt: new Date(trial.trialEndsAt ?? 0), discounts: [], entitlements: structuredClone(trial.entitlements) }, at)).toBe(trial);
    expect(revised(trial, {}, at)).toBe(trial);
  });
});

describe('an override', () => {
  const at = new Date('2026-11-25T00:00:00.000Z');
  const override = { features: { hasOtaUpdates: true }, limits: { maxDevices: 77 }, reason: 'contract 12' };

  it('grants beyond the plan, and taken back leaves the plan’s own', () => {
    const granted = withOverride(trial, override, at);
    expect(granted).toMatchObject({ override, entitlements: { features: { hasOtaUpdates: true }, limits: { maxDevices: 77 } }, version: 2 });
    expect(withOverride(granted, override, at)).toBe(granted);
    expect(withOverride(granted, null, at)).toEqual({ ...trial, version: 3, updatedAt: at });
  });

  it('goes along to another plan', () => {
    expect(entitlementsOf({ plan: 'PROFESSIONAL', book: '2026-11', override })).toEqual({ ...planOf('PROFESSIONAL').entitlements, limits: { ...planOf('PROFESSIONAL').entitlements.limits, maxDevices: 77 } });
  });
});

it.each([
  [null, 'TRIALING', false],
  ['sub_1', 'TRIALING', true],
  ['sub_1', 'UNPAID', true],
  ['sub_1', 'INCOMPLETE', true],
  ['sub_1', 'CANCELED', false],
  ['sub_1', 'INCOMPLETE_EXPIRED', false],
] as const)('at Stripe %s, %s: live there %s', (stripeSubscriptionId, status, isLive) => {
  expect(isLiveAtStripe({ stripeSubscriptionId, status })).toBe(isLive);
});

it.each([
  [{ companyName: 'Acme Corp', fullName: 'Ann', email: 'a@acme.example' }, 'Acme Corp'],
  [{ companyName: null, fullName: 'Ann', email: 'a@acme.example' }, 'Ann'],
  [{ companyName: null, fullName: null, email: 'a@acme.example' }, 'a@acme.example'],
])('the license calls %j %s', (customer, name) => {
  expect(licenseNameOf(customer)).toBe(name);
});

it.each([
  ['a paid one goes on from period to period', { status: 'ACTIVE' as const }, null],
  ['canceled at the end of the period', { status: 'ACTIVE' as const, cancelAtPeriodEnd: true }, END],
  ['a contract with an end', { status: 'ACTIVE' as const, isContract: true }, END],
  ['a contract without one', { status: 'ACTIVE' as const, isContract: true, currentPeriodEndsAt: null }, null],
])('the event says where the subscription is known to end: %s', (_name, changes, endsAt) => {
  const subscription = { ...trial, currentPeriodEndsAt: new Date(END), ...changes };
  expect(toSubscriptionChanged(subscription, 'Acme Corp', { actor: 'billing', reason: null }).endsAt).toBe(endsAt);
});

it('the event carries all by value and fits its contract', () => {
  const event = toSubscriptionChanged(trial, 'Acme Corp', { actor: 'billing', reason: null });
  expect(EVENTS['subscription.changed'].payload.parse(event)).toEqual(event);
  expect(event.entitlements.limits['maxDevices']).toBe(10);
});
