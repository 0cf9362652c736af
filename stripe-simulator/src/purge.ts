import { DUE } from './due-queue.ts';
import { type DeliveryRecord, DELIVERIES, type EventRecord, EVENTS, THIN_EVENTS, type ThinEventRecord } from './events/event-records.ts';
import { purgeKept } from './idempotency.ts';
import type { OpenSimulation } from './open-simulation.ts';

const DAY_SECONDS = 86_400;
/** Events can be fetched for so long. */
const EVENT_DAYS = 30;
export const PURGE = 'sim.purge';

/** The purge's first day, where none is planned. */
export function planPurge(simulation: OpenSimulation): void {
  const isPlanned = simulation.store.by<{ id: string; kind: string }>(DUE, 'kind', PURGE).length > 0;
  if (!isPlanned) simulation.transaction(null, () => planNext(simulation));
}

/** Forgets what the real account would have forgotten, and plans the next day's purge. */
export function purge(simulation: OpenSimulation): void {
  const { store } = simulation;
  purgeKept(simulation);
  const oldest = simulation.now() - EVENT_DAYS * DAY_SECONDS;
  const old = [
    ...store.all<EventRecord>(EVENTS).filter(({ created }) => created < oldest).map(({ id }) => [EVENTS, id] as const),
    ...store.all<ThinEventRecord>(THIN_EVENTS).filter(({ created }) => new Date(created).getTime() < oldest * 1000).map(({ id }) => [THIN_EVENTS, id] as const),
  ];
  for (const [collection, id] of old) {
    for (const delivery of store.by<DeliveryRecord>(DELIVERIES, 'event', id)) store.remove(DELIVERIES, delivery.id);
    store.remove(collection, id);
  }
  planNext(simulation);
}

function planNext(simulation: OpenSimulation): void {
  const at = (Math.floor(simulation.now() / DAY_SECONDS) + 1) * DAY_SECONDS;
  simulation.schedule({ at, kind: PURGE, subject: 'account', clock: null });
}
