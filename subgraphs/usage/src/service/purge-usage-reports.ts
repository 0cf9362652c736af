import { AppError } from '@iotistic/contracts/errors';
import type { UsageApp } from '../app.ts';
import { deleteReportsBefore, dropPartition, endOfMonth, listPartitionMonths } from '../repository/partitions.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3_650;
/** So that nobody who reports waits for long. */
const BATCH = 10_000;

/**
 * Deletes raw reports whose interval ended longer ago than that. Rollups, quantities and the keys by which a second
 * delivery is known stay: what was billed stays explained, and nothing that was purged can be counted again. Whole months
 * go at once, what is left of one by batches.
 * @throws AppError INVALID_RETENTION
 */
export async function purgeUsageReports(app: Pick<UsageApp, 'db' | 'clock' | 'log' | 'partitions'>, input: { olderThanDays?: number | null }): Promise<{ deleted: number }> {
  const days = input.olderThanDays ?? 90;
  if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS) throw new AppError('INVALID_INPUT', 'INVALID_RETENTION');
  const before = new Date(app.clock.now().getTime() - days * DAY_MS);
  let deleted = 0;
  for (const month of await listPartitionMonths(app.db)) {
    if (endOfMonth(month) > before.getTime()) continue;
    deleted += await app.db.transaction().execute((tx) => dropPartition(tx, month));
    app.partitions.forget();
  }
  for (let batch = BATCH; batch === BATCH; deleted += batch) batch = await app.db.transaction().execute((tx) => deleteReportsBefore(tx, before, BATCH));
  app.log.info({ deleted, before }, 'raw usage reports were purged');
  return { deleted };
}
