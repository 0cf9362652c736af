import { EVENTS, type EventName, type EventPayload, type EventsHeardBy } from '@iotistic/contracts/events';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { SubgraphName } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import type { Kysely } from 'kysely';
import { type Answer, ANSWER, answerAsk, ASK, type Ask } from './catch-up.ts';
import type { Clock } from './clock.ts';
import type { EventMetrics } from './event-metrics.ts';
import { type JobAtHand, type Jobs, stopTrying } from './jobs.ts';
import type { Log } from './log.ts';
import { type EventEnvelope, eventQueueOf, type EventTables } from './outbox.ts';
import { runJob } from './run-job.ts';

/** The list event → use case of a subgraph: one for each event it hears, no other compiles. */
export type EventHandlers<S extends SubgraphName> = { [N in EventsHeardBy<S>]: (payload: EventPayload<N>) => Promise<unknown> };

const DEADLINE_MS = 30_000;

export interface InboxOptions<S extends SubgraphName> {
  reader: S;
  handlers: EventHandlers<S>;
  db: Kysely<EventTables>;
  jobs: Jobs;
  clock: Clock;
  log: Log;
  metrics?: EventMetrics;
  /** The same subgraph's, which readers answer what they miss of its events. */
  relay: { answer(answer: Answer): Promise<void> };
}

/**
 * Runs a subgraph's events. An event that was handled is not handled again; one that fails is tried again unless its
 * error says that this cannot help. The use case must bear a repeat: it may die between its commit and the inbox row.
 */
export function startInbox<S extends SubgraphName>(options: InboxOptions<S>): void {
  const handlers = options.handlers as unknown as Record<string, (payload: unknown) => Promise<unknown>>;

  async function handle(envelope: EventEnvelope): Promise<void> {
    const seen = await options.db.selectFrom('inbox').select('event_id').where('event_id', '=', envelope.id).executeTakeFirst();
    if (seen !== undefined) return;
    const handler = handlers[envelope.name];
    if (handler === undefined) throw stopTrying(new Error(`${options.reader} does not hear ${envelope.name}`));
    const payload = EVENTS[envelope.name as EventName].payload.safeParse(envelope.payload);
    if (!payload.success) throw stopTrying(payload.error);
    await failpoint('inbox.handling');
    await handler(payload.data);
    await failpoint('inbox.handled');
    await options.db
      .insertInto('inbox')
      .values({ event_id: envelope.id, handled_at: options.clock.now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    options.metrics?.handled(envelope.at ?? null);
    options.log.debug({ event: envelope.name, eventId: envelope.id }, 'event handled');
  }

  const relayJobs: Readonly<Record<string, (data: unknown) => Promise<void>>> = {
    [ASK]: (data) => answerAsk(options, data as Ask),
    [ANSWER]: (data) => options.relay.answer(data as Answer),
  };

  options.jobs.work(eventQueueOf(options.reader), (job: JobAtHand) => {
    const ofRelay = relayJobs[job.name];
    if (ofRelay !== undefined) return runJob({ name: job.name, requestId: newId('req'), deadlineMs: DEADLINE_MS, scope: options.reader, attempt: job.attempt }, () => ofRelay(job.data));
    const envelope = job.data as EventEnvelope;
    return runJob({ name: envelope.name, requestId: envelope.requestId, deadlineMs: DEADLINE_MS, scope: options.reader, traceparent: envelope.traceparent, attempt: job.attempt }, () => handle(envelope));
  });
}
