import { EVENTS } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { cancelSubscription, changed, licenseNameOf, toSubscriptionChanged, trialFor } from './subscription.ts';

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

it.each([
  [{ companyName: 'Acme Corp', fullName: 'Ann', email: 'a@acme.example' }, 'Acme Corp'],
  [{ companyName: null, fullName: 'Ann', email: 'a@acme.example' }, 'Ann'],
  [{ companyName: null, fullName: null, email: 'a@acme.example' }, 'a@acme.example'],
])('the license calls %j %s', (customer, name) => {
  expect(licenseNameOf(customer)).toBe(name);
});

it('the event carries all by value and fits its contract', () => {
  const event = toSubscriptionChanged(trial, 'Acme Corp', { actor: 'billing', reason: null });
  expect(EVENTS['subscription.changed'].payload.parse(event)).toEqual(event);
  expect(event.entitlements.limits['maxDevices']).toBe(10);
});
