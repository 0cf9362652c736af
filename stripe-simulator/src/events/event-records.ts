import type { StripeObject } from '../store.ts';

/** Where events and what is still to be delivered of them are kept. */
export const EVENTS = 'event';
export const THIN_EVENTS = 'v2.core.event';
export const DELIVERIES = 'sim.delivery';

/** How an event's request is told: null for what time did. */
export interface EventRequest {
  id: string | null;
  idempotency_key: string | null;
}

/** A snapshot event. `pending_webhooks` is counted when it is shown. */
export interface EventRecord extends StripeObject {
  object: 'event';
  type: string;
  created: number;
  api_version: string;
  livemode: false;
  data: { object: unknown; previous_attributes?: Record<string, unknown> };
  request: EventRequest;
}

/** A thin event: what is posted leaves `data` out, which is fetched. */
export interface ThinEventRecord extends StripeObject {
  object: 'v2.core.event';
  type: string;
  /** ISO 8601, as version 2 of the API has all times. */
  created: string;
  livemode: false;
  reason: { type: 'request'; request: { id: string; idempotency_key: string } } | null;
  related_object: { id: string; type: string; url: string } | null;
  data: Record<string, unknown>;
}

/**
 * An event that an endpoint does not have yet. It is gone once it was delivered: an event without any was delivered
 * everywhere. `failed` has used up its attempts, `dropped` was withheld by chaos.
 */
export interface DeliveryRecord {
  id: string;
  event: string;
  endpoint: string;
  thin: boolean;
  state: 'pending' | 'failed' | 'dropped';
  attempts: number;
  /** Account time in ms of the event. */
  createdMs: number;
  /** Account time in ms before which it is not tried again. */
  nextMs: number;
}
