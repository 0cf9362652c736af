import { AppError } from '@iotistic/contracts/errors';
import type { UsageApp } from '../app.ts';
import { listInstanceNumbers } from '../repository/partitions.ts';
import { countOldReports } from '../repository/report-retention.ts';
import { digestOldReports, retentionOf } from './digest-old-reports.ts';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3_650;
const DEFAULT_DAYS = 90;
const INSTANCES = 1_000;

export interface Purge {
  dryRun: boolean;
  olderThanDays: number;
  /** Reports that went, or would. */
  deleted: number;
  /** Reports of that age that are needed as evidence. */
  kept: number;
}

/**
 * Puts digests in the place of reports whose interval ended longer ago than that, as the nightly run does of its own: what
 * evidence of a bill needs stays, whatever age is asked for, and so do hours, quantities and the keys by which a second
 * delivery is known. Where no age is said it says only what it would do.
 * @throws AppError INVALID_RETENTION
 */
export async function purgeUsageReports(app: Pick<UsageApp, 'db' | 'clock' | 'log' | 'partitions' | 'metrics' | 'config'>, input: { olderThanDays?: number | null | undefined; dryRun?: boolean | null | undefined }): Promise<Purge> {
  const olderThanDays = input.olderThanDays ?? DEFAULT_DAYS;
  const dryRun = input.dryRun ?? (input.olderThanDays ?? null) === null;
  if (!Number.isInteger(olderThanDays) || olderThanDays < 1 || olderThanDays > MAX_DAYS) throw new AppError('INVALID_INPUT', 'INVALID_RETENTION');
  const endedBefore = new Date(app.clock.now().getTime() - olderThanDays * DAY_MS);
  const retention = { ...retentionOf(app), endedBefore };
  const deleted = dryRun ? 0 : await digestOldReports(app, null, retention);
  const left = { mayGo: 0, needed: 0 };
  let after = 0;
  for (let numbers = await listInstanceNumbers(app.db, after, INSTANCES); numbers.length > 0; numbers = await listInstanceNumbers(app.db, after, INSTANCES)) {
    const { mayGo, needed } = await countOldReports(app.db, numbers, retention);
    left.mayGo += mayGo;
    left.needed += needed;
    after = numbers.at(-1) ?? after;
  }
  app.log.info({ deleted, olderThanDays, dryRun, kept: left.needed }, dryRun ? 'raw usage reports that could be purged were counted' : 'raw usage reports were purged');
  return { dryRun, olderThanDays, deleted: dryRun ? left.mayGo : deleted, kept: left.needed };
}
