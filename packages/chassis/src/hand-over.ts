import type { SubgraphName } from '@iotistic/contracts/caller';
import { EVENTS, type EventName } from '@iotistic/contracts/events';
import type { Selectable } from 'kysely';
import type { Clock } from './clock.ts';
import type { Jobs, JobToAdd } from './jobs.ts';
import type { Log } from './log.ts';
import { type EventEnvelope, eventQueueOf, type EventTables } from './outbox.ts';
import { isIntact, lockState, QueueLost, type RelayDb, type RelayTx, saveState } from './relay-state.ts';
import { inSpan, isTracing, SpanKind } from './tracing.ts';

export interface HandOver {
  publisher: SubgraphName;
  db: RelayDb;
  jobs: Jobs;
  clock: Clock;
  log: Log;
}

export const EVENT_COLUMNS = ['id', 'name', 'payload', 'request_id', 'traceparent', 'created_at'] as const;

/**
 * Runs a step that adds jobs and then writes down that it did, in one transaction. It is kept only when the backend had
 * everything before the step, has counted it, and was the same server all along: then it has the step's jobs as well.
 * @throws QueueLost and changes nothing otherwise. Jobs that were added all the same are added again, and are the same.
 */
export function handOver<R>({ db, jobs, publisher }: HandOver, step: (tx: RelayTx) => Promise<R>): Promise<R> {
  return db.transaction().execute(async (tx) => {
    const state = await lockState(tx);
    const mark = await jobs.marks.read(publisher);
    if (!isIntact(state, mark)) throw new QueueLost();
    const result = await step(tx);
    const count = await jobs.marks.raise(publisher, mark);
    if (count === null || count <= state.count) throw new QueueLost();
    await saveState(tx, { epoch: mark.epoch, count });
    return result;
  });
}

type WaitingEvent = Pick<Selectable<EventTables['outbox']>, (typeof EVENT_COLUMNS)[number]>;

/** @param readers who gets them; all who hear them, unless told. */
export async function addToQueues({ jobs, publisher }: HandOver, rows: readonly WaitingEvent[], readers?: readonly SubgraphName[]): Promise<void> {
  const byReader = new Map<SubgraphName, JobToAdd[]>();
  for (const row of rows) {
    const name = row.name as EventName;
    const envelope: EventEnvelope = { id: row.id, name, payload: row.payload, requestId: row.request_id, traceparent: row.traceparent, at: row.created_at.toISOString() };
    for (const reader of readers ?? EVENTS[name].readers) {
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
