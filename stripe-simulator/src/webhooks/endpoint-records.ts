import type { MemoryStore } from '../memory-store.ts';
import type { StripeObject } from '../store.ts';

export const WEBHOOK_ENDPOINTS = 'webhook_endpoint';
export const EVENT_DESTINATIONS = 'v2.core.event_destination';

/** A secret that was replaced signs beside the new one until then (account time, ms). */
export interface RolledSecret {
  secret: string;
  untilMs: number;
}

/** What both kinds of endpoints keep and never show. */
interface Internal {
  url: string;
  secret: string;
  rolled: RolledSecret | null;
}

export interface EndpointRecord extends StripeObject {
  /** Exact names, or `*`. */
  enabled_events: string[];
  status: 'enabled' | 'disabled';
  internal: Internal;
}

/** Those that are to be told of an event of this type: snapshots go to webhook endpoints, thin events to destinations. */
export function endpointsFor(store: MemoryStore, type: string, thin: boolean): EndpointRecord[] {
  return allEndpoints(store).filter((endpoint) => endpoint.status === 'enabled' && takesThin(endpoint) === thin && endpoint.enabled_events.some((name) => name === '*' || name === type));
}

export function findEndpoint(store: MemoryStore, id: string): EndpointRecord | undefined {
  return store.get<EndpointRecord>(WEBHOOK_ENDPOINTS, id) ?? store.get<EndpointRecord>(EVENT_DESTINATIONS, id);
}

function allEndpoints(store: MemoryStore): EndpointRecord[] {
  return [...store.all<EndpointRecord>(WEBHOOK_ENDPOINTS), ...store.all<EndpointRecord>(EVENT_DESTINATIONS)];
}

function takesThin(endpoint: EndpointRecord): boolean {
  return endpoint['event_payload'] === 'thin';
}
