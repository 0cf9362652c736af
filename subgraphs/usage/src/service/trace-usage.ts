import type { Meter } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { measuredOf, withAdjustment } from '../domain/measurement.ts';
import { asBillingPeriod, type BillingPeriod, currentPeriod, type SubscriptionPeriod } from '../domain/period.ts';
import { HOUR_MS } from '../domain/quantities.ts';
import { countEvidence } from '../repository/digests.ts';
import { type HourOfMeter, listHours } from '../repository/hours.ts';
import { listUsageReports, type UsageReportPage } from './list-usage-reports.ts';
import type { UsagePoint } from './read-usage-series.ts';

/** What one meter came to in one period, and from when until when usage counts into it. */
export interface MeteredPeriod {
  customerId: string;
  meter: Meter;
  periodStart: Date;
  periodEnd: Date;
  countsFrom: Date;
  quantity: number;
  measured: number;
  adjusted: number;
}

type Tracing = Pick<UsageApp, 'db' | 'loaders' | 'clock'>;

/** The period of a customer that began then: one that billing named, or the present one; null where there is none. */
export async function findMeteredPeriod(app: Tracing, of: { customerId: string; meter: Meter; periodStart: Date }): Promise<MeteredPeriod | null> {
  const { customerId, meter, periodStart } = of;
  const period = await findPeriod(app, customerId, periodStart);
  if (period === null) return null;
  const [totals, adjustments] = await Promise.all([app.loaders.periodTotals.load({ customerId, ...period }), app.loaders.adjustmentSums.load({ customerId, startMs: period.startMs })]);
  const measured = measuredOf(meter, totals);
  const adjusted = adjustments[meter] ?? 0;
  return { customerId, meter, periodStart, periodEnd: new Date(period.endMs), countsFrom: new Date(period.countsFromMs), measured, adjusted, quantity: withAdjustment(measured, adjusted) };
}

export async function findPeriod(app: Tracing, customerId: string, periodStart: Date): Promise<BillingPeriod | null> {
  const [named, known] = await Promise.all([app.loaders.namedPeriods.load(customerId), app.loaders.subscriptionPeriod.load(customerId)]);
  const startMs = periodStart.getTime();
  const found = named.find((period) => period.startMs === startMs);
  if (found !== undefined) return asBillingPeriod(named, found);
  const current = currentPeriod(known, app.clock.now());
  if (current.startMs === startMs) return current;
  return startMs < current.startMs ? monthBefore(known, periodStart) : null;
}

/** A past month of a customer whose usage is counted by months: billing names no periods of it. */
function monthBefore(known: SubscriptionPeriod | null, periodStart: Date): BillingPeriod | null {
  if (known !== null && known.periodEnd !== null) return null;
  const month = currentPeriod(known, periodStart);
  const startedAt = known?.periodStart ?? null;
  return month.startMs === periodStart.getTime() && (startedAt === null || periodStart >= startedAt) ? month : null;
}

export type EvidenceState = 'REPORTS' | 'DIGESTS' | 'PARTLY_MISSING';

/** Of what the period's quantity can still be shown: all its reports, digests for some days of them, or not all of it. */
export async function readEvidenceState(app: Tracing, { customerId, countsFrom, periodEnd }: MeteredPeriod): Promise<EvidenceState> {
  const { counted, reports, digested } = await countEvidence(app.db, { customerId, after: countsFrom, through: periodEnd });
  if (reports + digested < counted) return 'PARTLY_MISSING';
  return digested > 0 ? 'DIGESTS' : 'REPORTS';
}

export function hoursOf(app: Tracing, { customerId, meter, countsFrom, periodEnd }: MeteredPeriod, instanceId: string | null = null): Promise<HourOfMeter[]> {
  return listHours(app.db, { customerId, meter, fromMs: countsFrom.getTime(), endMs: periodEnd.getTime(), instanceId });
}

/** The hours that the quantity is made of. One is shorter where a period begins or ends within it. */
export async function listPoints(app: Tracing, period: MeteredPeriod): Promise<UsagePoint[]> {
  return (await hoursOf(app, period)).map(({ hourMs, total, reports }) => ({ start: new Date(hourMs), end: endOfHour(hourMs, period), quantity: total, peak: total, reports }));
}

function endOfHour(hourMs: number, { periodEnd }: MeteredPeriod): Date {
  return new Date(Math.min((Math.floor(hourMs / HOUR_MS) + 1) * HOUR_MS, periodEnd.getTime()));
}

/** A report counts where its interval ends: behind the start, and up to the end. */
export function listReportsOfPeriod(app: Tracing, { customerId, countsFrom, periodEnd }: MeteredPeriod, page: { first?: number | null | undefined; after?: string | null | undefined; instance?: string | null | undefined }): Promise<UsageReportPage> {
  return listUsageReports(app, customerId, { ...page, from: new Date(countsFrom.getTime() + 1), to: new Date(periodEnd.getTime() + 1) });
}
