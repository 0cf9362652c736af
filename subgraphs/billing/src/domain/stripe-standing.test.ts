import { describe, expect, it } from 'vitest';
import { baseItemOf, chooseStanding, type GrantedPeriod, grantedPeriodOf, grantingStanding, isScheduledToEnd, type StandingInvoice, type StripeStanding } from './stripe-standing.ts';

const day = (days: number): Date => new Date(Date.UTC(2026, 11, 1) + days * 86_400_000);
const item = { priceLookupKey: 'starter_monthly', plan: 'STARTER', book: '2026-11', meter: null, periodStart: day(0), periodEnd: day(31) } as const;
const paid: StandingInvoice = { id: 'in_1', status: 'paid', billingReason: 'subscription_cycle', finalizedAt: day(0) };
const unpaid = (days: number, terms: Partial<StandingInvoice> = {}): StandingInvoice => ({ ...paid, id: `in_${days}`, status: 'open', finalizedAt: day(days), ...terms });
const standing = (terms: Partial<StripeStanding> = {}): StripeStanding => ({
  subscriptionId: 'sub_1',
  createdAt: day(-100),
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
const first = (subscriptionId: string, status: StripeStanding['status'], createdDay: number, terms: Partial<StripeStanding> = {}): StripeStanding => standing({ subscriptionId, status, createdAt: day(createdDay), ...terms });
const neverPaid = { latestInvoice: unpaid(0, { status: 'void', billingReason: 'subscription_create' }) };

describe('of several subscriptions at Stripe', () => {
  it.each<[string, StripeStanding[], chosen: string | null, granting: string | null]>([
    ['none', [], null, null],
    ['the only one', [first('a', 'active', 0)], 'a', 'a'],
    ['the live one, though another began and ended later', [first('a', 'active', 0), first('b', 'canceled', 5)], 'a', 'a'],
    ['past due and unpaid are live', [first('a', 'unpaid', 0), first('b', 'canceled', 5)], 'a', 'a'],
    ['the live one, though another awaits its first payment', [first('b', 'incomplete', 5), first('a', 'active', 0)], 'a', 'a'],
    ['the later of two live ones', [first('a', 'active', 0), first('b', 'active', 5)], 'b', 'b'],
    ['the greater id of two of one second', [first('a', 'active', 0), first('b', 'active', 0)], 'b', 'b'],
    ['the later of two that ended', [first('b', 'canceled', 5), first('a', 'canceled', 0)], 'b', 'b'],
    ['one that awaits its payment before one that ended; that one’s grant holds', [first('a', 'canceled', 0), first('b', 'incomplete', 5)], 'b', 'a'],
    ['one that ended before one that never began', [first('a', 'canceled', 0), first('b', 'incomplete_expired', 5)], 'a', 'a'],
    ['one that was canceled before its first payment never began either', [first('a', 'canceled', 0), first('b', 'canceled', 5, neverPaid)], 'a', 'a'],
    ['nothing but what never began', [first('b', 'incomplete_expired', 5)], 'b', null],
    ['what holds nothing of ours is nobody’s', [first('a', 'active', 0, { items: [] })], null, null],
  ])('%s', (_name, standings, chosen, granting) => {
    for (const order of [standings, standings.toReversed()]) {
      expect(chooseStanding(order)?.subscriptionId ?? null).toBe(chosen);
      expect(grantingStanding(order)?.subscriptionId ?? null).toBe(granting);
    }
  });
});

describe('the period that is granted', () => {
  it.each<[string, Partial<StripeStanding>, start: number, end: number]>([
    ['active: that of the items', {}, 0, 31],
    ['several items: what is paid for is the base price’s', { items: [item, { ...item, meter: 'DEVICES', periodStart: day(10), periodEnd: day(20) }] }, 10, 31],
    ['one that ends before its period, by its own date', { cancelAt: day(20) }, 0, 20],
    ['items of others: none of their periods', { others: [{ itemId: 'si_o', priceId: 'price_o', fault: null, isMetered: false, periodStart: day(-7), periodEnd: day(7) }] }, 0, 31],
    ['active with an invoice that is open: still that of the items', { latestInvoice: unpaid(0.04) }, 0, 31],
    ['past due: to when the invoice was finalized', { status: 'past_due', latestInvoice: unpaid(0.04) }, 0, 0.04],
    ['past due over an invoice that was given up', { status: 'past_due', latestInvoice: unpaid(0.04, { status: 'uncollectible' }) }, 0, 0.04],
    ['past due for months: to the oldest that is unpaid', { status: 'past_due', latestInvoice: unpaid(0.04), oldestUnpaidInvoice: unpaid(-30) }, -30, -30],
    ['unpaid: its later invoices are drafts', { status: 'unpaid', latestInvoice: { ...paid, status: 'draft', finalizedAt: null }, oldestUnpaidInvoice: unpaid(-60) }, -60, -60],
    ['past due and no invoice says since when: nothing of the period', { status: 'past_due', latestInvoice: null }, 0, 0],
    ['past due, and what is open is void: nothing of the period', { status: 'past_due', latestInvoice: unpaid(5, { status: 'void' }) }, 0, 0],
    ['canceled at once: to then', { status: 'canceled', canceledAt: day(9), endedAt: day(10) }, 0, 10],
    ['canceled and its end is not told: to when it was asked for', { status: 'canceled', canceledAt: day(9) }, 0, 9],
    ['ended after its period', { status: 'canceled', endedAt: day(40) }, 0, 31],
    ['ended over an unpaid invoice: nobody gains time by not paying', { status: 'canceled', endedAt: day(15), latestInvoice: unpaid(0.04) }, 0, 0.04],
    ['canceled at once and its last bill is open: that bill is later', { status: 'canceled', endedAt: day(10), latestInvoice: unpaid(10.04) }, 0, 10],
    ['trialing: to the trial’s end', { status: 'trialing', trialEnd: day(14), items: [{ ...item, periodEnd: day(14) }] }, 0, 14],
    ['a trial that ended without a card', { status: 'paused', trialEnd: day(14), latestInvoice: { ...paid, finalizedAt: day(0) } }, 0, 14],
    ['such a trial when the period has rolled', { status: 'paused', trialEnd: day(0), latestInvoice: { ...paid, finalizedAt: day(-14) } }, 0, 0],
    ['paused in the first month that was paid', { status: 'paused', trialEnd: day(0), latestInvoice: { ...paid, finalizedAt: day(0.04) } }, 0, 31],
    ['paused later', { status: 'paused', trialEnd: day(-60) }, 0, 31],
    ['paused and never in a trial', { status: 'paused' }, 0, 31],
  ])('%s', (_name, terms, start, end) => {
    expect(grantedPeriodOf(standing(terms))).toMatchObject({ end: day(end) });
    // What is granted may end before the period began; what is billed never does.
    const { start: begins, billingEnd } = grantedPeriodOf(standing(terms)) as GrantedPeriod;
    expect(begins <= billingEnd).toBe(true);
    expect(begins.getTime()).toBeGreaterThanOrEqual(Math.min(day(start).getTime(), billingEnd.getTime()));
  });
});

it('usage counts in the period of the metered items, and the base price’s is what is paid for: one by the year goes with meters by the month', () => {
  const yearly = { ...item, periodStart: day(0), periodEnd: day(365) };
  const metered = { ...item, meter: 'DEVICES', periodStart: day(31), periodEnd: day(62) } as const;
  expect(grantedPeriodOf(standing({ items: [yearly, metered] }))).toEqual({ start: day(31), end: day(365), billingEnd: day(62) });
  expect(grantedPeriodOf(standing({ items: [metered, yearly], status: 'canceled', endedAt: day(40) }))).toEqual({ start: day(31), end: day(40), billingEnd: day(40) });
  expect(grantedPeriodOf(standing({ items: [] }))).toBeNull();
});

it.each<[Partial<StripeStanding>, boolean]>([
  [{}, false],
  [{ cancelAt: day(31) }, true],
  [{ cancelAtPeriodEnd: true }, true],
  [{ cancelAt: day(31), cancelAtPeriodEnd: true }, true],
])('scheduled to end, in either of Stripe’s ways: %j', (terms, isScheduled) => {
  expect(isScheduledToEnd(standing(terms))).toBe(isScheduled);
});

it('the base price says the plan, wherever it stands', () => {
  const metered = { ...item, meter: 'DEVICES' } as const;
  expect(baseItemOf(standing({ items: [metered, item] }))).toBe(item);
  expect(baseItemOf(standing({ items: [metered] }))).toBe(metered);
  expect(baseItemOf(standing({ items: [] }))).toBeNull();
});

it('usage counts in the period of the meters, and what is granted ends with the year that the base price is paid for', () => {
  const yearly = { ...item, priceLookupKey: null, periodStart: day(-90), periodEnd: day(275) };
  const metered = { ...item, meter: 'DEVICES' } as const;
  expect(grantedPeriodOf(standing({ items: [yearly, metered] }))).toEqual({ start: day(0), end: day(275), billingEnd: day(31) });
  expect(grantedPeriodOf(standing({ items: [yearly] }))).toEqual({ start: day(-90), end: day(275), billingEnd: day(275) });
});
