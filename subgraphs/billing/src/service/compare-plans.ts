import type { BillingApp } from '../app.ts';
import { type PlanQuote, quotesFor } from '../domain/compare-plans.ts';
import { PRICE_BOOKS } from '../domain/price-book.ts';
import { listPeriodQuantities } from '../repository/metered-quantities.ts';
import { getSubscription } from './get-subscription.ts';

/** What the usage of the current period costs on each plan. */
export async function comparePlans(app: Pick<BillingApp, 'db' | 'clock' | 'loaders' | 'config'>, customer: Parameters<typeof getSubscription>[1]): Promise<PlanQuote[]> {
  const subscription = await getSubscription(app, customer);
  const rows = subscription.currentPeriodStart === null ? [] : await listPeriodQuantities(app.db, customer.id, subscription.currentPeriodStart);
  return quotesFor(PRICE_BOOKS, subscription, Object.fromEntries(rows.map(({ meter, quantity }) => [meter, quantity])), app.clock.now());
}
