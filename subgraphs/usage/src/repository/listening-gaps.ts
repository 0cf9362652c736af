import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { ListeningGap } from '../domain/silence.ts';
import type { UsageTables } from './tables.ts';

/** More gaps than that within the time that they are kept are no outages, but a simulation. */
const MAX_GAPS = 1_000;

/** Notes that we listen now. @returns how long ago we noted it last, by the database's own clock; null for the first time. Milliseconds. */
export async function beat(tx: Tx<UsageTables>): Promise<number | null> {
  const { rows } = await sql<{ sinceMs: number | null }>`
    update anomaly_watch w set beat_at = clock_timestamp() from (select beat_at from anomaly_watch for update) before
    returning (extract(epoch from clock_timestamp() - before.beat_at) * 1000)::bigint as "sinceMs"`.execute(tx);
  return rows[0]?.sinceMs ?? null;
}

/** Whether anybody's report was received then. */
export async function wasReportReceived(db: Db<UsageTables>, from: Date, until: Date): Promise<boolean> {
  const { rows } = await sql<{ was: boolean }>`
    select exists (select from usage_reports where received_at > ${from}::timestamptz and received_at < ${until}::timestamptz) as was`.execute(db);
  return rows[0]?.was ?? false;
}

/** Adds them, and forgets those that ended before `keptSince`. */
export async function saveGaps(tx: Tx<UsageTables>, gaps: readonly ListeningGap[], keptSince: Date): Promise<void> {
  if (gaps.length === 0) return;
  const rows = gaps.map(({ fromMs, untilMs, isOutage }) => ({ gap_from: new Date(fromMs), gap_until: new Date(untilMs), is_outage: isOutage }));
  await tx.insertInto('listening_gaps').values(rows).onConflict((conflict) => conflict.doNothing()).execute();
  await tx.deleteFrom('listening_gaps').where('gap_until', '<', keptSince).execute();
}

/** The newest, oldest first. */
export async function listGaps(db: Db<UsageTables>): Promise<ListeningGap[]> {
  const rows = await db.selectFrom('listening_gaps').selectAll().orderBy('gap_until', 'desc').limit(MAX_GAPS).execute();
  return rows.toReversed().map((row) => ({ fromMs: row.gap_from.getTime(), untilMs: row.gap_until.getTime(), isOutage: row.is_outage }));
}
