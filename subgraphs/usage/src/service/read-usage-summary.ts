import type { UsageApp } from '../app.ts';
import { currentPeriod } from '../domain/period.ts';
import { type MeterUsage, summarizeUsage } from '../domain/summary.ts';
import type { PeriodQuery } from '../repository/rollups.ts';

export interface UsageSummary {
  periodStart: Date;
  periodEnd: Date;
  meters: MeterUsage[];
}

/** The billing period that the present lies in, meter by meter, from rollups and from what billing said of the subscription. */
export async function readUsageSummary(app: Pick<UsageApp, 'loaders' | 'clock' | 'periods'>, customerId: string): Promise<UsageSummary> {
  const now = app.clock.now();
  const [known, { accepted, late }] = await Promise.all([app.loaders.subscriptionPeriod.load(customerId), app.loaders.intake.load(customerId)]);
  const period = currentPeriod(known, now);
  const query: PeriodQuery = { customerId, ...period };
  const adjusted = await app.loaders.adjustmentSums.load({ customerId, startMs: period.startMs });
  const totals = await app.periods.get(JSON.stringify(query), accepted + late, 1, () => app.loaders.periodTotals.load(query));
  return { periodStart: new Date(period.startMs), periodEnd: new Date(period.endMs), meters: summarizeUsage(period, known?.included ?? {}, totals, now, adjusted) };
}
