import type { BillingApp } from '../app.ts';
import { type PlanQuote, quotesFor } from '../domain/compare-plans.ts';
import type { CountedResources } from '../domain/plan-fit.ts';
import { PRICE_BOOKS } from '../domain/price-book.ts';
import type { Subscription } from '../domain/subscription.ts';
import { type KnownUsage, type QuoteBasis, usageBy } from '../domain/usage-basis.ts';
import { usagePeriodOf } from '../domain/usage-period.ts';
import { listLastMeasured } from '../repository/measured-usage.ts';
import { getSubscription } from './get-subscription.ts';

type Comparing = Pick<BillingApp, 'db' | 'clock' | 'loaders' | 'config'>;

/** What a customer's usage, of the period that `basis` names, costs on each plan, and whether the plan fits. */
export async function comparePlans(
  app: Comparing,
  customer: Parameters<typeof getSubscription>[1],
  basis: QuoteBasis,
): Promise<PlanQuote[]> {
  const subscription = await getSubscription(app, customer);
  const { usage, counted } = await readUsage(app, subscription);
  const now = app.clock.now();
  return quotesFor(PRICE_BOOKS, subscription, { ...usageBy(basis, usage, now), counted }, now);
}

/** What was measured of a customer in the period that runs and the one before, and what the customer has now. */
export async function readUsage(
  app: Pick<BillingApp, 'db' | 'clock'>,
  subscription: Subscription,
): Promise<{ usage: KnownUsage; counted: CountedResources }> {
  const period = usagePeriodOf(subscription, app.clock.now());
  const measured = await listLastMeasured(app.db, subscription.customerId, period.start);
  const [newest] = measured;
  const isOfNow = newest !== undefined && wholeSeconds(newest.start) === wholeSeconds(period.start);
  const current = { ...period, quantities: isOfNow ? newest.quantities : {} };
  const before = (isOfNow ? measured[1] : newest) ?? null;
  // One that was cut short by a change of plan may not have been measured to its new end.
  const last = before === null ? null : { ...before, end: before.end < period.start ? before.end : period.start };
  return { usage: { current, last }, counted: { activeDevices: newest?.quantities.DEVICES ?? null } };
}

function wholeSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
