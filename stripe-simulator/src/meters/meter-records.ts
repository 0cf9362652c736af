import type { Seconds } from '../simulation.ts';
import type { StripeObject } from '../store.ts';

export const METERS = 'billing.meter';
export const METER_EVENTS = 'billing.meter_event';

export interface MeterRecord extends StripeObject {
  object: 'billing.meter';
  created: Seconds;
  customer_mapping: { event_payload_key: string; type: 'by_id' };
  default_aggregation: { formula: 'count' | 'last' | 'sum' };
  display_name: string;
  event_name: string;
  event_time_window: 'day' | 'hour' | null;
  status: 'active' | 'inactive';
  status_transitions: { deactivated_at: Seconds | null };
  updated: Seconds;
  value_settings: { event_payload_key: string };
}

/** An event as it was received; the API shows it without its id. */
export interface MeterEventRecord extends StripeObject {
  object: 'billing.meter_event';
  /** When it was received. */
  created: Seconds;
  event_name: string;
  identifier: string;
  payload: Record<string, string>;
  /** When what it counts happened. */
  timestamp: Seconds;
  internal: {
    /** What it counts into (`bucketOf`); null when nothing takes it: it was reported as an error. */
    bucket: string | null;
    /** A decimal as text. */
    value: string;
  };
}

/** Events are looked up by meter, customer and month of their timestamp, so that a period never reads a year's. */
export function bucketOf(meter: string, customer: string, timestamp: Seconds): string {
  return `${meter} ${customer} ${monthOf(timestamp)}`;
}

/** The buckets of all months that [start, end) touches. */
export function bucketsOf(meter: string, customer: string, start: Seconds, end: Seconds): string[] {
  const buckets: string[] = [];
  for (let month = firstOfMonth(start); month < end; month = firstOfMonth(month + 32 * 86_400)) buckets.push(bucketOf(meter, customer, month));
  return buckets;
}

function monthOf(timestamp: Seconds): string {
  return new Date(timestamp * 1000).toISOString().slice(0, 7);
}

function firstOfMonth(timestamp: Seconds): Seconds {
  const date = new Date(timestamp * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 1000;
}
