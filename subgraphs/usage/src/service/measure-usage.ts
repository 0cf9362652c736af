import type { Tx } from '@iotistic/chassis/database';
import { publishAll } from '@iotistic/chassis/outbox';
import { floorAfter } from '@iotistic/chassis/restores';
import { currentTraceparent, inSpan } from '@iotistic/chassis/tracing';
import { METERS, type Meter } from '@iotistic/contracts/events';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { UsageApp } from '../app.ts';
import { quantitiesOf } from '../domain/measurement.ts';
import { type BillingPeriod, currentPeriod, type NamedPeriod, type SubscriptionPeriod, touchedPeriods } from '../domain/period.ts';
import { listAdjustmentSums } from '../repository/adjustments.ts';
import { listNamedPeriods } from '../repository/billing-periods.ts';
import { type ChangedCustomer, listMeasuredPeriods, type MeasuredPeriod, putBackFirstChanged, sameQuantities, saveMeasuredPeriods, takeChangedCustomers } from '../repository/measured-periods.ts';
import { listPeriodTotals } from '../repository/rollups.ts';
import { findSubscriptionPeriods } from '../repository/subscription-periods.ts';
import type { UsageTables } from '../repository/tables.ts';
import { raiseAlerts } from './raise-alerts.ts';

/** Of what reports left behind; a customer may have many. */
export const MAX_TAKEN = 1_000;
/** PostgreSQL takes 65,535 parameters a statement. */
const MAX_EVENTS_PER_STATEMENT = 1_000;

/** A customer's period, and what billing said of its subscription. */
type Period = BillingPeriod & { customerId: string; known: SubscriptionPeriod | null };

/**
 * Tells billing what the periods of changed customers stand at: a handful of statements for however many there are. A
 * period that stands where it stood is not told of; one that is long over is, where reports came late. All in one
 * transaction: who dies here has measured nothing.
 * @param causes by customer the trace of a report that changed its usage; those of whoever was measured are taken out.
 * @param limit of what reports left behind.
 * @returns how many customers were measured, and whether others may wait.
 */
export async function measureUsage(app: Pick<UsageApp, 'db' | 'clock' | 'restores'>, causes: Map<string, string> = new Map(), limit = MAX_TAKEN): Promise<{ customers: number; hasMore: boolean }> {
  const measured = await app.db.transaction().execute(async (tx) => {
    const { customers: changed, hasMore } = await takeChangedCustomers(tx, limit);
    if (changed.length === 0) return { customers: 0, hasMore: false };
    const now = app.clock.now();
    const periods = await listTouchedPeriods(tx, changed, now);
    const [totals, adjusted] = [await listPeriodTotals(tx, periods), await listAdjustmentSums(tx, periods)];
    const quantities = periods.map((_period, index) => quantitiesOf(totals[index] ?? { before: {}, inside: {} }, adjusted[index] ?? {}));
    const news = changes(periods, quantities, await listMeasuredPeriods(tx, changed.map(({ customerId }) => customerId)), floorAfter(app.restores));
    await saveMeasuredPeriods(tx, news, now);
    await raiseAlerts(tx, periods.map(({ customerId, startMs, known }, index) => ({ customerId, startMs, known, quantities: quantities[index] as Record<Meter, number> })), now);
    await tellBilling(tx, news, now, causes);
    for (const { customerId } of changed) causes.delete(customerId);
    await failpoint('usage.measuring');
    return { customers: changed.length, hasMore };
  });
  if (measured.customers > 0) await failpoint('usage.measured');
  return measured;
}

/** Whose usage cannot be measured waits behind all others. @returns who that is. */
export function putBackUnmeasurable(app: Pick<UsageApp, 'db'>): Promise<string | null> {
  return app.db.transaction().execute((tx) => putBackFirstChanged(tx));
}

async function listTouchedPeriods(tx: Tx<UsageTables>, changed: readonly ChangedCustomer[], now: Date): Promise<Period[]> {
  const customerIds = changed.map(({ customerId }) => customerId);
  const known = new Map((await findSubscriptionPeriods(tx, customerIds)).map((period) => [period.customerId, period]));
  const named = new Map<string, NamedPeriod[]>();
  for (const period of await listNamedPeriods(tx, customerIds)) named.set(period.customerId, [...(named.get(period.customerId) ?? []), period]);
  return changed.flatMap(({ customerId, sinceMs }): Period[] => {
    const terms = known.get(customerId) ?? null;
    return touchedPeriods(named.get(customerId) ?? [], currentPeriod(terms, now), sinceMs).map((period) => ({ customerId, known: terms, ...period }));
  });
}

/** What billing does not know yet; what a period starts from, nothing, is told only where something was told before. */
function changes(periods: readonly Period[], quantities: readonly Record<Meter, number>[], stored: readonly MeasuredPeriod[], floor: number): MeasuredPeriod[] {
  const revisions = new Map<string, number>();
  const last = new Map<string, MeasuredPeriod>();
  for (const period of stored) {
    revisions.set(period.customerId, Math.max(revisions.get(period.customerId) ?? 0, period.revision));
    last.set(`${period.customerId} ${period.periodStart.getTime()}`, period);
  }
  return periods.flatMap(({ customerId, startMs, endMs }, index): MeasuredPeriod[] => {
    const measured = quantities[index] as Record<Meter, number>;
    const before = last.get(`${customerId} ${startMs}`);
    const revision = revisions.get(customerId) ?? floor;
    const isNothingNew = before === undefined ? !revisions.has(customerId) && METERS.every((meter) => measured[meter] === 0) : sameQuantities(before.quantities, measured) && before.periodEnd.getTime() === endMs;
    if (isNothingNew) return [];
    revisions.set(customerId, revision + 1);
    return [{ customerId, periodStart: new Date(startMs), periodEnd: new Date(endMs), revision: revision + 1, quantities: measured }];
  });
}

async function tellBilling(tx: Tx<UsageTables>, changed: readonly MeasuredPeriod[], now: Date, causes: ReadonlyMap<string, string>): Promise<void> {
  const payloads = changed.map(({ customerId, periodStart, periodEnd, quantities, revision }) => ({ customerId, periodStart: periodStart.toISOString(), periodEnd: periodEnd.toISOString(), quantities, revision, at: now.toISOString() }));
  const traceparents = causes.size === 0 ? [] : await Promise.all(changed.map(({ customerId }) => measuredWithin(causes.get(customerId) ?? null)));
  for (let first = 0; first < payloads.length; first += MAX_EVENTS_PER_STATEMENT) {
    const end = first + MAX_EVENTS_PER_STATEMENT;
    await publishAll(tx, 'usage', 'usage.recorded', payloads.slice(first, end), now, traceparents.slice(first, end));
  }
}

/** Notes in the trace of a report that it was measured. @returns where that trace goes on. */
function measuredWithin(parent: string | null): Promise<string | null> {
  return parent === null ? Promise.resolve(null) : inSpan('usage', 'measure usage', () => Promise.resolve(currentTraceparent()), { parent });
}
