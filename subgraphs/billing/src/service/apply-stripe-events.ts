import { FairRounds } from '@iotistic/chassis/fair-rounds';
import { AppError } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { BillingApp } from '../app.ts';
import { readStripeCustomer } from '../clients/stripe-customers.ts';
import { readMeterErrors } from '../clients/stripe-events.ts';
import { readChargeOf } from '../clients/stripe-charges.ts';
import { effectOf } from '../domain/stripe-events.ts';
import { findCustomer, findCustomerByStripeId, linkStripeCustomer, lockCustomer } from '../repository/customers.ts';
import { rejectIdentifier } from '../repository/metered-quantities.ts';
import { failWebhookEvents, findWebhookEvent, finishWebhookEvents, listForgottenEvents, listWaitingEvents, type WebhookEvent } from '../repository/webhook-events.ts';
import { oneAtATime } from './billing-customer.ts';
import { copyInvoices } from './copy-invoices.ts';
import { recordCharge } from './record-charge.ts';
import { syncCustomer } from './sync-customer.ts';

const MAX_ATTEMPTS = 8;
const FORGOTTEN_AFTER_MS = 15_000;
const MAX_FORGOTTEN = 200;

/**
 * Does what an event of Stripe asks for: its customer is read again, and all that waits for that customer is done with it.
 * One customer at a time. @throws what made it fail: it is tried again.
 */
export async function applyStripeEvents(app: BillingApp, eventId: string): Promise<void> {
  const event = await findWebhookEvent(app.db, eventId);
  if (event === null || event.status !== 'RECEIVED') return;
  if (effectOf(event.type) === 'meter_error') return noting(app, event.id, () => noteMeterErrors(app, event));
  if (effectOf(event.type) === 'charge') return noting(app, event.id, () => applyChargeEvent(app, event));
  const { stripeCustomerId } = event;
  if (stripeCustomerId === null) return finish(app, [event.id], 'IGNORED', null, 'is about no customer');
  await noting(app, event.id, async () => {
    const customerId = await findOrLink(app, stripeCustomerId);
    if (customerId === null) await finish(app, [event.id], 'IGNORED', null, 'is about no customer of ours');
    else await oneAtATime(app, customerId, () => applyOfCustomer(app, customerId, stripeCustomerId));
  });
}

/** A dispute names its payment, and that its customer: what became of the payment is read. */
async function applyChargeEvent(app: BillingApp, event: WebhookEvent): Promise<void> {
  const charge = event.objectId === null ? null : await readChargeOf(app.stripe, event.objectId);
  const stripeCustomerId = charge?.stripeCustomerId ?? null;
  const customerId = stripeCustomerId === null ? null : await findOrLink(app, stripeCustomerId);
  if (charge === null || customerId === null) return finish(app, [event.id], 'IGNORED', null, 'is about no customer of ours');
  await oneAtATime(app, customerId, () => recordCharge(app, customerId, charge));
  await finish(app, [event.id], 'HANDLED', customerId, null);
}

/** All that waits for this customer was received before Stripe is read: one reading answers it all. */
async function applyOfCustomer(app: BillingApp, customerId: string, stripeCustomerId: string): Promise<void> {
  const waiting = (await listWaitingEvents(app.db, stripeCustomerId)).filter(({ type }) => effectOf(type) === 'sync');
  if (waiting.length === 0) return;
  await failpoint('billing.webhook-applying');
  await syncCustomer(app, customerId, { actor: 'stripe', reason: waiting.at(-1)?.type ?? null });
  await copyInvoices(app, customerId);
  await failpoint('billing.webhook-applied');
  await finish(app, waiting.map(({ id }) => id), 'HANDLED', customerId, null);
}

/** A try that fails is counted for the event at hand; others that wait for the same customer have jobs of their own. */
async function noting(app: BillingApp, eventId: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await note(app, [eventId], error);
    throw error;
  }
}

/** By the row, else by what Stripe itself says of its customer: a payload is never believed. */
async function findOrLink(app: BillingApp, stripeCustomerId: string): Promise<string | null> {
  const linked = await findCustomerByStripeId(app.db, stripeCustomerId);
  if (linked !== null) return linked.id;
  const found = await readStripeCustomer(app.stripe, stripeCustomerId);
  if (typeof found === 'string' || found.customerId === null) return null;
  const { customerId } = found;
  if ((await findCustomer(app.db, customerId)) === null) return null;
  const id = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    return linkStripeCustomer(tx, customerId, stripeCustomerId);
  });
  return id === stripeCustomerId ? customerId : null;
}

async function noteMeterErrors(app: BillingApp, event: WebhookEvent): Promise<void> {
  const errors = await readMeterErrors(app.stripe, event.id);
  await app.db.transaction().execute(async (tx) => {
    for (const { identifier, error } of errors) {
      const customers = await rejectIdentifier(tx, identifier, error);
      app.log.error({ identifier, error, customers }, 'Stripe could not count a meter event that it had taken');
    }
    await finishWebhookEvents(tx, [event.id], { status: 'HANDLED', customerId: null, error: errors.length === 0 ? 'names no meter event' : null }, app.clock.now());
  });
}

async function finish(app: BillingApp, ids: readonly string[], status: 'HANDLED' | 'IGNORED', customerId: string | null, error: string | null): Promise<void> {
  await app.db.transaction().execute((tx) => finishWebhookEvents(tx, ids, { status, customerId, error }, app.clock.now()));
  app.billingMetrics.eventsDone(status, ids.length);
}

/** While Stripe or the database is away no try is counted: nothing is wrong with the event. */
async function note(app: BillingApp, ids: readonly string[], error: unknown): Promise<void> {
  if (error instanceof AppError && error.code === 'UNAVAILABLE') return;
  const text = error instanceof Error ? error.message : String(error);
  await app.db.transaction().execute((tx) => failWebhookEvents(tx, ids, text.slice(0, 500), MAX_ATTEMPTS));
}

/** What still waits after a while, since its job was lost or gave up. */
export async function applyForgottenEvents(app: BillingApp, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  const before = new Date(app.clock.now().getTime() - FORGOTTEN_AFTER_MS);
  await rounds.run({
    limit: MAX_FORGOTTEN,
    list: (except, limit) => listForgottenEvents(app.db, before, except, limit),
    keyOf: (id) => id,
    each: (id) => applyStripeEvents(app, id),
    failed: (err, id) => app.log.warn({ err, event: id }, 'an event of Stripe could not be applied yet'),
    signal,
  });
}
