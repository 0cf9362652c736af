import { AppError } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import { newId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { readWebhook, type ReceivedEvent } from '../clients/stripe-webhooks.ts';
import { effectOf } from '../domain/stripe-events.ts';
import { insertWebhookEvents, listOwnEndpoints, type NewWebhookEvent } from '../repository/webhook-events.ts';

type Receiving = Pick<BillingApp, 'db' | 'clock' | 'config' | 'log' | 'work' | 'stripe' | 'billingMetrics'>;

/**
 * Takes a webhook: checked, stored once by its id, answered; what it means is done in a job. Should the job be lost, the row
 * is found.
 * @throws AppError SIGNATURE_… and MALFORMED_EVENT: nothing is stored then. UNAVAILABLE: Stripe sends it again.
 */
export async function receiveStripeEvent(app: Receiving, body: Buffer, signature: string | undefined): Promise<void> {
  const secrets = await secretsOf(app);
  const event = readOrCount(app, () => readWebhook(body, signature, secrets, app.clock.now()));
  if (event.otherVersion !== null) app.log.warn({ event: event.id, version: event.otherVersion }, 'a webhook endpoint renders events in another API version than ours');
  await storeEvents(app, [event], 'webhook');
  await failpoint('billing.webhook-stored');
}

/** Somebody who does not know the secret, or a secret that does not fit any more: one of the two is worth a look. */
function readOrCount<T>(app: Receiving, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError) app.billingMetrics.webhookRefused(error.reason);
    throw error;
  }
}

/** During a rotation two are in use; endpoints that this plane made for itself at a test account have theirs in a row. */
async function secretsOf(app: Receiving): Promise<string[]> {
  const { STRIPE_WEBHOOK_SECRET: current, STRIPE_WEBHOOK_SECRET_PREVIOUS: previous, STRIPE_THIN_WEBHOOK_SECRET: thin } = app.config;
  const own = app.stripe?.isTest === true ? (await listOwnEndpoints(app.db)).map(({ secret }) => secret) : [];
  return [current, previous, thin, ...own].filter((secret) => secret !== undefined);
}

/** Stores what is not known yet and has it done. @returns how many were new. */
export async function storeEvents(app: Receiving, events: readonly ReceivedEvent[], source: 'webhook' | 'sweep'): Promise<number> {
  const rows = events.map((event) => toRow(app, event));
  const fresh = new Set(await app.db.transaction().execute((tx) => insertWebhookEvents(tx, rows, source, app.clock.now())));
  app.billingMetrics.eventsReceived(source, fresh.size);
  for (const row of rows) {
    if (!fresh.has(row.id) || row.status === 'IGNORED') continue;
    await app.work.add('apply-stripe-events', newId('req'), { eventId: row.id }).catch((err: unknown) => app.log.warn({ err, event: row.id }, 'an event of Stripe waits for the next look'));
  }
  return fresh.size;
}

function toRow(app: Receiving, event: ReceivedEvent): NewWebhookEvent {
  const { id, type, stripeCustomerId, objectId, createdAt } = event;
  const isForeign = app.stripe !== null && event.isTest !== app.stripe.isTest;
  const isHeard = effectOf(type) !== 'ignore';
  const error = isForeign ? 'of the other mode (test or live) than our key' : isHeard ? null : 'nothing is to be done for this type';
  return { id, type, stripeCustomerId, objectId, createdAt, error, status: error === null ? 'RECEIVED' : 'IGNORED' };
}
