import { type Kysely, sql } from 'kysely';
import type { Clock } from './clock.ts';
import { buildMissingIndexes } from './event-table-migrations.ts';
import type { Log } from './log.ts';
import type { EventTables } from './outbox.ts';
import type { ScheduledWork } from './schedule.ts';

const EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** A reader that was away for less gets what it missed, even when the queues were lost meanwhile. */
const KEEP_OUTBOX_DAYS = 30;
/** Longer, so that no kept event is taken for one that was not handled. */
const KEEP_INBOX_DAYS = 37;
const BATCH = 5_000;
/** A pass ends here, at a million rows of each table; the next one goes on. */
const MAX_BATCHES = 200;

/** Hourly, in one process: the schedule's queue runs one at a time. */
export function forgettingOf(options: { db: Kysely<EventTables>; clock: Clock; log: Log }): ScheduledWork {
  const { db, clock, log } = options;
  const ago = (days: number): Date => new Date(clock.now().getTime() - days * DAY_MS);
  return {
    name: 'forget-events',
    everyMs: EVERY_MS,
    async run(signal) {
      await buildMissingIndexes(db);
      const count = await forgetEvents(db, { relayedBefore: ago(KEEP_OUTBOX_DAYS), handledBefore: ago(KEEP_INBOX_DAYS) }, signal);
      if (count > 0) log.debug({ count }, 'old events were forgotten');
    },
  };
}

/**
 * Removes what was handed on, or handled, before those times: oldest first, a batch in each statement, and no more than
 * a pass may take.
 * @returns how many rows that were.
 */
export async function forgetEvents(db: Kysely<EventTables>, before: { relayedBefore: Date; handledBefore: Date }, signal?: AbortSignal, { batch = BATCH, maxBatches = MAX_BATCHES }: { batch?: number; maxBatches?: number } = {}): Promise<number> {
  const forgetOutbox = sql`delete from outbox where position in (select position from outbox where relayed_at < ${before.relayedBefore} order by relayed_at limit ${batch})`;
  const forgetInbox = sql`delete from inbox where event_id in (select event_id from inbox where handled_at < ${before.handledBefore} order by handled_at limit ${batch})`;
  let total = 0;
  for (const statement of [forgetOutbox, forgetInbox]) {
    for (let batches = 0, count = batch; count === batch && batches < maxBatches && signal?.aborted !== true; batches += 1) {
      const { numAffectedRows } = await statement.execute(db);
      count = Number(numAffectedRows ?? 0);
      total += count;
    }
  }
  return total;
}
