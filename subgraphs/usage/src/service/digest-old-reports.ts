import type { UsageApp } from '../app.ts';
import { MAX_AGE_MS } from '../domain/verdict.ts';
import { dropEmptyPartition, endOfMonth, listInstanceNumbers, listPartitionMonths } from '../repository/partitions.ts';
import { digestDay, findOldestDay, type Retention } from '../repository/report-retention.ts';

const DAY_MS = 86_400_000;
/** With a report a minute that is 144,000 in one transaction. */
const INSTANCES = 100;

type Digesting = Pick<UsageApp, 'db' | 'clock' | 'log' | 'partitions' | 'metrics' | 'config'>;

/** What is kept now. @param endedBefore only what ended earlier may go; null for all that evidence does not need */
export function retentionOf({ clock, config }: Pick<UsageApp, 'clock' | 'config'>, endedBefore: Date | null = null): Retention {
  return { now: clock.now(), evidenceDays: config.EVIDENCE_DAYS, acceptedDays: MAX_AGE_MS / DAY_MS, endedBefore };
}

/**
 * Puts digests in the place of reports that nobody needs as evidence any more: the bill of their period has been final for
 * EVIDENCE_DAYS, whatever the customer's plan says of the product's data. Day by day, some instances in a transaction, so
 * that a process which ends in between, or a second one, leaves each report either there or in one digest. A month that has
 * no reports any more is dropped whole. Hours, quantities and the keys by which a second delivery is known stay. Ended by the
 * signal it goes on the next night.
 * @returns how many reports went.
 */
export async function digestOldReports(app: Digesting, signal: AbortSignal | null = null, retention: Retention = retentionOf(app)): Promise<number> {
  const isEnded = (): boolean => signal?.aborted === true;
  let [digested, after] = [0, 0];
  for (let numbers = await listInstanceNumbers(app.db, after, INSTANCES); numbers.length > 0 && !isEnded(); numbers = await listInstanceNumbers(app.db, after, INSTANCES)) {
    const page = numbers;
    for (let day = await findOldestDay(app.db, page, retention); day !== null && !isEnded(); day = await findOldestDay(app.db, page, retention)) {
      const oldest = day;
      digested += await app.db.transaction().execute((tx) => digestDay(tx, page, oldest, retention));
    }
    after = page.at(-1) ?? after;
  }
  if (!isEnded()) await dropEmptyMonths(app, retention);
  app.metrics.counter('iotistic_usage_reports_purged_total', 'Raw usage reports that a digest of their day replaced', []).inc(digested);
  if (digested > 0) app.log.info({ digested }, 'old usage reports were replaced by digests of their days');
  return digested;
}

/** Of months that are over for as long as evidence is kept: into younger ones somebody may still report. */
async function dropEmptyMonths(app: Digesting, { now, evidenceDays }: Retention): Promise<void> {
  for (const month of await listPartitionMonths(app.db)) {
    if (endOfMonth(month) > now.getTime() - evidenceDays * DAY_MS) continue;
    if (await app.db.transaction().execute((tx) => dropEmptyPartition(tx, month))) app.partitions.forget();
  }
}
