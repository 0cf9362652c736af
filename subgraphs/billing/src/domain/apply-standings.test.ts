import type { SubscriptionStatus } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { applyStandings } from './apply-standings.ts';
import { contractSubscription } from './contract.ts';
import type { Discount } from './discount.ts';
import { planOf } from './plan-catalogue.ts';
import type { StandingInvoice, StripeStanding } from './stripe-standing.ts';
import { cancelSubscription, type Subscription, trialFor, withOverride } from './subscription.ts';
import { endTrial, grantTrial } from './trial.ts';

const day = (days: number): Date => new Date(Date.UTC(2026, 11, 1) + days * 86_400_000);
const trial = trialFor({ customerId: 'cust_a', createdAt: day(0) }, 14);
const paid: StandingInvoice = { id: 'in_1', status: 'paid', billingReason: 'subscription_create', finalizedAt: day(2) };
const open: StandingInvoice = { id: 'in_2', status: 'open', billingReason: 'subscription_cycle', finalizedAt: day(33.04) };
const item = { priceLookupKey: 'starter_monthly', plan: 'STARTER', book: '2026-11', meter: null, periodStart: day(2), periodEnd: day(33) } as const;
const nextItem = { ...item, periodStart: day(33), periodEnd: day(64) };
const standing = (terms: Partial<StripeStanding> = {}): StripeStanding => ({
  subscriptionId: 'sub_1',
  createdAt: day(2),
  status: 'active',
  items: [item],
  trialEnd: null,
  cancelAt: null,
  cancelAtPeriodEnd: false,
  canceledAt: null,
  endedAt: null,
  latestInvoice: paid,
  oldestUnpaidInvoice: null,
  discounts: [],
  metadata: {},
  ...terms,
});
const at = (days: number): { now: Date } => ({ now: day(days) });
const twenty: Discount = { couponId: 'TWENTY', name: null, percentOff: '20', amountOff: null, currency: null, duration: 'FOREVER', endsAt: null };
const starter = applyStandings(trial, [standing()], at(2));

describe('what is bought at Stripe', () => {
  it('takes the trial’s place: plan, book, period, entitlements', () => {
    expect(starter).toEqual({ ...trial, plan: 'STARTER', status: 'ACTIVE', trialEndsAt: null, currentPeriodStart: day(2), currentPeriodEndsAt: day(33), billingPeriodEndsAt: day(33), entitlements: planOf('STARTER').entitlements, stripeSubscriptionId: 'sub_1', version: 2, updatedAt: day(2) });
  });

  it('read again makes no new version', () => {
    expect(applyStandings(starter, [standing()], at(9))).toBe(starter);
    expect(applyStandings(starter, structuredClone([standing()]), at(9))).toBe(starter);
  });

  it('goes on in a trial that was carried to Stripe', () => {
    const carried = standing({ status: 'trialing', trialEnd: day(14), items: [{ ...item, periodEnd: day(14) }] });
    expect(applyStandings(trial, [carried], at(2))).toMatchObject({ plan: 'STARTER', status: 'TRIALING', trialEndsAt: day(14), currentPeriodEndsAt: day(14) });
  });

  it('keeps the contract’s own terms through every change of plan', () => {
    const overridden = withOverride(trial, { features: { canExportData: false }, limits: { maxDevices: 77 }, reason: 'asked for' }, day(1));
    const professional = applyStandings(overridden, [standing({ items: [{ ...item, plan: 'PROFESSIONAL' }] })], at(2));
    expect(professional.entitlements).toEqual({ ...planOf('PROFESSIONAL').entitlements, features: { ...planOf('PROFESSIONAL').entitlements.features, canExportData: false }, limits: { ...planOf('PROFESSIONAL').entitlements.limits, maxDevices: 77 } });
  });

  it.each<[string, Partial<StripeStanding>, Partial<Subscription>]>([
    ['renewed', { items: [nextItem] }, { currentPeriodStart: day(33), currentPeriodEndsAt: day(64), billingPeriodEndsAt: day(64) }],
    ['a cancellation at the period’s end', { cancelAt: day(33) }, { cancelAtPeriodEnd: true }],
    ['said the other way', { cancelAtPeriodEnd: true }, { cancelAtPeriodEnd: true }],
    ['a discount', { discounts: [twenty] }, { discounts: [twenty] }],
    ['past due: its period ended when that invoice was finalized', { status: 'past_due', items: [nextItem], latestInvoice: open }, { status: 'PAST_DUE', currentPeriodStart: day(33), currentPeriodEndsAt: day(33.04), billingPeriodEndsAt: day(64) }],
    ['unpaid', { status: 'unpaid', items: [nextItem], latestInvoice: open }, { status: 'UNPAID', currentPeriodStart: day(33), currentPeriodEndsAt: day(33.04), billingPeriodEndsAt: day(64) }],
    ['canceled at once', { status: 'canceled', endedAt: day(10), canceledAt: day(10), cancelAt: day(10) }, { status: 'CANCELED', currentPeriodEndsAt: day(10), billingPeriodEndsAt: day(10) }],
    ['ended with its period', { status: 'canceled', endedAt: day(33), cancelAtPeriodEnd: true }, { status: 'CANCELED', currentPeriodEndsAt: day(33) }],
    ['paused', { status: 'paused' }, { status: 'PAUSED' }],
    ['an upgrade', { items: [{ ...item, plan: 'PROFESSIONAL', periodStart: day(5), periodEnd: day(36) }] }, { plan: 'PROFESSIONAL', entitlements: planOf('PROFESSIONAL').entitlements, currentPeriodStart: day(5), currentPeriodEndsAt: day(36), billingPeriodEndsAt: day(36) }],
  ])('%s: one new version that says so, and nothing else', (_name, terms, facts) => {
    expect(applyStandings(starter, [standing(terms)], at(40))).toEqual({ ...starter, ...facts, version: 3, updatedAt: day(40) });
  });
});

describe('what others made at Stripe', () => {
  const other = { itemId: 'si_o', priceId: 'price_o', fault: null, isMetered: false, periodStart: day(33), periodEnd: day(64) } as const;

  it.each<[string, Partial<StripeStanding>]>([
    ['its price names a book that is not known', { items: [], others: [{ ...other, fault: 'UNKNOWN_BOOK' }] }],
    ['a later version of ours sold it', { items: [{ ...nextItem, plan: 'PROFESSIONAL', book: '2099-01' }] }],
    ['its price was replaced by one that names nothing', { items: [], others: [other] }],
  ])('%s: the last known plan stays, and the period follows', (_name, terms) => {
    expect(applyStandings(starter, [standing(terms)], at(33))).toEqual({ ...starter, currentPeriodStart: day(33), currentPeriodEndsAt: day(64), billingPeriodEndsAt: day(64), version: 3, updatedAt: day(33) });
  });

  it('a checkout of ours whose price lost its marks meanwhile grants what was sold', () => {
    const bought = standing({ items: [], others: [other], metadata: { customer_id: 'cust_a', plan: 'PROFESSIONAL', book: '2026-11' } });
    expect(applyStandings(trial, [bought], at(33))).toMatchObject({ plan: 'PROFESSIONAL', status: 'ACTIVE', entitlements: planOf('PROFESSIONAL').entitlements });
  });

  it('a subscription of its own, and items beside ours, change nothing', () => {
    const foreign = standing({ subscriptionId: 'sub_9', createdAt: day(20), items: [], others: [other] });
    expect(applyStandings(starter, [foreign, standing()], at(33))).toBe(starter);
    expect(applyStandings(starter, [standing({ others: [{ ...other, periodEnd: day(4) }] })], at(33))).toBe(starter);
  });

  it('a plan that is shown goes before one that is only said', () => {
    const said = standing({ subscriptionId: 'sub_9', createdAt: day(20), items: [], others: [{ ...other, fault: 'UNKNOWN_PLAN' }] });
    expect(applyStandings(starter, [said, standing()], at(33))).toBe(starter);
  });

  it('ours were taken off, and theirs go on: ours ended then', () => {
    const left = standing({ status: 'canceled', endedAt: day(10), items: [], others: [{ ...other, periodStart: day(-300), periodEnd: day(65) }] });
    expect(applyStandings(starter, [left], at(10))).toMatchObject({ status: 'CANCELED', plan: 'STARTER', currentPeriodStart: day(2), currentPeriodEndsAt: day(10), billingPeriodEndsAt: day(10) });
  });
});

describe('what was never paid grants nothing', () => {
  it.each<[StripeStanding['status'], SubscriptionStatus]>([
    ['incomplete', 'INCOMPLETE'],
    ['incomplete_expired', 'INCOMPLETE_EXPIRED'],
  ])('%s: plan, entitlements, trial and period stay', (word, status) => {
    expect(applyStandings(trial, [standing({ status: word, discounts: [twenty] })], at(2))).toEqual({ ...trial, status, stripeSubscriptionId: 'sub_1', version: 2, updatedAt: day(2) });
  });

  it('canceled before its first payment neither', () => {
    const abandoned = standing({ status: 'canceled', endedAt: day(3), latestInvoice: { ...paid, status: 'void' } });
    expect(applyStandings(trial, [abandoned], at(3))).toEqual({ ...trial, status: 'CANCELED', stripeSubscriptionId: 'sub_1', version: 2, updatedAt: day(3) });
  });

  it('after one that ended, that one’s end stands', () => {
    const ended = standing({ status: 'canceled', endedAt: day(10) });
    const again = standing({ subscriptionId: 'sub_2', createdAt: day(20), status: 'incomplete', items: [{ ...item, plan: 'PROFESSIONAL' }] });
    const waiting = applyStandings(starter, [again, ended], at(20));
    expect(waiting).toMatchObject({ plan: 'STARTER', status: 'INCOMPLETE', currentPeriodEndsAt: day(10), stripeSubscriptionId: 'sub_2' });
    expect(applyStandings(waiting, [{ ...again, status: 'incomplete_expired' }, ended], at(21))).toMatchObject({ plan: 'STARTER', status: 'CANCELED', currentPeriodEndsAt: day(10), stripeSubscriptionId: 'sub_1' });
    expect(applyStandings(waiting, [{ ...again, status: 'active' }, ended], at(21))).toMatchObject({ plan: 'PROFESSIONAL', status: 'ACTIVE', currentPeriodEndsAt: day(33), stripeSubscriptionId: 'sub_2' });
  });
});

describe('what is ours alone', () => {
  const expired = standing({ status: 'incomplete_expired' });
  const ended = standing({ status: 'canceled', endedAt: day(10) });
  const granted = grantTrial(applyStandings(trial, [expired], at(3)), { plan: 'PROFESSIONAL', days: 14 }, day(20));
  const contract = contractSubscription(applyStandings(starter, [ended], at(10)), day(20));

  it.each<[string, Subscription, StripeStanding[]]>([
    ['with nothing at Stripe', trial, []],
    ['with nothing of ours at Stripe', trial, [standing({ items: [] })]],
    ['a trial granted after what expired', granted, [expired]],
    ['a contract after what ended', contract, [ended]],
    ['a contract that ended after what ended', cancelSubscription(contract, day(30)), [ended]],
    ['a contract while a first payment is awaited', contract, [standing({ subscriptionId: 'sub_2', createdAt: day(25), status: 'incomplete' })]],
    ['a contract while one expired', contract, [standing({ subscriptionId: 'sub_2', createdAt: day(25), status: 'incomplete_expired' }), ended]],
  ])('stays as it is: %s', (_name, subscription, standings) => {
    expect(applyStandings(subscription, standings, at(40))).toBe(subscription);
  });

  it('a trial that was granted shows a first payment that is awaited, and keeps its own period', () => {
    const waiting = applyStandings(granted, [standing({ subscriptionId: 'sub_2', createdAt: day(25), status: 'incomplete' }), expired], at(25));
    expect(waiting).toMatchObject({ plan: 'PROFESSIONAL', status: 'INCOMPLETE', trialEndsAt: day(34), currentPeriodEndsAt: day(34) });
  });

  it('gives way to what is bought afterwards', () => {
    const bought = standing({ subscriptionId: 'sub_2', createdAt: day(25), items: [nextItem] });
    for (const subscription of [granted, contract, endTrial(trial, day(20))]) expect(applyStandings(subscription, [bought, ended], at(25))).toMatchObject({ plan: 'STARTER', status: 'ACTIVE', stripeSubscriptionId: 'sub_2', isContract: false, currentPeriodEndsAt: day(64) });
  });

  it('a subscription that began and ended in the second of the sign-up is not taken for an older one', () => {
    const late = trialFor({ customerId: 'cust_a', createdAt: new Date(day(2).getTime() + 700) }, 14);
    expect(applyStandings(late, [ended], at(10))).toMatchObject({ status: 'CANCELED', stripeSubscriptionId: 'sub_1' });
  });
});

describe('a deactivated customer’s subscription is over', () => {
  const since = { now: day(12), deactivatedAt: day(11) };

  it.each<[string, Subscription, StripeStanding[], end: number]>([
    ['though Stripe still says active', starter, [standing()], 11],
    ['also one bought afterwards', trial, [standing({ createdAt: day(11.5), items: [nextItem] })], 11],
    ['as Stripe ended it, if earlier', starter, [standing({ status: 'canceled', endedAt: day(10) })], 10],
    ['when Stripe ends it later', starter, [standing({ status: 'canceled', endedAt: day(12) })], 11],
    ['a trial', trial, [], 11],
    ['a contract', contractSubscription(trial, day(5)), [], 11],
  ])('%s', (_name, subscription, standings, end) => {
    const over = applyStandings(subscription, standings, since);
    expect(over).toMatchObject({ status: 'CANCELED', cancelAtPeriodEnd: false, currentPeriodEndsAt: day(end) });
    expect(applyStandings(over, standings, { ...since, now: day(50) })).toBe(over);
  });

  it('as the event of the deactivation made it: reading Stripe afterwards changes nothing more', () => {
    const ended = cancelSubscription(starter, day(11));
    expect(applyStandings(ended, [standing()], since)).toBe(ended);
  });
});
