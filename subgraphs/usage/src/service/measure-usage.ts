import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import { METERS, type Meter } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { type BillingPeriod, openPeriods } from '../domain/period.ts';
import { NO_TOTALS, quantityOf } from '../domain/quantities.ts';
import type { PeriodTotals } from '../domain/summary.ts';
import { listMeasuredPeriods, type MeasuredPeriod, sameQuantities, saveMeasuredPeriods, takeChangedCustomers } from '../repository/measured-periods.ts';
import { listPeriodTotals } from '../repository/rollups.ts';
import { findSubscriptionPeriods } from '../repository/subscription-periods.ts';
import type { UsageTables } from '../repository/tables.ts';
import { raiseAlerts } from './raise-alerts.ts';

const MAX_TAKEN = 500;

type Period = BillingPeriod & { customerId: string };

/**
 * Tells billing what the periods of changed customers stand at: a handful of statements for however many there are. A
 * period that stands where it stood is not told of. All in one transaction: who dies here has measured nothing.
 * @returns how many customers were measured.
 */
export async function measureUsage(app: Pick<UsageApp, 'db' | 'clock'>): Promise<number> {
  return app.db.transaction().execute(async (tx) => {
    const customerIds = await takeChangedCustomers(tx, MAX_TAKEN);
    if (customerIds.length === 0) return 0;
    const now = app.clock.now();
    const known = new Map((await findSubscriptionPeriods(tx, customerIds)).map((period) => [period.customerId, period]));
    const periods = customerIds.flatMap((customerId): Period[] => openPeriods(known.get(customerId) ?? null, now).map((period) => ({ customerId, ...period })));
    const totals = await listPeriodTotals(tx, periods);
    const stored = await listMeasuredPeriods(tx, customerIds);
    const changed = changes(periods, totals, stored);
    await saveMeasuredPeriods(tx, changed, now);
    await raiseAlerts(tx, periods.map(({ customerId, startMs }, index) => ({ customerId, startMs, quantities: quantitiesOf(totals[index] ?? { before: {}, inside: {} }), known: known.get(customerId) ?? null })), now);
    await tellBilling(tx, changed, now);
    return customerIds.length;
  });
}

/** What billing does not know yet; what a period starts from, nothing, is told only where something was told before. */
function changes(periods: readonly Period[], totals: readonly PeriodTotals[], stored: readonly MeasuredPeriod[]): MeasuredPeriod[] {
  const revisions = new Map<string, number>();
  const last = new Map<string, MeasuredPeriod>();
  for (const period of stored) {
    revisions.set(period.customerId, Math.max(revisions.get(period.customerId) ?? 0, period.revision));
    last.set(`${period.customerId} ${period.periodStart.getTime()}`, period);
  }
  return periods.flatMap(({ customerId, startMs, endMs }, index): MeasuredPeriod[] => {
    const quantities = quantitiesOf(totals[index] ?? { before: {}, inside: {} });
    const before = last.get(`${customerId} ${startMs}`);
    const revision = revisions.get(customerId) ?? 0;
    const isNothingNew = before === undefined ? revision === 0 && METERS.every((meter) => quantities[meter] === 0) : sameQuantities(before.quantities, quantities) && before.periodEnd.getTime() === endMs;
    if (isNothingNew) return [];
    revisions.set(customerId, revision + 1);
    return [{ customerId, periodStart: new Date(startMs), periodEnd: new Date(endMs), revision: revision + 1, quantities }];
  });
}

function quantitiesOf({ before, inside }: PeriodTotals): Record<Meter, number> {
  return Object.fromEntries(METERS.map((meter) => [meter, quantityOf(meter, [before[meter] ?? NO_TOTALS, inside[meter] ?? NO_TOTALS]).quantity])) as Record<Meter, number>;
}

async function tellBilling(tx: Tx<UsageTables>, changed: readonly MeasuredPeriod[], now: Date): Promise<void> {
  for (const { customerId, periodStart, periodEnd, quantities, revision } of changed) {
    await publish(tx, 'usage', 'usage.recorded', { customerId, periodStart: periodStart.toISOString(), periodEnd: periodEnd.toISOString(), quantities, revision, at: now.toISOString() }, now);
  }
}
