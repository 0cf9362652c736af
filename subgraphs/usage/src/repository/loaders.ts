import type { Db } from '@iotistic/chassis/database';
import DataLoader from 'dataloader';
import { type Intake, NOTHING_RECEIVED } from '../domain/intake.ts';
import type { NamedPeriod, SubscriptionPeriod } from '../domain/period.ts';
import type { Totals } from '../domain/quantities.ts';
import type { Adjustments, PeriodTotals } from '../domain/measurement.ts';
import type { ActiveNow } from '../domain/active.ts';
import { countActive } from './active-instances.ts';
import { listAdjustmentSums } from './adjustments.ts';
import { listNamedPeriods } from './billing-periods.ts';
import { findInstances, findLatestReportIds, type InstanceRow, listSequenceGaps, type SequenceGap, sumIntakes } from './instances.ts';
import { countReports, findReports, listReports, type ReportListQuery, type ReportRow } from './reports.ts';
import { listBucketTotals, listPeriodTotals, type PeriodQuery, type SeriesQuery } from './rollups.ts';
import { findSubscriptionPeriods } from './subscription-periods.ts';
import type { UsageTables } from './tables.ts';

/**
 * Reads of which many that are asked for at the same moment, by whichever requests, cost one statement. Nothing is cached:
 * each answer is as new as the question. Who asks was checked before a key gets here.
 */
export interface Loaders {
  instance: DataLoader<string, InstanceRow | null>;
  report: DataLoader<string, ReportRow | null>;
  latestReportId: DataLoader<string, string | null>;
  intake: DataLoader<string, Intake>;
  activeNow: DataLoader<{ customerId: string; sinceMs: number }, ActiveNow | null>;
  sequenceGaps: DataLoader<string, SequenceGap[]>;
  reportPage: DataLoader<ReportListQuery, ReportRow[]>;
  reportCount: DataLoader<ReportListQuery, number>;
  bucketTotals: DataLoader<SeriesQuery, Map<number, Totals>>;
  periodTotals: DataLoader<PeriodQuery, PeriodTotals>;
  namedPeriods: DataLoader<string, NamedPeriod[]>;
  adjustmentSums: DataLoader<{ customerId: string; startMs: number }, Adjustments>;
  subscriptionPeriod: DataLoader<string, SubscriptionPeriod | null>;
}

const MAX_BATCH = 200;

export function createLoaders(db: Db<UsageTables>): Loaders {
  const byKey = <K, V>(read: (keys: readonly K[]) => Promise<V[]>, maxBatchSize = MAX_BATCH): DataLoader<K, V> => new DataLoader<K, V>(read, { cache: false, maxBatchSize, batchScheduleFn: (run) => setImmediate(run) });
  return {
    instance: byKey(async (ids) => inOrder(ids, await findInstances(db, ids), (row) => row.id)),
    report: byKey(async (ids) => inOrder(ids, await findReports(db, ids), (row) => row.id), 1_000),
    latestReportId: byKey(async (customerIds) => lookUp(customerIds, await findLatestReportIds(db, customerIds), null)),
    intake: byKey(async (customerIds) => lookUp(customerIds, await sumIntakes(db, customerIds), NOTHING_RECEIVED)),
    activeNow: byKey(async (asked) => {
      const since = new Date(Math.min(...asked.map(({ sinceMs }) => sinceMs)));
      return lookUp(asked.map(({ customerId }) => customerId), await countActive(db, asked.map(({ customerId }) => customerId), since), null);
    }),
    sequenceGaps: byKey((ids) => listSequenceGaps(db, ids)),
    reportPage: byKey((queries) => listReports(db, queries), 50),
    reportCount: byKey((queries) => countReports(db, queries), 50),
    bucketTotals: byKey((queries) => listBucketTotals(db, queries), 50),
    periodTotals: byKey((queries) => listPeriodTotals(db, queries), 50),
    namedPeriods: byKey(async (customerIds) => listOf(customerIds, await listNamedPeriods(db, [...new Set(customerIds)]))),
    adjustmentSums: byKey((periods) => listAdjustmentSums(db, periods)),
    subscriptionPeriod: byKey(async (ids) => inOrder(ids, await findSubscriptionPeriods(db, ids), (row) => row.customerId)),
  };
}

function inOrder<V>(keys: readonly string[], rows: readonly V[], keyOf: (row: V) => string): (V | null)[] {
  return lookUp(keys, new Map(rows.map((row) => [keyOf(row), row])), null);
}

function listOf(customerIds: readonly string[], periods: readonly NamedPeriod[]): NamedPeriod[][] {
  return customerIds.map((id) => periods.filter(({ customerId }) => customerId === id));
}

function lookUp<V, E>(keys: readonly string[], found: ReadonlyMap<string, V>, otherwise: E): (V | E)[] {
  return keys.map((key) => found.get(key) ?? otherwise);
}
