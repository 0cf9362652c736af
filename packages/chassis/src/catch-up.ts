import type { SubgraphName } from '@iotistic/contracts/caller';
import { EVENTS, type EventName } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import { addToQueues, EVENT_COLUMNS, type HandOver } from './hand-over.ts';
import type { Jobs } from './jobs.ts';
import { type EventTables, eventQueueOf } from './outbox.ts';
import { isIntact, lockState, type RelayTables, type RelayTx, saveState } from './relay-state.ts';

/** The names of the two jobs, in the event queues of who is asked and who is answered. */
export const ASK = 'relay.ask';
export const ANSWER = 'relay.answer';

/** Which of these events were not handled? */
export interface Ask {
  publisher: SubgraphName;
  ask: string;
  ids: string[];
}

export interface Answer {
  reader: SubgraphName;
  ask: string;
  missing: string[];
}

/** Events in one question. */
const PAGE = 1_000;
/** Events in one statement or hand-over. */
const BATCH = 200;
/** Pages without an event of this reader, until others get their turn. */
const MAX_PAGES = 20;

type CatchUp = Selectable<RelayTables['relay_catch_ups']>;

const answerIdOf = (ask: string): string => `${ask}-answer`;

/** The reader's part: says what its inbox has not. Only the reader can look there: its database may be another. */
export async function answerAsk(options: { reader: SubgraphName; db: Kysely<EventTables>; jobs: Jobs }, { publisher, ask, ids }: Ask): Promise<void> {
  const { rows } = await sql<{ id: string }>`select id from unnest(${ids}::text[]) as asked (id) where not exists (select from inbox where event_id = id)`.execute(options.db);
  const answer: Answer = { reader: options.reader, ask, missing: rows.map(({ id }) => id) };
  await options.jobs.add(eventQueueOf(publisher), [{ name: ANSWER, id: answerIdOf(ask), data: answer }]);
}

/** Looks at the mark, under the relay's lock. Where it is gone, or of an earlier time, every reader is to be asked from the first kept event on. @returns whether it was. */
export function noteLoss({ db, jobs, publisher }: HandOver): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    if (isIntact(await lockState(tx), await jobs.marks.read(publisher))) return false;
    const epoch = newId('job');
    await jobs.marks.renew(publisher, epoch);
    await saveState(tx, { epoch, count: 0 });
    // What was handed on before has committed, so that it is seen here; what is handed on from now on is in the queues.
    const { until } = await tx.selectFrom('outbox').select((select) => select.fn.max('position').as('until')).executeTakeFirstOrThrow();
    const readers = new Set(Object.values(EVENTS).flatMap((event): readonly SubgraphName[] => (event.publisher === publisher ? event.readers : [])));
    const catchUps = [...readers].map((reader) => ({ reader, position: 0, until, ask: null, ask_until: null }));
    await tx.deleteFrom('relay_catch_ups').execute();
    if (until !== null) await tx.insertInto('relay_catch_ups').values(catchUps).execute();
    return true;
  });
}

export type Step = 'asked' | 'more' | 'done';

/** Asks about the next kept events, unless a question is on its way. */
export async function askAgain(options: HandOver, tx: RelayTx, reader: SubgraphName): Promise<Step> {
  const catchUp = await tx.selectFrom('relay_catch_ups').selectAll().where('reader', '=', reader).executeTakeFirst();
  if (catchUp === undefined) return 'done';
  if (catchUp.ask !== null && (await isOnItsWay(options, catchUp.reader, catchUp.ask))) return 'asked';
  return askNext(options, tx, catchUp);
}

/** In this order: the answer is added before the question is done. */
async function isOnItsWay({ jobs, publisher }: HandOver, reader: SubgraphName, ask: string): Promise<boolean> {
  return (await jobs.isPending(eventQueueOf(reader), ask)) || jobs.isPending(eventQueueOf(publisher), answerIdOf(ask));
}

async function askNext(options: HandOver, tx: RelayTx, { reader, position: from, until }: Pick<CatchUp, 'reader' | 'position' | 'until'>): Promise<Step> {
  let position = from;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const rows = await tx.selectFrom('outbox').select(['position', 'id', 'name', 'relayed_at']).where('position', '>', position).where('position', '<=', until).orderBy('position').limit(PAGE).execute();
    const last = rows.at(-1);
    if (last === undefined) {
      await tx.deleteFrom('relay_catch_ups').where('reader', '=', reader).execute();
      options.log.info({ reader }, 'the reader has again all events that it had not handled');
      return 'done';
    }
    const ids = rows.filter(({ name, relayed_at }) => relayed_at !== null && isHeardBy(name, reader)).map(({ id }) => id);
    if (ids.length > 0) {
      const ask: Ask = { publisher: options.publisher, ask: newId('job'), ids };
      await options.jobs.add(eventQueueOf(reader), [{ name: ASK, id: ask.ask, data: ask }]);
      await saveCatchUp(tx, { reader, position, ask: ask.ask, ask_until: last.position });
      return 'asked';
    }
    position = last.position;
  }
  await saveCatchUp(tx, { reader, position, ask: null, ask_until: null });
  return 'more';
}

/** Hands on again what the reader misses, to it alone, and asks about the next page. An answer that was not waited for changes nothing. */
export async function takeAnswer(options: HandOver, tx: RelayTx, { reader, ask, missing }: Answer): Promise<Step> {
  const catchUp = await tx.selectFrom('relay_catch_ups').selectAll().where('reader', '=', reader).where('ask', '=', ask).executeTakeFirst();
  if (catchUp === undefined) return 'done';
  for (let from = 0; from < missing.length; from += BATCH) {
    const ids = missing.slice(from, from + BATCH);
    const rows = await tx.selectFrom('outbox').select(EVENT_COLUMNS).where('id', 'in', ids).where('relayed_at', 'is not', null).orderBy('position').execute();
    await addToQueues(options, rows, [reader]);
    await tx.updateTable('outbox').set({ relayed_at: options.clock.now() }).where('id', 'in', ids).where('relayed_at', 'is not', null).execute();
  }
  if (missing.length > 0) options.log.info({ reader, count: missing.length }, 'events that were not handled were handed on again');
  return askNext(options, tx, { ...catchUp, position: catchUp.ask_until ?? catchUp.position });
}

async function saveCatchUp(tx: RelayTx, { reader, ...change }: Omit<CatchUp, 'until'>): Promise<void> {
  await tx.updateTable('relay_catch_ups').set(change).where('reader', '=', reader).execute();
}

function isHeardBy(name: string, reader: SubgraphName): boolean {
  return (EVENTS[name as EventName]?.readers as readonly SubgraphName[] | undefined)?.includes(reader) === true;
}
