import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { type InvoiceLine, type InvoiceRecord, type SubscriptionItem, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { discountLines, takenOff } from './discounting.ts';
import { isMetered, itemOf, isProration, licensedLines } from './lines.ts';
import { ratePrice } from './rating.ts';

export function netOf(lines: readonly InvoiceLine[]): number {
  return lines.reduce((sum, line) => sum + line.amount - takenOff(line), 0);
}

/** The items with what their periods cost, net of discounts that all of them share: what a credit for the rest of a period is a part of. */
export function withBilled(simulation: Simulation, subscription: SubscriptionRecord, items: readonly SubscriptionItem[], at: Seconds): SubscriptionItem[] {
  const whole = items.flatMap((item) => (isMetered(item) ? [] : licensedLines(simulation, subscription, item, { start: item.current_period_start, end: item.current_period_end })));
  const lines = discountLines(simulation, whole, subscription.discounts, at);
  return items.map((item) => ({ ...item, internal: { billed: netOf(lines.filter((line) => itemOf(line) === item.id)) } }));
}

/** Once an invoice is final it is known what each item's period was really billed: usage takes its share of a discount too. */
export function recordBilled(simulation: Simulation, invoice: InvoiceRecord): void {
  if (invoice.internal.subscription === null) return;
  const subscription = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, invoice.internal.subscription);
  const data = subscription.items.data.map((item) => {
    const lines = invoice.lines.data.filter((line) => isPeriodOf(item, line));
    return lines.length > 0 && grossOf(lines) === priceOf(item) ? { ...item, internal: { billed: netOf(lines) } } : item;
  });
  simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, items: { ...subscription.items, data } });
}

function isPeriodOf(item: SubscriptionItem, line: InvoiceLine): boolean {
  const { start, end } = line.period;
  return itemOf(line) === item.id && !isMetered(item) && !isProration(line) && line.pricing?.price_details.price === item.price.id && start === item.current_period_start && end === item.current_period_end;
}

function grossOf(lines: readonly InvoiceLine[]): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0);
}

/** What the item costs now: another quantity than was billed has been prorated on its own. */
function priceOf(item: SubscriptionItem): number {
  return ratePrice(item.price, String(item.quantity ?? 1)).reduce((sum, { amount }) => sum + amount, 0);
}
