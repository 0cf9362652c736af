import type Stripe from 'stripe';
import { HEARD_EVENT_TYPES, THIN_EVENT_TYPES } from '../domain/stripe-events.ts';
import { callStripe, STRIPE_API_VERSION, type StripeAccess } from './stripe.ts';
import { readListedEvent, type ReceivedEvent } from './stripe-webhooks.ts';

/** Stripe takes that many types at a time. */
const TYPES_AT_ONCE = 20;

/** The events that we heard of, or should have, since then. @param options.undelivered only those that no endpoint took. */
export async function listEvents(access: StripeAccess | null, options: { since: Date; undelivered: boolean }): Promise<ReceivedEvent[]> {
  const found: ReceivedEvent[] = [];
  for (let first = 0; first < HEARD_EVENT_TYPES.length; first += TYPES_AT_ONCE) {
    const params: Stripe.EventListParams = { types: HEARD_EVENT_TYPES.slice(first, first + TYPES_AT_ONCE), created: { gte: Math.floor(options.since.getTime() / 1000) }, limit: 100, ...(options.undelivered ? { delivery_success: false } : {}) };
    await callStripe(access, async (stripe) => {
      for await (const event of stripe.events.list(params)) {
        const read = readListedEvent(event);
        if (read !== null) found.push(read);
      }
    });
  }
  return found;
}

/** The meter events that a thin event tells of: identifiers with what is wrong with each. */
export async function readMeterErrors(access: StripeAccess | null, eventId: string): Promise<{ identifier: string; error: string }[]> {
  const event = await callStripe(access, (stripe) => stripe.v2.core.events.retrieve(eventId));
  const { data } = event as unknown as { data?: { reason?: { error_types?: { code?: string; sample_errors?: { error_message?: string; request?: { identifier?: string } }[] }[] } } };
  return (data?.reason?.error_types ?? []).flatMap(({ code, sample_errors: samples }) => (samples ?? []).flatMap((sample) => (sample.request?.identifier === undefined ? [] : [{ identifier: sample.request.identifier, error: code ?? sample.error_message ?? 'refused' }])));
}

export interface MadeEndpoint {
  id: string;
  /** Told once, when it is made; null when it was there. */
  secret: string | null;
}

/** Makes Stripe tell that address of what we hear. */
export async function ensureWebhookEndpoint(access: StripeAccess | null, url: string, known: string | null): Promise<MadeEndpoint> {
  if (known !== null) {
    const there = await callStripe(access, async (stripe) => {
      for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) if (endpoint.id === known) return endpoint;
      return null;
    });
    if (there !== null) {
      const hears = HEARD_EVENT_TYPES.every((type) => there.enabled_events.includes(type)) || there.enabled_events.includes('*');
      if (there.url !== url || !hears) await callStripe(access, (stripe) => stripe.webhookEndpoints.update(known, { url, enabled_events: HEARD_EVENT_TYPES as never }));
      return { id: known, secret: null };
    }
  }
  const made = await callStripe(access, (stripe) => stripe.webhookEndpoints.create({ url, enabled_events: HEARD_EVENT_TYPES as never, api_version: STRIPE_API_VERSION as never, description: 'Iotistic control plane' }));
  return { id: made.id, secret: made.secret ?? null };
}

export async function ensureThinDestination(access: StripeAccess | null, url: string, known: string | null): Promise<MadeEndpoint> {
  if (known !== null) {
    const there = await callStripe(access, async (stripe) => {
      for await (const destination of stripe.v2.core.eventDestinations.list({ include: ['webhook_endpoint.url'] })) if (destination.id === known) return destination;
      return null;
    });
    if (there !== null) {
      if (there.webhook_endpoint?.url !== url) await callStripe(access, (stripe) => stripe.v2.core.eventDestinations.update(known, { webhook_endpoint: { url } }));
      return { id: known, secret: null };
    }
  }
  const made = await callStripe(access, (stripe) => stripe.v2.core.eventDestinations.create({ name: 'Iotistic control plane, meters', type: 'webhook_endpoint', event_payload: 'thin', enabled_events: THIN_EVENT_TYPES, webhook_endpoint: { url }, include: ['webhook_endpoint.signing_secret'] }));
  return { id: made.id, secret: made.webhook_endpoint?.signing_secret ?? null };
}
