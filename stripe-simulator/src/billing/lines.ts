import { type PriceRecord, PRICES } from '../catalogue/catalogue-records.ts';
import { productName } from '../catalogue/sold-price.ts';
import { meterQuantity } from '../meters/aggregate.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import type { InvoiceLine, MeteredSpan, SubscriptionItem, SubscriptionRecord } from './billing-records.ts';
import { portion } from './decimal.ts';
import { moneyText } from './money-text.ts';
import { ratePrice } from './rating.ts';

export function isMetered({ price }: Pick<SubscriptionItem, 'price'>): boolean {
  return price.recurring?.usage_type === 'metered';
}

interface LineFacts {
  amount: number;
  description: string;
  period: { start: Seconds; end: Seconds };
  price: PriceRecord | null;
  unitAmountDecimal: string | null;
  quantity: string | null;
  item: string | null;
  subscription: string | null;
  proration: boolean;
  currency: string;
  /** What a credit takes back: the line that billed it. */
  credited?: { invoice: string; invoice_line_items: string[] } | null;
}

export function makeLine(simulation: Simulation, facts: LineFacts): InvoiceLine {
  const { quantity, price, item, subscription } = facts;
  const isWhole = quantity !== null && /^\d{1,15}$/.test(quantity);
  const details = { invoice_item: null, proration: facts.proration, proration_details: facts.proration ? { credited_items: facts.credited ?? null } : null, subscription };
  return {
    id: simulation.newId('il'),
    object: 'line_item',
    amount: facts.amount,
    currency: facts.currency,
    description: facts.description,
    discount_amounts: [],
    discountable: !facts.proration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: { type: 'subscription_item_details', invoice_item_details: null, subscription_item_details: { ...details, subscription_item: item } },
    period: facts.period,
    pretax_credit_amounts: [],
    pricing: price === null ? null : { type: 'price_details', price_details: { price: price.id, product: price.product }, unit_amount_decimal: facts.unitAmountDecimal },
    quantity: isWhole ? Number(quantity) : null,
    quantity_decimal: quantity,
    subtotal: facts.amount,
    taxes: [],
  };
}

/** The subscription's item that a line is of. */
export function itemOf(line: InvoiceLine): string | null {
  return detailsOf(line)?.subscription_item ?? null;
}

export function isProration(line: InvoiceLine): boolean {
  return detailsOf(line)?.proration ?? false;
}

function detailsOf(line: InvoiceLine): { proration: boolean; subscription_item: string | null } | null {
  return (line['parent'] as { subscription_item_details: { proration: boolean; subscription_item: string | null } | null } | null)?.subscription_item_details ?? null;
}

/** The price of a whole period, in advance. */
export function licensedLines(simulation: Simulation, subscription: Pick<SubscriptionRecord, 'id' | 'currency'>, item: SubscriptionItem, period: { start: Seconds; end: Seconds }): InvoiceLine[] {
  const quantity = String(item.quantity ?? 1);
  return ratePrice(item.price, quantity).map((part) =>
    makeLine(simulation, { amount: part.amount, description: `${part.quantity} × ${productName(simulation, item.price)} (at ${moneyText(part.unitAmountDecimal ?? part.amount, subscription.currency)} / ${item.price.recurring?.interval ?? 'month'})`, period, price: item.price, unitAmountDecimal: part.unitAmountDecimal, quantity: part.quantity, item: item.id, subscription: subscription.id, proration: false, currency: subscription.currency }),
  );
}

/** What was used within a span, a line for each tier that it reached. */
export function meteredLines(simulation: Simulation, subscription: Pick<SubscriptionRecord, 'id' | 'currency' | 'customer'>, span: MeteredSpan): InvoiceLine[] {
  const price = simulation.store.get<PriceRecord>(PRICES, span.price);
  const meter = price?.recurring?.meter ?? null;
  if (price === undefined || meter === null) return [];
  const quantity = meterQuantity(simulation, { meter, customer: subscription.customer, start: span.start, end: span.end });
  return ratePrice(price, quantity).map((part) =>
    makeLine(simulation, {
      amount: part.amount,
      description: `${part.quantity} × ${productName(simulation, price)}${part.tier === '' ? '' : ` (${part.tier})`} (at ${moneyText(part.unitAmountDecimal ?? part.amount, subscription.currency)})`,
      period: { start: span.start, end: span.end },
      price,
      unitAmountDecimal: part.unitAmountDecimal,
      quantity: part.quantity,
      item: span.item,
      subscription: subscription.id,
      proration: false,
      currency: subscription.currency,
    }),
  );
}

/** What was billed ahead for the rest of a period, back: a part of what was really billed, by the second. */
export function unusedLine(simulation: Simulation, subscription: Pick<SubscriptionRecord, 'id' | 'currency'>, item: SubscriptionItem, at: Seconds): InvoiceLine {
  const { current_period_start: start, current_period_end: end } = item;
  const amount = -portion(item.internal.billed, Math.max(0, end - at), end - start);
  return makeLine(simulation, { amount, description: `Unused time on ${productName(simulation, item.price)} after ${dayText(at)}`, period: { start: at, end }, price: item.price, unitAmountDecimal: null, quantity: String(item.quantity ?? 1), item: item.id, subscription: subscription.id, proration: true, currency: subscription.currency });
}

/** The rest of a period at a price that holds from now on. @param discountShare what discounts leave of it */
export function remainingLine(simulation: Simulation, subscription: Pick<SubscriptionRecord, 'id' | 'currency'>, item: SubscriptionItem, at: Seconds, whole: number): InvoiceLine {
  const { current_period_start: start, current_period_end: end } = item;
  const amount = portion(whole, Math.max(0, end - at), end - start);
  return makeLine(simulation, { amount, description: `Remaining time on ${productName(simulation, item.price)} after ${dayText(at)}`, period: { start: at, end }, price: item.price, unitAmountDecimal: null, quantity: String(item.quantity ?? 1), item: item.id, subscription: subscription.id, proration: true, currency: subscription.currency });
}

function dayText(at: Seconds): string {
  return new Intl.DateTimeFormat('en-GB', { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(at * 1000));
}
