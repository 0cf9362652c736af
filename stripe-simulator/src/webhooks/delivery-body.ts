import { type DeliveryRecord, DELIVERIES, type EventRecord, EVENTS, THIN_EVENTS, type ThinEventRecord } from '../events/event-records.ts';
import type { Store } from '../store.ts';

/** An event as the API shows it and a webhook carries it. */
export function eventView(store: Store, event: EventRecord): EventRecord & { pending_webhooks: number } {
  const pending = store.by<DeliveryRecord>(DELIVERIES, 'event', event.id).filter(({ state }) => state === 'pending');
  return { ...event, pending_webhooks: pending.length };
}

/** A thin event as it is posted: what it is about, not what changed. */
export function thinNotification({ data: _data, ...event }: ThinEventRecord): Omit<ThinEventRecord, 'data'> {
  return event;
}

/** The exact text that is signed and posted; null when the event is gone. */
export function deliveryBody(store: Store, { event: id, thin }: DeliveryRecord): string | null {
  const event = thin ? store.get<ThinEventRecord>(THIN_EVENTS, id) : store.get<EventRecord>(EVENTS, id);
  if (event === undefined) return null;
  return JSON.stringify(event.object === 'event' ? eventView(store, event as EventRecord) : thinNotification(event as ThinEventRecord), null, 2);
}
