import { needSoldPrice } from '../catalogue/sold-price.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { withBilled } from './billed.ts';
import type { InvoiceLine, MeteredSpan, SubscriptionItem, SubscriptionRecord } from './billing-records.ts';
import { newItem, planOf } from './create-subscription.ts';
import { isMetered, licensedLines, remainingLine, unusedLine } from './lines.ts';
import { periodEnd, periodStart } from './periods.ts';

export interface ItemChange {
  id?: string | undefined;
  price?: string | undefined;
  quantity?: number | undefined;
  deleted?: boolean | undefined;
  metadata?: Record<string, string> | null | undefined;
}

export interface ChangeTerms {
  items: readonly ItemChange[];
  prorationBehavior: 'always_invoice' | 'create_prorations' | 'none';
  /** When the change counts from. */
  at: Seconds;
  /** The period begins anew then. */
  anchorNow: boolean;
}

/** What a change comes to: the items that it leaves, and what it bills. An update and its preview are made by this alone. */
export interface PlannedChange {
  items: SubscriptionItem[];
  anchor: Seconds;
  /** Credits and debits, in the order of an invoice. */
  prorations: InvoiceLine[];
  /** The new period, where it begins anew. */
  ahead: InvoiceLine[];
  metered: MeteredSpan[];
}

interface ItemPair {
  before: SubscriptionItem | null;
  after: SubscriptionItem | null;
}

/** @throws StripeError for items and prices that do not fit */
export function planChange(simulation: Simulation, subscription: SubscriptionRecord, terms: ChangeTerms): PlannedChange {
  const isTrial = subscription.status === 'trialing';
  const pairs = pairItems(simulation, subscription, terms);
  if (pairs.every(({ after }) => after === null)) throw StripeError.invalid('A subscription must have at least one active plan. In order to cancel a subscription please call `DELETE /v1/subscriptions/sub_...`', { param: 'items' });
  const changesInterval = pairs.some(({ before, after }) => before !== null && after !== null && before.price.recurring?.interval !== after.price.recurring?.interval);
  const anchorNow = (terms.anchorNow || changesInterval) && !isTrial;
  const anchor = anchorNow ? terms.at : subscription.billing_cycle_anchor;
  const moved = isTrial ? pairs : billedAnew(simulation, subscription, pairs, { anchor, anchorNow, at: terms.at });
  const items = moved.flatMap(({ after }) => (after === null ? [] : [after]));
  if (isTrial) return { items, anchor, prorations: [], ahead: [], metered: [] };
  const bills = terms.prorationBehavior !== 'none';
  return {
    items,
    anchor,
    prorations: bills ? moved.flatMap((pair) => prorationsOf(simulation, subscription, pair, terms.at, anchorNow)) : [],
    ahead: anchorNow ? items.flatMap((item) => (isMetered(item) ? [] : licensedLines(simulation, subscription, item, { start: item.current_period_start, end: item.current_period_end }))) : [],
    metered: bills ? moved.flatMap((pair) => spansOf(pair, terms.at, anchorNow)) : [],
  };
}

function pairItems(simulation: Simulation, subscription: SubscriptionRecord, { items, at }: ChangeTerms): ItemPair[] {
  const pairs: ItemPair[] = subscription.items.data.map((item) => ({ before: item, after: item }));
  items.forEach((change, index) => {
    const pair = change.id === undefined ? undefined : pairs.find(({ before }) => before?.id === change.id);
    if (change.id !== undefined && pair === undefined) throw StripeError.missing('subscription_item', change.id, `items[${index}][id]`);
    if (pair === undefined || pair.before === null) {
      if (change.price === undefined) throw StripeError.invalid(`Missing required param: items[${index}][price].`, { code: 'parameter_missing', param: `items[${index}][price]` });
      const period = { start: at, anchor: subscription.billing_cycle_anchor, ...(subscription.status === 'trialing' && subscription.trial_end !== null ? { end: subscription.trial_end } : {}) };
      pairs.push({ before: null, after: newItem(simulation, subscription.id, { price: change.price, quantity: change.quantity, metadata: change.metadata }, index, period) });
      return;
    }
    pair.after = change.deleted === true ? null : changedItem(simulation, pair.before, change, index);
  });
  return pairs;
}

function changedItem(simulation: Simulation, item: SubscriptionItem, change: ItemChange, index: number): SubscriptionItem {
  // One that it has stays, also when it is not sold any more.
  const price = change.price === undefined || change.price === item.price.id ? item.price : needSoldPrice(simulation, change.price, `items[${index}][price]`);
  const metered = price.recurring?.usage_type === 'metered';
  if (metered && change.quantity !== undefined) throw StripeError.invalid(`Quantity should not be specified where usage_type is \`metered\`. Remove quantity from \`items[${index}]\``, { param: `items[${index}][quantity]` });
  const { quantity: _quantity, ...rest } = item;
  const quantity = metered ? {} : { quantity: change.quantity ?? item.quantity ?? 1 };
  return { ...rest, price, plan: planOf(price), ...quantity, ...(change.metadata === undefined ? {} : { metadata: change.metadata ?? {} }) } as SubscriptionItem;
}

interface Placing {
  anchor: Seconds;
  anchorNow: boolean;
  at: Seconds;
}

/** All in their periods; what changes has its new price, net of the discounts that all share. */
function billedAnew(simulation: Simulation, subscription: SubscriptionRecord, pairs: readonly ItemPair[], placing: Placing): ItemPair[] {
  const moved = pairs.map((pair) => ({ ...pair, after: pair.after === null ? null : placed(pair.after, pair, placing) }));
  const billed = withBilled(simulation, subscription, moved.flatMap(({ after }) => (after === null ? [] : [after])), placing.at);
  return moved.map((pair) => (placing.anchorNow || isChanged(pair) ? { ...pair, after: billed.find(({ id }) => id === pair.after?.id) ?? null } : pair));
}

/** An item in its period: a new one where the period begins anew; a metered one that has another price counts from then on. */
function placed(item: SubscriptionItem, pair: ItemPair, { anchor, anchorNow, at }: Placing): SubscriptionItem {
  const recurring = item.price.recurring ?? { interval: 'month' as const, interval_count: 1 };
  if (anchorNow) return { ...item, current_period_start: at, current_period_end: periodEnd(anchor, at, recurring) };
  if (!isChanged(pair)) return item;
  if (isMetered(item)) return { ...item, current_period_start: at, current_period_end: periodEnd(anchor, at, recurring) };
  return pair.before === null ? { ...item, current_period_start: periodStart(anchor, at, recurring), current_period_end: periodEnd(anchor, at, recurring) } : item;
}

function isChanged({ before, after }: ItemPair): boolean {
  return before === null || after === null || before.price.id !== after.price.id || before.quantity !== after.quantity;
}

/** When a change counts from. @throws StripeError for a date outside the current period */
export function prorationAt(simulation: Simulation, { items, test_clock: clock }: SubscriptionRecord, date: Seconds | undefined, param: string): Seconds {
  if (date === undefined) return simulation.now(clock);
  const isWithin = items.data.every((item) => date >= item.current_period_start && date <= item.current_period_end);
  if (!isWithin) throw StripeError.invalid('Invalid proration date: it has to be within the current billing period.', { param });
  return date;
}

function prorationsOf(simulation: Simulation, subscription: SubscriptionRecord, pair: ItemPair, at: Seconds, anchorNow: boolean): InvoiceLine[] {
  const { before, after } = pair;
  const lines: InvoiceLine[] = [];
  if (before !== null && !isMetered(before) && (isChanged(pair) || anchorNow)) lines.push(unusedLine(simulation, subscription, before, at));
  if (after !== null && !isMetered(after) && isChanged(pair) && !anchorNow) lines.push(remainingLine(simulation, subscription, after, at, after.internal.billed));
  return lines.filter(({ amount }) => amount !== 0);
}

/** Usage so far, at the price that held until now. */
function spansOf({ before, after }: ItemPair, at: Seconds, anchorNow: boolean): MeteredSpan[] {
  if (before === null || !isMetered(before)) return [];
  return after === null || before.price.id !== after.price.id || anchorNow ? [{ item: before.id, price: before.price.id, start: before.current_period_start, end: at }] : [];
}
