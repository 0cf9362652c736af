import type { SubgraphName } from '@iotistic/contracts/caller';
import { EVENTS, type EventName } from '@iotistic/contracts/events';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { Kysely, Selectable } from 'kysely';
import type { Clock } from './clock.ts';
import type { EventMetrics } from './event-metrics.ts';
import type { Jobs, JobToAdd } from './jobs.ts';
import type { Log } from './log.ts';
import { type EventEnvelope, eventQueueOf, type EventTables, WAKE_CHANNEL } from './outbox.ts';
import type { PgListener } from './pg-listener.ts';
import { inSpan, isTracing, SpanKind } from './tracing.ts';

export interface RelayOptions {
  publisher: SubgraphName;
  db: Kysely<EventTables>;
  jobs: Jobs;
  listener: PgListener;
  clock: Clock;
  log: Log;
  metrics?: EventMetrics;
}

const EVENT_COLUMNS = ['id', 'name', 'payload', 'request_id', 'traceparent', 'created_at'] as const;
const BATCH = 200;
const POLL_MS = 2_000;
const RESEND_EVERY_MS = 60_000;
const RESEND_WINDOW_MS = 15 * 60_000;
const RESEND_AT_START_MS = 24 * 3_600_000;
/** Long after nothing is resent any more, what was handed on and handled is forgotten. */
const KEEP_MS = 30 * 86_400_000;

/** Hands a subgraph's events from its outbox to the queues of their readers, woken by commits and, should a wake be lost, by time. */
export class Relay {
  readonly #options: RelayOptions;
  #closed = false;
  #running: Promise<number> | null = null;
  #wokenAgain = false;
  #stops: (() => unknown)[] = [];

  private constructor(options: RelayOptions) {
    this.#options = options;
  }

  static async start(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options);
    await relay.#start();
    return relay;
  }

  async #start(): Promise<void> {
    const { listener, publisher, clock, db } = this.#options;
    const ago = (ms: number): Date => new Date(clock.now().getTime() - ms);
    const drain = (): void => this.#quietly(() => this.drain());
    const resend = (ms: number): void => this.#quietly(() => this.resend(ago(ms)));
    this.#stops.push(
      await listener.listen(WAKE_CHANNEL, (woken) => {
        if (woken === publisher) drain();
      }),
      listener.onGap(drain),
    );
    const poll = setInterval(drain, POLL_MS);
    const sweep = setInterval(() => {
      resend(RESEND_WINDOW_MS);
      this.#quietly(() => forgetEvents(db, ago(KEEP_MS)));
    }, RESEND_EVERY_MS);
    this.#stops.push(() => clearInterval(poll), () => clearInterval(sweep));
    resend(RESEND_AT_START_MS);
    drain();
  }

  /** Hands on what is waiting; answers how many events that were. */
  drain(): Promise<number> {
    if (this.#running !== null) {
      this.#wokenAgain = true;
      return this.#running;
    }
    this.#running = this.#drainAll().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Hands on once more what was handed on since then: a queue that was flushed has its jobs again, and the inbox stops doubles. */
  async resend(since: Date): Promise<number> {
    const rows = await this.#options.db.selectFrom('outbox').select(EVENT_COLUMNS).where('relayed_at', '>=', since).orderBy('position').execute();
    await addToQueues(this.#options, rows);
    return rows.length;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    await this.#running?.catch(() => undefined);
  }

  async #drainAll(): Promise<number> {
    let total = 0;
    do {
      this.#wokenAgain = false;
      for (let count = BATCH; count === BATCH && !this.#closed; total += count) count = await relayBatch(this.#options);
    } while (this.#wokenAgain && !this.#closed);
    return total;
  }

  #quietly(work: () => Promise<unknown>): void {
    work().catch((err: unknown) => {
      if (!this.#closed) this.#options.log.warn({ err }, 'events wait to be handed on');
    });
  }
}

/** Removes what was handed on, or handled, before that time. */
export async function forgetEvents(db: Kysely<EventTables>, before: Date): Promise<void> {
  await db.deleteFrom('outbox').where('relayed_at', '<', before).execute();
  await db.deleteFrom('inbox').where('handled_at', '<', before).execute();
}

/** Locked rows are left to the relay that has them; the queues get the jobs before the rows are marked, so a death between the two repeats and never loses. */
async function relayBatch(options: RelayOptions): Promise<number> {
  const { db, clock } = options;
  const relayed = await db.transaction().execute(async (tx) => {
    const rows = await tx.selectFrom('outbox').select(['position', ...EVENT_COLUMNS]).where('relayed_at', 'is', null).orderBy('position').limit(BATCH).forUpdate().skipLocked().execute();
    if (rows.length === 0) return 0;
    await addToQueues(options, rows);
    await failpoint('relay.queued');
    await tx
      .updateTable('outbox')
      .set({ relayed_at: clock.now() })
      .where('position', 'in', rows.map((row) => row.position))
      .execute();
    return rows.length;
  });
  options.metrics?.relayed(relayed);
  return relayed;
}

type WaitingEvent = Pick<Selectable<EventTables['outbox']>, (typeof EVENT_COLUMNS)[number]>;

async function addToQueues({ jobs, publisher }: RelayOptions, rows: readonly WaitingEvent[]): Promise<void> {
  const byReader = new Map<SubgraphName, JobToAdd[]>();
  for (const row of rows) {
    const name = row.name as EventName;
    const envelope: EventEnvelope = { id: row.id, name, payload: row.payload, requestId: row.request_id, traceparent: row.traceparent, at: row.created_at.toISOString() };
    for (const reader of EVENTS[name].readers) {
      const waiting = byReader.get(reader) ?? [];
      waiting.push({ name, id: row.id, data: envelope });
      byReader.set(reader, waiting);
    }
  }
  const add = async (): Promise<void> => void (await Promise.all([...byReader].map(([reader, list]) => jobs.add(eventQueueOf(reader), list))));
  // One hand-over is part of many traces: it stands in that of the first, and points to the others.
  const traced = isTracing() ? rows.flatMap(({ traceparent }) => traceparent ?? []) : [];
  if (traced.length === 0) return add();
  await inSpan(publisher, 'relay events', add, { kind: SpanKind.PRODUCER, parent: traced[0], links: traced.slice(1), attributes: { 'messaging.system': 'bullmq', 'messaging.batch.message_count': rows.length } });
}
