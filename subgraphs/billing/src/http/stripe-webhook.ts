import type { Route } from '@iotistic/chassis/http-server';
import type { BillingApp } from '../app.ts';
import { receiveStripeEvent } from '../service/receive-stripe-event.ts';

const MAX_BODY_BYTES = 1024 * 1024;

/** Where Stripe sends its events. Nobody calls it with a credential: the signature over the raw bytes is one. */
export function stripeWebhook(app: BillingApp): Route {
  return async (request) => {
    const header = request.headers['stripe-signature'];
    await receiveStripeEvent(app, await request.body(MAX_BODY_BYTES), Array.isArray(header) ? header.join(',') : header);
    return { headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify({ received: true }) };
  };
}
