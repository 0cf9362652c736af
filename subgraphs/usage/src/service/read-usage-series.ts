import type { Meter } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { type Bucket, bucketsOf, type Granularity, quantitiesByBucket } from '../domain/buckets.ts';
import { getInstanceFilter } from './find-instance.ts';

export interface SeriesQuery {
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
export async function readUsageSeries(app: Pick<UsageApp, 'loaders'>, customerId: string, query: SeriesQuery): Promise<UsagePoint[]> {
  const buckets = bucketsOf(query.from, query.to, query.granularity);
  const instanceId = await getInstanceFilter(app, customerId, query.instance);
  const hours = await app.loaders.hours.load({ customerId, instanceId, fromMs: (buckets[0] as Bucket).startMs, toMs: (buckets.at(-1) as Bucket).endMs });
  return quantitiesByBucket(query.meter, buckets, hours).map(({ startMs, endMs, ...quantity }) => ({ start: new Date(startMs), end: new Date(endMs), ...quantity }));
}
