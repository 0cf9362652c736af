import type { Tx } from '@iotistic/chassis/database';
import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';
import { stripeCodeOf } from '../clients/stripe.ts';
import { readStripeCustomer } from '../clients/stripe-customers.ts';
import { endAtStripe } from '../clients/stripe-endings.ts';
import { listStandings } from '../clients/stripe-subscriptions.ts';
import { applyStandings } from '../domain/apply-standings.ts';
import { mailOfTransition } from '../domain/mails.ts';
import { findingOfAbsence, findingsOf, type StripeFinding } from '../domain/stripe-findings.ts';
import { chooseStanding, isLive, type StripeStanding } from '../domain/stripe-standing.ts';
import { cancelSubscription, isLiveAtStripe, type Subscription } from '../domain/subscription.ts';
import { surplusOf } from '../domain/surplus.ts';
import { transitionOf } from '../domain/subscription-transitions.ts';
import { drawReadTicket, type KnownCustomer, lockCustomer, saveAppliedTicket } from '../repository/customers.ts';
import { saveFindings } from '../repository/stripe-findings.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import type { BillingTables } from '../repository/tables.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';

export interface Cause {
  actor: string;
  reason: string | null;
}

type Syncing = Pick<BillingApp, 'db' | 'clock' | 'live' | 'stripe' | 'log' | 'billingMetrics' | 'config'>;

interface Reading {
  ticket: number;
  stripeCustomerId: string | null;
  standings: readonly StripeStanding[];
  /** Why Stripe has nothing of the customer: it was deleted there, or is not of this account. */
  absence: 'deleted' | 'missing' | null;
  cause: Cause;
}

interface Applied {
  subscription: Subscription | null;
  changed: boolean;
  isNewest: boolean;
  /** What was not known of before. */
  fresh: readonly StripeFinding[];
}

/**
 * The one way in which Stripe's truth gets into our rows: reads all that the customer has there, and applies it. A reading
 * draws its ticket before it begins; one that comes second with a lower ticket saw nothing that the other did not see, and
 * is dropped. So it does not matter in what order, how often or how late this is called. What others made there is left
 * alone, and listed for the operator.
 * @param finish what belongs into the same transaction: the end of an operation, an audit entry.
 * @throws AppError STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED
 */
export async function syncCustomer(app: Syncing, customerId: string, cause: Cause, finish?: (tx: Tx<BillingTables>, subscription: Subscription | null) => Promise<void>): Promise<Subscription | null> {
  const reading = await readStandings(app, customerId, cause);
  const { subscription, changed, isNewest, fresh } = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customerId);
    const result = await applyReading(app, tx, known, reading);
    await finish?.(tx, result.subscription);
    return result;
  });
  for (const { kind, objectId, detail } of fresh) app.log.error({ customerId, kind, objectId }, `what others made at Stripe: ${detail}`);
  if (changed) await tellSubscriptionChanged(app, subscription);
  if (isNewest) await endSurplus(app, customerId, reading.standings, subscription);
  return subscription;
}

async function readStandings(app: Syncing, customerId: string, cause: Cause): Promise<Reading> {
  const { ticket, stripeCustomerId } = await app.db.transaction().execute((tx) => drawReadTicket(tx, customerId));
  if (stripeCustomerId === null) return { ticket, stripeCustomerId, standings: [], absence: null, cause };
  const standings = await listStandings(app.stripe, stripeCustomerId);
  const hasLive = standings?.some((standing) => isLive(standing)) ?? false;
  const customer = hasLive ? null : await readStripeCustomer(app.stripe, stripeCustomerId);
  return { ticket, stripeCustomerId, standings: standings ?? [], absence: typeof customer === 'string' ? customer : null, cause };
}

async function applyReading(app: Syncing, tx: Tx<BillingTables>, known: KnownCustomer, reading: Reading): Promise<Applied> {
  const before = await findSubscription(tx, known.id);
  // Its sign-up was not heard of: what is at Stripe is read again when it is. Or another took the place of the customer that was read.
  if (before === null || reading.ticket <= known.appliedTicket || reading.stripeCustomerId !== known.stripeCustomerId) return { subscription: before, changed: false, isNewest: false, fresh: [] };
  await saveAppliedTicket(tx, known.id, reading.ticket);
  const now = app.clock.now();
  const after = afterReading(before, known, reading, now);
  const findings = reading.absence !== null && reading.stripeCustomerId !== null ? findingOfAbsence(reading.absence, reading.stripeCustomerId, after) : findingsOf(reading.standings, after);
  const fresh = await saveFindings(tx, known.id, findings, now);
  if (after === before) return { subscription: before, changed: false, isNewest: true, fresh };
  await changeSubscription(tx, after, known.licenseName ?? '', reading.cause, now);
  await writeMail(app, tx, known, before, after, reading.standings);
  return { subscription: after, changed: true, isNewest: true, fresh };
}

/** Whoever deletes a customer ends its subscriptions; one that this account never had says nothing of them. */
function afterReading(before: Subscription, { deactivatedAt }: KnownCustomer, { standings, absence }: Reading, now: Date): Subscription {
  const after = applyStandings(before, standings, { now, deactivatedAt });
  return absence === 'deleted' && isLiveAtStripe(after) ? cancelSubscription(after, now) : after;
}

async function writeMail(app: Syncing, tx: Tx<BillingTables>, known: KnownCustomer, before: Subscription, after: Subscription, standings: readonly StripeStanding[]): Promise<void> {
  const { mail: kind } = transitionOf(before, after);
  if (kind === null) return;
  if (known.email === null) {
    app.log.warn({ customerId: known.id, mail: kind }, 'a customer without an address gets no mail');
    return;
  }
  const mail = mailOfTransition(kind, { subscription: after, standing: chooseStanding(standings, after), name: known.licenseName ?? known.email, consoleUrl: app.config.CONSOLE_URL });
  await enqueueMail(tx, { ...mail, to: known.email, at: app.clock.now() });
}

/** Ended, what was paid ahead is credited as far as it was paid. What is not ours goes on. */
async function endSurplus(app: Syncing, customerId: string, standings: readonly StripeStanding[], subscription: Subscription | null): Promise<void> {
  for (const { subscriptionId, level } of surplusOf(subscription, standings)) {
    if (level === 'info') app.log.info({ customerId, subscriptionId }, 'the account was closed: its subscription at Stripe ends');
    else {
      app.log.error({ customerId, subscriptionId }, 'a subscription at Stripe that should not be there is ended');
      app.billingMetrics.surplusEnded();
    }
    await endAtStripe(app.stripe, subscriptionId, app.clock.now()).catch((error: unknown) => {
      // Somebody's doing at Stripe may forbid it: no reason for the customer's events to fail.
      if (stripeCodeOf(error) === null) throw error;
      app.log.error({ err: error, customerId, subscriptionId }, 'Stripe does not end a subscription that should not be there');
    });
  }
}
