import type { SubgraphName } from '@iotistic/contracts/caller';
import type { Kysely, Transaction } from 'kysely';
import type { EventTables } from './outbox.ts';
import type { QueueMark } from './queue-marks.ts';

/** What a relay keeps beside the outbox (the migrations of the event tables make them). */
export interface RelayTables extends EventTables {
  /** One row: the mark in the queues' backend as it was when jobs were last handed over. Its lock is the relay's turn. */
  relay_state: { one: boolean; epoch: string | null; count: number };
  /** A reader that is asked, page by page, which of the events up to `until` it has not handled. */
  relay_catch_ups: { reader: SubgraphName; position: number; until: number; ask: string | null; ask_until: number | null };
}

export type RelayDb = Kysely<RelayTables>;
export type RelayTx = Transaction<RelayTables>;

export interface RelayState {
  /** Null before jobs were ever handed over, and after a restore. */
  epoch: string | null;
  count: number;
}

/** The queues' backend has no longer, or may not have, what was added to it. */
export class QueueLost extends Error {
  constructor() {
    super('the queues may have lost what was handed to them');
  }
}

/** Whether the backend has all that was ever handed over. */
export function isIntact(state: RelayState, mark: QueueMark | null): mark is QueueMark {
  return mark !== null && mark.epoch === state.epoch && mark.count >= state.count;
}

export async function findState(db: RelayDb): Promise<RelayState> {
  return (await db.selectFrom('relay_state').select(['epoch', 'count']).executeTakeFirst()) ?? { epoch: null, count: 0 };
}

/** Relays of one subgraph take turns, also those of several processes. */
export async function lockState(tx: RelayTx): Promise<RelayState> {
  const locked = (): Promise<RelayState | undefined> => tx.selectFrom('relay_state').select(['epoch', 'count']).forUpdate().executeTakeFirst();
  const known = await locked();
  if (known !== undefined) return known;
  await tx.insertInto('relay_state').values({ one: true, epoch: null, count: 0 }).onConflict((conflict) => conflict.doNothing()).execute();
  return (await locked()) ?? { epoch: null, count: 0 };
}

export async function saveState(tx: RelayTx, state: RelayState): Promise<void> {
  await tx.updateTable('relay_state').set(state).execute();
}
