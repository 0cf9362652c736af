import { EVENTS, type EventName, type EventPayload, type EventsOf } from '@iotistic/contracts/events';
import type { SubgraphName } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import { type Generated, sql } from 'kysely';
import type { Tx } from './database.ts';
import { currentRequestId } from './log.ts';
import { currentTraceparent } from './tracing.ts';

/** The part of every subgraph's tables that is the chassis' (createEventTables makes them). */
export interface EventTables {
  outbox: {
    position: Generated<number>;
    id: string;
    name: string;
    payload: string;
    request_id: string;
    /** W3C, of the trace that said it; null where none is kept. */
    traceparent: string | null;
    created_at: Date;
    relayed_at: Date | null;
  };
  inbox: { event_id: string; handled_at: Date };
}

/** What a job of an event carries. */
export interface EventEnvelope {
  id: string;
  name: EventName;
  payload: unknown;
  requestId: string;
  /** Null, or missing in one of an earlier version, where it is part of no trace. */
  traceparent?: string | null;
  /** ISO 8601; missing in one of an earlier version. */
  at?: string;
}

/** Where a commit tells that its outbox has something. */
export const WAKE_CHANNEL = 'iotistic_outbox';

/** The queue of the events that a subgraph hears. */
export function eventQueueOf(reader: SubgraphName): string {
  return `${reader}-events`;
}

/**
 * Writes an event in the transaction of the fact that it tells: both happen or neither. Only the event's one publisher
 * compiles. The relay is woken by the commit.
 */
export function publish<S extends SubgraphName, N extends EventsOf<S>>(tx: Tx<EventTables & object>, publisher: S, name: N, payload: EventPayload<N>, at: Date): Promise<void> {
  return publishAll(tx, publisher, name, [payload], at);
}

/**
 * Many at once, in their order: one statement, and one word to the relay.
 * @param traceparents of each the trace that it is part of, where that is not the one at hand.
 */
export async function publishAll<S extends SubgraphName, N extends EventsOf<S>>(tx: Tx<EventTables & object>, publisher: S, name: N, payloads: readonly EventPayload<N>[], at: Date, traceparents: readonly (string | null)[] = []): Promise<void> {
  if (payloads.length === 0) return;
  const [requestId, atHand] = [currentRequestId() ?? newId('req'), currentTraceparent()];
  const rows = payloads.map((payload, index) => ({ id: newId('evnt'), name, payload: JSON.stringify(EVENTS[name].payload.parse(payload)), request_id: requestId, traceparent: traceparents[index] ?? atHand, created_at: at, relayed_at: null }));
  await (tx as Tx<EventTables>).insertInto('outbox').values(rows).execute();
  await sql`select pg_notify(${WAKE_CHANNEL}, ${publisher})`.execute(tx);
}
