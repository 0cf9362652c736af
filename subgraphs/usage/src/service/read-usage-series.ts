import type { Meter } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { type Bucket, bucketsOf, type Granularity } from '../domain/buckets.ts';
import { NO_TOTALS, quantityOf } from '../domain/quantities.ts';
import type { SeriesQuery } from '../repository/rollups.ts';
import { getInstanceFilter } from './find-instance.ts';

export interface SeriesArguments {
  meter: Meter;
  from: Date;
  to: Date;
  granularity: Granularity;
  instance?: string | null | undefined;
}

export interface UsagePoint {
  start: Date;
  end: Date;
  quantity: number;
  peak: number;
  reports: number;
}

/**
 * A meter over time, from rollups alone. Every bucket of UTC that the range touches is there, whole, also those without reports.
 * @throws AppError INVALID_INPUT INVALID_RANGE. NOT_FOUND INSTANCE_NOT_FOUND.
 */
export async function readUsageSeries(app: Pick<UsageApp, 'loaders' | 'series'>, customerId: string, { from, to, granularity, meter, instance }: SeriesArguments): Promise<UsagePoint[]> {
  const buckets = bucketsOf(from, to, granularity);
  const instanceId = await getInstanceFilter(app, customerId, instance);
  const query: SeriesQuery = { customerId, instanceId, meter, granularity, fromMs: (buckets[0] as Bucket).startMs, toMs: (buckets.at(-1) as Bucket).endMs };
  // Rollups change with accepted reports only: their number is the version of all that is made of them.
  const { accepted, late } = await app.loaders.intake.load(customerId);
  return app.series.get(JSON.stringify(query), accepted + late, buckets.length, () => readPoints(app, query, buckets));
}

async function readPoints(app: Pick<UsageApp, 'loaders'>, query: SeriesQuery, buckets: readonly Bucket[]): Promise<UsagePoint[]> {
  const totals = await app.loaders.bucketTotals.load(query);
  return buckets.map(({ startMs, endMs }) => ({ start: new Date(startMs), end: new Date(endMs), ...quantityOf(query.meter, [totals.get(startMs) ?? NO_TOTALS]) }));
}
