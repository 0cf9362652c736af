/** Whole lives at Stripe: random walks over its documented steps, read by us in any order, doubled or not at all. */
import fc from 'fast-check';
import { type PlanKey, SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { applyStandings } from './apply-standings.ts';
import { chooseStanding, type StandingInvoice, type StripeStanding } from './stripe-standing.ts';
import { entitlementsOf, type Subscription, trialFor, withOverride } from './subscription.ts';
import { TRANSITIONS } from './subscription-transitions.ts';

const START = Date.UTC(2026, 11, 1);
const HOUR_MS = 3_600_000;
const MONTH_MS = 30 * 24 * HOUR_MS;
const hour = (hours: number): Date => new Date(START + hours * HOUR_MS);
const later = (instant: Date, ms: number): Date => new Date(instant.getTime() + ms);

type Word = StripeStanding['status'];
const BEGINNINGS: readonly Word[] = ['incomplete', 'trialing', 'active'];
const toWord = (status: SubscriptionStatus): Word => status.toLowerCase() as Word;
const STEPS = Object.fromEntries(SUBSCRIPTION_STATUSES.map((from) => [toWord(from), SUBSCRIPTION_STATUSES.filter((to) => TRANSITIONS[from][to].kind === 'documented').map(toWord)])) as Record<Word, Word[]>;

/** One step of a life, by dice: which of the possible ones, how long after the last, and what else changes. */
interface Die {
  choice: number;
  hours: number;
  plan: PlanKey;
  endsLater: boolean;
  startsAnother: boolean;
}

/** What Stripe lists for the customer at a time, ended subscriptions included. */
interface Reading {
  at: Date;
  standings: readonly StripeStanding[];
}

const invoice = (status: StandingInvoice['status'], billingReason: string, at: Date): StandingInvoice => ({ id: `in_${at.getTime()}`, status, billingReason, finalizedAt: status === 'draft' ? null : later(at, HOUR_MS) });

function begin(index: number, die: Die, at: Date): StripeStanding {
  const status = BEGINNINGS[die.choice % BEGINNINGS.length] ?? 'active';
  const trialEnd = status === 'trialing' ? later(at, MONTH_MS / 2) : null;
  const item = { priceLookupKey: null, plan: die.plan, book: '2026-11', meter: null, periodStart: at, periodEnd: trialEnd ?? later(at, MONTH_MS) };
  const latestInvoice = invoice(status === 'incomplete' ? 'open' : 'paid', 'subscription_create', at);
  return { subscriptionId: `sub_${index}`, createdAt: at, status, items: [item, { ...item, meter: 'DEVICES' }], trialEnd, cancelAt: null, cancelAtPeriodEnd: false, canceledAt: null, endedAt: null, latestInvoice, oldestUnpaidInvoice: null, discounts: [], metadata: {} };
}

function rolled(before: StripeStanding, at: Date, plan: PlanKey): StripeStanding['items'] {
  return before.items.map((item) => ({ ...item, plan, periodStart: at, periodEnd: later(at, MONTH_MS) }));
}

function step(before: StripeStanding, die: Die, at: Date): StripeStanding {
  const words = STEPS[before.status];
  const status = words[die.choice % words.length] ?? before.status;
  const next = { ...before, status, cancelAt: die.endsLater ? later(at, MONTH_MS) : null };
  switch (status) {
    case 'trialing':
      return { ...next, trialEnd: later(at, MONTH_MS / 2), items: before.items.map((item) => ({ ...item, periodStart: at, periodEnd: later(at, MONTH_MS / 2) })) };
    case 'active':
      return { ...next, items: rolled(before, at, die.plan), latestInvoice: invoice('paid', 'subscription_cycle', at), oldestUnpaidInvoice: null };
    case 'past_due': {
      const latestInvoice = invoice('open', 'subscription_cycle', at);
      return { ...next, items: rolled(before, at, before.items[0]?.plan ?? 'STARTER'), latestInvoice, oldestUnpaidInvoice: before.oldestUnpaidInvoice ?? latestInvoice };
    }
    case 'unpaid':
      return { ...next, items: rolled(before, at, before.items[0]?.plan ?? 'STARTER'), latestInvoice: invoice('draft', 'subscription_cycle', at) };
    case 'canceled':
      return { ...next, canceledAt: at, endedAt: at };
    case 'paused':
      return before.status === 'trialing' ? { ...next, trialEnd: at } : next;
    default:
      return next;
  }
}

const neverBegan = ({ status, latestInvoice }: StripeStanding): boolean => status.startsWith('incomplete') || (status === 'canceled' && latestInvoice?.billingReason === 'subscription_create' && latestInvoice.status === 'open');
const hasEnded = ({ status }: StripeStanding): boolean => status === 'canceled' || status === 'incomplete_expired';

/** The life that the dice make: what Stripe lists after each step. */
function live(dice: readonly Die[]): Reading[] {
  const readings: Reading[] = [];
  let past: StripeStanding[] = [];
  let current: StripeStanding | null = null;
  let at = hour(1);
  for (const die of dice) {
    at = later(at, die.hours * HOUR_MS);
    if (current !== null && hasEnded(current) && die.startsAnother) {
      past = [current, ...past];
      current = null;
    }
    current = current === null ? begin(past.length, die, at) : step(current, die, at);
    readings.push({ at, standings: [current, ...past] });
  }
  return readings;
}

const dice = fc.array(
  fc.record<Die>({ choice: fc.nat(1_000), hours: fc.integer({ min: 1, max: 800 }), plan: fc.constantFrom('STARTER' as const, 'PROFESSIONAL' as const), endsLater: fc.boolean(), startsAnother: fc.boolean() }),
  { minLength: 1, maxLength: 30 },
);
const override = { features: { canExportData: false }, limits: { maxUsers: 99 }, reason: 'contract 12' };
const origins = fc.boolean().map((isOverridden) => {
  const trial = trialFor({ customerId: 'cust_a', createdAt: hour(0) }, 14);
  return isOverridden ? withOverride(trial, override, hour(0)) : trial;
});

const content = ({ version: _version, updatedAt: _updatedAt, ...facts }: Subscription): object => facts;
const apply = (subscription: Subscription, reading: Reading | undefined): Subscription => (reading === undefined ? subscription : applyStandings(subscription, reading.standings, { now: reading.at }));

describe('lives at Stripe', () => {
  it('1,000 lives read in any order, doubled and with losses end, once the newest is read, as if it alone had been', () => {
    const order = fc.array(fc.nat(1_000), { maxLength: 40 });
    fc.assert(
      fc.property(origins, dice, order, (origin, each, picks) => {
        const readings = live(each);
        const scattered = picks.map((pick) => readings[pick % readings.length]).reduce(apply, origin);
        expect(content(apply(scattered, readings.at(-1)))).toEqual(content(apply(origin, readings.at(-1))));
      }),
      { numRuns: 1_000 },
    );
  });

  it('in every step the version rises with a change and only then, and what is read twice changes nothing', () => {
    fc.assert(
      fc.property(origins, dice, (origin, each) => {
        let subscription = origin;
        for (const reading of live(each)) {
          const next = apply(subscription, reading);
          const isChanged = JSON.stringify(content(next)) !== JSON.stringify(content(subscription));
          expect(next.version).toBe(subscription.version + (isChanged ? 1 : 0));
          expect(next.updatedAt >= subscription.updatedAt).toBe(true);
          expect(apply(next, reading)).toBe(next);
          subscription = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('in every step the status is Stripe’s, the period is sane, and what is granted is the plan of what was paid, under the override', () => {
    fc.assert(
      fc.property(origins, dice, (origin, each) => {
        let subscription = origin;
        for (const reading of live(each)) {
          subscription = apply(subscription, reading);
          const { status, currentPeriodStart, billingPeriodEndsAt, cancelAtPeriodEnd } = subscription;
          expect(status).toBe(chooseStanding(reading.standings)?.status.toUpperCase());
          expect(currentPeriodStart !== null && billingPeriodEndsAt !== null && currentPeriodStart <= billingPeriodEndsAt).toBe(true);
          expect(subscription.entitlements).toEqual(entitlementsOf(subscription));
          expect({ id: subscription.id, customerId: subscription.customerId, override: subscription.override }).toEqual({ id: origin.id, customerId: origin.customerId, override: origin.override });
          expect(subscription.plan === 'TRIAL').toBe(reading.standings.every(neverBegan));
          expect((status === 'CANCELED' || status === 'INCOMPLETE_EXPIRED') && cancelAtPeriodEnd).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('nobody gains time by not paying: from past due on, the end stays until something is paid', () => {
    fc.assert(
      fc.property(origins, dice, (origin, each) => {
        let subscription = origin;
        for (const reading of live(each)) {
          const next = apply(subscription, reading);
          const isFailing = subscription.status === 'PAST_DUE' || subscription.status === 'UNPAID';
          const isPaid = !['PAST_DUE', 'UNPAID', 'CANCELED'].includes(next.status);
          expect(!isFailing || isPaid || next.currentPeriodEndsAt?.getTime() === subscription.currentPeriodEndsAt?.getTime()).toBe(true);
          subscription = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the walks reach every status and every documented step: nothing above was true of nothing', () => {
    const seen = new Set<string>();
    for (const each of fc.sample(dice, { numRuns: 2_000, seed: 7 })) {
      let subscription = trialFor({ customerId: 'cust_a', createdAt: hour(0) }, 14);
      for (const reading of live(each)) {
        const next = apply(subscription, reading);
        seen.add(`${subscription.status} ${next.status}`);
        subscription = next;
      }
    }
    const documented = SUBSCRIPTION_STATUSES.flatMap((from) => SUBSCRIPTION_STATUSES.filter((to) => TRANSITIONS[from][to].kind === 'documented').map((to) => `${from} ${to}`));
    expect(documented.filter((each) => !seen.has(each))).toEqual([]);
  });
});
