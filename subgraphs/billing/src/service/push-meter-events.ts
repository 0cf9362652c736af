import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { BillingApp } from '../app.ts';
import { stripeCodeOf } from '../clients/stripe.ts';
import { ensureMeter } from '../clients/stripe-catalogue.ts';
import { PRICE_BOOKS } from '../domain/price-book.ts';
import { meterEventIdentifier, meterEventTime, stripeUnits } from '../domain/stripe-meters.ts';
import { type BillingPeriod, DRAFT_MS } from '../domain/settlement.ts';
import { isLiveAtStripe } from '../domain/subscription.ts';
import { listBillingPeriods } from '../repository/billing-periods.ts';
import { findCustomer } from '../repository/customers.ts';
import { listCustomersToMeter, listUnsent, markRejected, markSending, markSent, markUnbilled, markUnchanged, type MeteredQuantity } from '../repository/metered-quantities.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { listCustomersToTrueUp } from '../repository/true-ups.ts';
import { adoptTrueUps } from './adopt-true-ups.ts';
import { decideTrueUp, sendTrueUps } from './true-up-usage.ts';

type Pushing = Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'exclusive' | 'log' | 'billingMetrics' | 'usageBiller' | 'config' | 'restores'>;

/** What has waited longer is looked at no more: of anything older usage takes no report. */
const OLDEST_MS = 400 * 86_400_000;
/** Stripe knows an identifier for a day: what may have been sent longer ago is looked up before it is sent again. */
const KNOWN_FOR_MS = 20 * 3_600_000;
const MAX_CUSTOMERS = 200;
/** Stripe refuses what is further ahead of its clock. */
const MAX_AHEAD_MS = 5 * 60_000;

/**
 * Tells Stripe what a customer's meters stand at, where that changed: as a meter's quantity while its period may still be
 * billed, as an item of a later invoice once its own is final. In between it waits. One at a time per customer; a repeat or a
 * correction replaces.
 */
export async function flushMeterEvents(app: Pushing, customerId: string): Promise<void> {
  await app.exclusive.run(`meter:${customerId}`, async () => {
    const known = await findCustomer(app.db, customerId);
    if (known === null || known.stripeCustomerId === null) return;
    const { stripeCustomerId } = known;
    const subscription = await findSubscription(app.db, customerId);
    const isLive = subscription !== null && isLiveAtStripe(subscription);
    const periods = new Map((await listBillingPeriods(app.db, customerId)).map((period) => [period.periodStart.getTime(), period]));
    const unsent = await listUnsent(app.db, customerId);
    if (unsent.some(({ periodStart }) => (periods.get(periodStart.getTime())?.settledAt ?? null) !== null)) await adoptTrueUps(app, customerId, stripeCustomerId);
    for (const row of unsent) await flushOne(app, row, { stripeCustomerId, isLive, period: periods.get(row.periodStart.getTime()) ?? null });
    await sendTrueUps(app, { customerId, stripeCustomerId, liveSubscriptionId: isLive ? (subscription?.stripeSubscriptionId ?? null) : null });
  });
}

/** @param at.period null for months that billing has not named: those after the last period that it has. */
async function flushOne(app: Pushing, row: MeteredQuantity, at: { stripeCustomerId: string; isLive: boolean; period: BillingPeriod | null }): Promise<void> {
  const { period, isLive } = at;
  if (period === null) return isLive ? sendOne(app, row, at.stripeCustomerId) : app.db.transaction().execute((tx) => markUnbilled(tx, row));
  if (period.settledAt !== null) return isBilled(period) ? decideTrueUp(app, row, period) : app.db.transaction().execute((tx) => markUnbilled(tx, row));
  // A period that a newer one cut short ended there: said later, its quantity would count in the new one.
  const quantity = period.periodEnd !== null && period.periodEnd < row.periodEnd ? { ...row, periodEnd: period.periodEnd } : row;
  if (isLive && mayBeBilled(app, quantity)) await sendOne(app, quantity, at.stripeCustomerId);
}

function isBilled({ isTrial, stripeSubscriptionId }: BillingPeriod): boolean {
  return !isTrial && stripeSubscriptionId !== null;
}

/** While the period's invoice is a draft. */
function mayBeBilled(app: Pick<Pushing, 'clock'>, { periodEnd }: MeteredQuantity): boolean {
  return periodEnd.getTime() + DRAFT_MS > app.clock.now().getTime();
}

async function sendOne(app: Pushing, quantity: MeteredQuantity, stripeCustomerId: string): Promise<void> {
  if (quantity.status === 'SENDING' && !(await settle(app, quantity, stripeCustomerId))) return;
  const units = stripeUnits(quantity.meter, quantity.quantity, PRICE_BOOKS);
  const sentUnits = quantity.sentQuantity === null ? 0 : stripeUnits(quantity.meter, quantity.sentQuantity, PRICE_BOOKS);
  if (quantity.status === 'PENDING' && units === sentUnits) return app.db.transaction().execute((tx) => markUnchanged(tx, quantity, quantity.revision));
  await send(app, quantity, { stripeCustomerId, quantity: quantity.quantity, revision: quantity.revision, units });
}

/** One whose sending was begun and never ended is sent again as it was, as long as Stripe would know it; later it is looked up. @returns whether its newest quantity may follow. */
async function settle(app: Pushing, quantity: MeteredQuantity, stripeCustomerId: string): Promise<boolean> {
  const { sentAt, sentRevision, sentQuantity } = quantity;
  if (sentAt === null || sentRevision === null || sentQuantity === null) return true;
  const units = stripeUnits(quantity.meter, sentQuantity, PRICE_BOOKS);
  if (app.clock.now().getTime() - sentAt.getTime() > KNOWN_FOR_MS) {
    const { id: meterId } = await ensureMeter(app.stripe, quantity.meter);
    const counted = await app.usageBiller.lastCounted({ stripeCustomerId, meterId, from: quantity.periodStart, to: quantity.periodEnd });
    if (counted === units) return app.db.transaction().execute((tx) => markSent(tx, quantity, sentRevision)).then(() => quantity.revision !== sentRevision);
    return true;
  }
  await send(app, quantity, { stripeCustomerId, quantity: sentQuantity, revision: sentRevision, units });
  return quantity.revision !== sentRevision;
}

/**
 * Of a meter's events Stripe counts the one of the latest time. Where our clock was set back since the one before, this one
 * is not earlier all the same; one of more than what Stripe takes ahead of its own clock was refused.
 */
function notBefore(sentAt: Date | null, now: Date): Date | null {
  return sentAt === null || sentAt.getTime() - now.getTime() > MAX_AHEAD_MS ? null : sentAt;
}

const latest = (one: Date, other: Date | null): Date => (other !== null && other > one ? other : one);

async function send(app: Pushing, row: MeteredQuantity, sending: { stripeCustomerId: string; quantity: number; revision: number; units: number }): Promise<void> {
  const identifier = meterEventIdentifier({ ...row, revision: sending.revision });
  const before = notBefore(row.sentAt, app.clock.now());
  const now = latest(app.clock.now(), before);
  await app.db.transaction().execute((tx) => markSending(tx, row, { quantity: sending.quantity, revision: sending.revision, identifier }, now));
  const at = meterEventTime({ measuredAt: latest(row.measuredAt < now ? row.measuredAt : now, before), periodStart: row.periodStart, periodEnd: row.periodEnd });
  await failpoint('billing.sending');
  try {
    await app.usageBiller.send({ stripeCustomerId: sending.stripeCustomerId, meter: row.meter, units: sending.units, identifier, at });
  } catch (error) {
    const code = stripeCodeOf(error);
    if (code === null) throw error;
    app.log.error({ err: error, customerId: row.customerId, meter: row.meter }, 'Stripe refuses what a meter stands at');
    app.billingMetrics.meterEvent('rejected');
    return app.db.transaction().execute((tx) => markRejected(tx, row, code));
  }
  await failpoint('billing.stripe-answered');
  await app.db.transaction().execute((tx) => markSent(tx, row, sending.revision));
  app.billingMetrics.meterEvent('sent');
}

/** What was left: jobs that were lost, customers who came to Stripe after their usage. */
export async function pushLeftMeterEvents(app: Pushing, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  if (app.stripe === null) return;
  const now = app.clock.now();
  const times = { since: new Date(now.getTime() - OLDEST_MS), now };
  await rounds.run({
    limit: MAX_CUSTOMERS,
    list: async (except, limit) => [...new Set([...(await listCustomersToTrueUp(app.db, except, limit)), ...(await listCustomersToMeter(app.db, times, except, limit))])],
    keyOf: (customerId) => customerId,
    // What may not be told at present stays in the list.
    each: (customerId) => flushMeterEvents(app, customerId).then(() => 'stays'),
    failed: (err, customerId) => app.log.warn({ err, customerId }, 'what a meter stands at waits to be told'),
    signal,
  });
}

