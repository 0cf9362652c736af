import { METERS } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { readUsageSeries, type SeriesArguments } from './read-usage-series.ts';

const HEADER = 'start,end,devices,mqttMessages,mqttBytes,httpBytes,apiCalls,storageBytes,reports';

/**
 * All meters over time (RFC 4180), a line for each bucket: numbers and instants only, so that nothing needs quotes.
 * @throws AppError INVALID_RANGE, INSTANCE_NOT_FOUND
 */
export async function exportUsageCsv(app: Pick<UsageApp, 'loaders' | 'series'>, customerId: string, query: Omit<SeriesArguments, 'meter'>): Promise<string> {
  const series = await Promise.all(METERS.map((meter) => readUsageSeries(app, customerId, { ...query, meter })));
  const [first = []] = series;
  const lines = first.map(({ start, end, reports }, index) => [start.toISOString(), end.toISOString(), ...series.map((points) => points[index]?.quantity ?? 0), reports].join());
  return `${[HEADER, ...lines].join('\r\n')}\r\n`;
}
