import { EVENTS, type EventName, type EventPayload, type EventsOf } from '@iotistic/contracts/events';
import type { SubgraphName } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import { type Generated, type Kysely, sql } from 'kysely';
import type { Clock } from './clock.ts';
import type { Tx } from './database.ts';
import type { Jobs, JobToAdd } from './jobs.ts';
import { currentRequestId, type Log } from './log.ts';
import type { PgListener } from './pg-listener.ts';

/** The part of every subgraph's tables that is the chassis' (createEventTables makes them). */
export interface EventTables {
  outbox: {
    position: Generated<number>;
    id: string;
    name: string;
    payload: string;
    request_id: string;
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
}

const WAKE_CHANNEL = 'iotistic_outbox';

/** The queue of the events that a subgraph hears. */
export function eventQueueOf(reader: SubgraphName): string {
  return `${reader}-events`;
}

/**
 * Writes an event in the transaction of the fact that it tells: both happen or neither. Only the event's one publisher
 * compiles. The relay is woken by the commit.
 */
export async function publish<S extends SubgraphName, N extends EventsOf<S>>(tx: Tx<EventTables & object>, publisher: S, name: N, payload: EventPayload<N>, at: Date): Promise<void> {
  const row = { id: newId('evnt'), name, payload: JSON.stringify(EVENTS[name].payload.parse(payload)), request_id: currentRequestId() ?? newId('req'), created_at: at, relayed_at: null };
  await (tx as Tx<EventTables>).insertInto('outbox').values(row).execute();
  await sql`select pg_notify(${WAKE_CHANNEL}, ${publisher})`.execute(tx);
}

export interface Relay {
  /** Hands on what is waiting; answers how many events that were. */
  drain(): Promise<number>;
  /** Hands on once more what was handed on since then: a queue that was flushed has its jobs again, and the inbox stops doubles. */
  resend(since: Date): Promise<number>;
  close(): Promise<void>;
}

const BATCH = 200;
const POLL_MS = 2_000;
const RESEND_EVERY_MS = 60_000;
const RESEND_WINDOW_MS = 15 * 60_000;
const RESEND_AT_START_MS = 24 * 3_600_000;
/** Long after nothing is resent any more, what was handed on and handled is forgotten. */
const KEEP_MS = 30 * 86_400_000;

/** Hands a subgraph's events from its outbox to the queues of their readers, woken by commits and, should a wake be lost, by time. */
export async function startRelay(options: { publisher: SubgraphName; db: Kysely<EventTables>; jobs: Jobs; listener: PgListener; clock: Clock; log: Log }): Promise<Relay> {
  const { db, jobs, clock, log } = options;
  let closed = false;
  let running: Promise<number> | null = null;
  let wokenAgain = false;

  async function drainAll(): Promise<number> {
    let total = 0;
    do {
      wokenAgain = false;
      for (let count = BATCH; count === BATCH && !closed; total += count) count = await relayBatch(db, jobs, clock);
    } while (wokenAgain && !closed);
    return total;
  }

  function drain(): Promise<number> {
    if (running !== null) {
      wokenAgain = true;
      return running;
    }
    running = drainAll().finally(() => {
      running = null;
    });
    return running;
  }

  async function resend(since: Date): Promise<number> {
    const rows = await db.selectFrom('outbox').select(['id', 'name', 'payload', 'request_id']).where('relayed_at', '>=', since).orderBy('position').execute();
    await addToQueues(jobs, rows);
    return rows.length;
  }

  const quietly = (work: () => Promise<unknown>): void => {
    work().catch((err: unknown) => {
      if (!closed) log.warn({ err }, 'events wait to be handed on');
    });
  };
  const stopListening = await options.listener.listen(WAKE_CHANNEL, (publisher) => {
    if (publisher === options.publisher) quietly(drain);
  });
  const stopGap = options.listener.onGap(() => quietly(drain));
  const poll = setInterval(() => quietly(drain), POLL_MS);
  const sweep = setInterval(() => {
    quietly(() => resend(new Date(clock.now().getTime() - RESEND_WINDOW_MS)));
    quietly(() => forgetEvents(db, new Date(clock.now().getTime() - KEEP_MS)));
  }, RESEND_EVERY_MS);
  quietly(() => resend(new Date(clock.now().getTime() - RESEND_AT_START_MS)));
  quietly(drain);

  return {
    drain,
    resend,
    async close() {
      closed = true;
      stopListening();
      stopGap();
      clearInterval(poll);
      clearInterval(sweep);
      await running?.catch(() => undefined);
    },
  };
}

/** Removes what was handed on, or handled, before that time. */
export async function forgetEvents(db: Kysely<EventTables>, before: Date): Promise<void> {
  await db.deleteFrom('outbox').where('relayed_at', '<', before).execute();
  await db.deleteFrom('inbox').where('handled_at', '<', before).execute();
}

/** Locked rows are left to the relay that has them; the queues get the jobs before the rows are marked, so a death between the two repeats and never loses. */
async function relayBatch(db: Kysely<EventTables>, jobs: Jobs, clock: Clock): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const rows = await tx.selectFrom('outbox').select(['position', 'id', 'name', 'payload', 'request_id']).where('relayed_at', 'is', null).orderBy('position').limit(BATCH).forUpdate().skipLocked().execute();
    if (rows.length === 0) return 0;
    await addToQueues(jobs, rows);
    await tx
      .updateTable('outbox')
      .set({ relayed_at: clock.now() })
      .where('position', 'in', rows.map((row) => row.position))
      .execute();
    return rows.length;
  });
}

async function addToQueues(jobs: Jobs, rows: readonly { id: string; name: string; payload: unknown; request_id: string }[]): Promise<void> {
  const byReader = new Map<SubgraphName, JobToAdd[]>();
  for (const row of rows) {
    const name = row.name as EventName;
    const envelope: EventEnvelope = { id: row.id, name, payload: row.payload, requestId: row.request_id };
    for (const reader of EVENTS[name].readers) {
      const waiting = byReader.get(reader) ?? [];
      waiting.push({ name, id: row.id, data: envelope });
      byReader.set(reader, waiting);
    }
  }
  await Promise.all([...byReader].map(([reader, list]) => jobs.add(eventQueueOf(reader), list)));
}
