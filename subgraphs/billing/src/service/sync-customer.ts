import type { Tx } from '@iotistic/chassis/database';
import { enqueueMail } from '@iotistic/chassis/mail-outbox';
import type { BillingApp } from '../app.ts';
import { endAtStripe } from '../clients/stripe-endings.ts';
import { listStandings } from '../clients/stripe-subscriptions.ts';
import { applyStandings } from '../domain/apply-standings.ts';
import { mailOfTransition } from '../domain/mails.ts';
import { chooseStanding, type StripeStanding } from '../domain/stripe-standing.ts';
import type { Subscription } from '../domain/subscription.ts';
import { surplusOf } from '../domain/surplus.ts';
import { transitionOf } from '../domain/subscription-transitions.ts';
import { drawReadTicket, type KnownCustomer, lockCustomer, saveAppliedTicket } from '../repository/customers.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import type { BillingTables } from '../repository/tables.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';

export interface Cause {
  actor: string;
  reason: string | null;
}

type Syncing = Pick<BillingApp, 'db' | 'clock' | 'live' | 'stripe' | 'log' | 'billingMetrics' | 'config'>;

/**
 * The one way in which Stripe's truth gets into our rows: reads all that the customer has there, and applies it. A reading
 * draws its ticket before it begins; one that comes second with a lower ticket saw nothing that the other did not see, and
 * is dropped. So it does not matter in what order, how often or how late this is called.
 * @param finish what belongs into the same transaction: the end of an operation, an audit entry.
 * @throws AppError STRIPE_UNAVAILABLE, STRIPE_NOT_CONFIGURED
 */
export async function syncCustomer(app: Syncing, customerId: string, cause: Cause, finish?: (tx: Tx<BillingTables>, subscription: Subscription | null) => Promise<void>): Promise<Subscription | null> {
  const { ticket, stripeCustomerId } = await app.db.transaction().execute((tx) => drawReadTicket(tx, customerId));
  const standings = stripeCustomerId === null ? [] : await listStandings(app.stripe, stripeCustomerId);
  const { subscription, changed, isNewest } = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customerId);
    const result = await applyReading(app, tx, known, { ticket, standings, cause });
    await finish?.(tx, result.subscription);
    return result;
  });
  if (changed) await tellSubscriptionChanged(app, subscription);
  if (isNewest) await endSurplus(app, customerId, standings, subscription);
  return subscription;
}

async function applyReading(app: Syncing, tx: Tx<BillingTables>, known: KnownCustomer, reading: { ticket: number; standings: readonly StripeStanding[]; cause: Cause }): Promise<{ subscription: Subscription | null; changed: boolean; isNewest: boolean }> {
  const before = await findSubscription(tx, known.id);
  // Its sign-up was not heard of: what is at Stripe is read again when it is.
  if (before === null || reading.ticket <= known.appliedTicket) return { subscription: before, changed: false, isNewest: false };
  await saveAppliedTicket(tx, known.id, reading.ticket);
  const now = app.clock.now();
  const after = applyStandings(before, reading.standings, { now, deactivatedAt: known.deactivatedAt });
  if (after === before) return { subscription: before, changed: false, isNewest: true };
  await changeSubscription(tx, after, known.licenseName ?? '', reading.cause, now);
  await writeMail(app, tx, known, before, after, reading.standings);
  return { subscription: after, changed: true, isNewest: true };
}

async function writeMail(app: Syncing, tx: Tx<BillingTables>, known: KnownCustomer, before: Subscription, after: Subscription, standings: readonly StripeStanding[]): Promise<void> {
  const { mail: kind } = transitionOf(before, after);
  if (kind === null) return;
  if (known.email === null) {
    app.log.warn({ customerId: known.id, mail: kind }, 'a customer without an address gets no mail');
    return;
  }
  const mail = mailOfTransition(kind, { subscription: after, standing: chooseStanding(standings), name: known.licenseName ?? known.email, consoleUrl: app.config.CONSOLE_URL });
  await enqueueMail(tx, { ...mail, to: known.email, at: app.clock.now() });
}

/** Ended, what was paid ahead is credited as far as it was paid. */
async function endSurplus(app: Syncing, customerId: string, standings: readonly StripeStanding[], subscription: Subscription | null): Promise<void> {
  for (const { subscriptionId, level } of surplusOf(subscription, standings)) {
    if (level === 'info') app.log.info({ customerId, subscriptionId }, 'the account was closed: its subscription at Stripe ends');
    else {
      app.log.error({ customerId, subscriptionId }, 'a subscription at Stripe that should not be there is ended');
      app.billingMetrics.surplusEnded();
    }
    await endAtStripe(app.stripe, subscriptionId);
  }
}
