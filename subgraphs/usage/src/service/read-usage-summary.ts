import type { UsageApp } from '../app.ts';
import { currentPeriod } from '../domain/period.ts';
import { type MeterUsage, summarizeUsage } from '../domain/summary.ts';

export interface UsageSummary {
  periodStart: Date;
  periodEnd: Date;
  meters: MeterUsage[];
}

/** The billing period that the present lies in, meter by meter, from rollups and from what billing said of the subscription. */
export async function readUsageSummary(app: Pick<UsageApp, 'loaders' | 'clock'>, customerId: string): Promise<UsageSummary> {
  const now = app.clock.now();
  const known = await app.loaders.subscriptionPeriod.load(customerId);
  const period = currentPeriod(known, now);
  const hours = await app.loaders.hours.load({ customerId, instanceId: null, fromMs: period.countsFromMs, toMs: period.endMs });
  return { periodStart: new Date(period.startMs), periodEnd: new Date(period.endMs), meters: summarizeUsage(period, known?.included ?? {}, hours, now) };
}
