import type { UsageApp } from '../app.ts';
import { deleteReportsOfInstancesBeforeRetention, dropPartition, endOfMonth, findLongestRetention, listInstanceNumbers, listPartitionMonths } from '../repository/partitions.ts';

const DAY_MS = 86_400_000;
/** Where billing has said nothing of a customer. */
const DEFAULT_DAYS = 90;
/** After its receipt: what came late is billed late, and its reports are asked for then. */
const KEPT_MS = 14 * DAY_MS;
const INSTANCES = 200;
/** So that nobody who reports waits for long. */
const BATCH = 10_000;

/**
 * Deletes raw reports that are older than their customer's plan keeps them, and that came two weeks ago or earlier. A month that is too old for every customer goes
 * whole; of the others each instance's old reports, along its index. Rollups, quantities and the keys by which a second
 * delivery is known stay. Ended by the signal it goes on the next night.
 */
export async function purgeByPlan(app: Pick<UsageApp, 'db' | 'clock' | 'log' | 'partitions' | 'metrics'>, signal: AbortSignal): Promise<number> {
  const now = app.clock.now();
  const receivedBefore = new Date(now.getTime() - KEPT_MS);
  let deleted = 0;
  const longest = await findLongestRetention(app.db, DEFAULT_DAYS);
  for (const month of longest === null ? [] : await listPartitionMonths(app.db)) {
    if (signal.aborted || endOfMonth(month) > now.getTime() - (longest as number) * DAY_MS) continue;
    deleted += await app.db.transaction().execute((tx) => dropPartition(tx, month, receivedBefore));
    app.partitions.forget();
  }
  let after = 0;
  for (let numbers = await listInstanceNumbers(app.db, after, INSTANCES); numbers.length > 0 && !signal.aborted; numbers = await listInstanceNumbers(app.db, after, INSTANCES)) {
    for (let batch = BATCH; batch === BATCH && !signal.aborted; deleted += batch) batch = await app.db.transaction().execute((tx) => deleteReportsOfInstancesBeforeRetention(tx, { numbers, now, receivedBefore, defaultDays: DEFAULT_DAYS, limit: BATCH }));
    after = numbers.at(-1) ?? after;
  }
  app.metrics.counter('iotistic_usage_reports_purged_total', 'Raw usage reports deleted by retention', []).inc(deleted);
  if (deleted > 0) app.log.info({ deleted }, 'raw usage reports were purged, by plan');
  return deleted;
}
