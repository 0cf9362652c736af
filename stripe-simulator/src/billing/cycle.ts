import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { withBilled } from './billed.ts';
import { type InvoiceRecord, INVOICES, type MeteredSpan, type SubscriptionItem, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { endSubscription, UPCOMING } from './end-subscription.ts';
import { updateEntitlements } from './entitlements.ts';
import { isMetered, licensedLines } from './lines.ts';
import { composeInvoice, createInvoice, type InvoiceDraft } from './make-invoice.ts';
import { periodEnd } from './periods.ts';
import { periodEndOf, scheduleCycle } from './schedule-cycle.ts';
import { FINALIZE } from './settle-invoice.ts';

/** What a period's end bills: the next period in advance, unless it is the last, and the usage of this one, unless it was a trial. Items of a longer period go on. */
export function cycleDraft(simulation: Simulation, subscription: SubscriptionRecord, { isLast }: { isLast: boolean }): InvoiceDraft & { items: SubscriptionItem[] } {
  const at = periodEndOf(subscription);
  const isTrial = subscription.status === 'trialing';
  const ending = subscription.items.data.filter((item) => isLast || item.current_period_end <= at);
  const start = Math.min(...ending.map((item) => item.current_period_start));
  const renewed = withBilled(simulation, subscription, ending.map((item) => nextItem(subscription, item, at)), at);
  const items = subscription.items.data.map((item) => renewed.find(({ id }) => id === item.id) ?? item);
  const fixed = isLast ? [] : renewed.flatMap((item) => (isMetered(item) ? [] : licensedLines(simulation, subscription, item, { start: item.current_period_start, end: item.current_period_end })));
  const metered = isTrial ? [] : spansUntil(ending, at);
  return { customer: subscription.customer, subscription, reason: 'subscription_cycle', fixed, metered, discounts: subscription.discounts, period: { start, end: at }, at, items };
}

/** Usage of the current periods up to then. */
export function spansUntil(items: readonly SubscriptionItem[], at: Seconds): MeteredSpan[] {
  return items.filter(isMetered).map((item) => ({ item: item.id, price: item.price.id, start: item.current_period_start, end: at }));
}

function nextItem(subscription: SubscriptionRecord, item: SubscriptionItem, at: Seconds): SubscriptionItem {
  const recurring = item.price.recurring ?? { interval: 'month' as const, interval_count: 1 };
  return { ...item, current_period_start: at, current_period_end: periodEnd(subscription.billing_cycle_anchor, at, recurring) };
}

export function isEnding({ cancel_at: at, cancel_at_period_end: withPeriod }: SubscriptionRecord, end: Seconds): boolean {
  return withPeriod || (at !== null && at <= end);
}

/** A period has ended. */
export function cycle(simulation: Simulation, subscription: SubscriptionRecord): void {
  const end = periodEndOf(subscription);
  if (subscription.status === 'trialing' && !trialGoesOn(simulation, subscription)) return;
  const isLast = isEnding(subscription, end);
  const { items, ...draft } = cycleDraft(simulation, subscription, { isLast });
  if (isLast) {
    if (draft.metered.length > 0) billLater(simulation, draft);
    endSubscription(simulation, subscription, { reason: 'cancellation_requested' });
    return;
  }
  const invoice = createInvoice(simulation, draft);
  const changed = changeObject(simulation, SUBSCRIPTIONS, subscription, { items: { ...subscription.items, data: items }, latest_invoice: invoice.id, status: subscription.status === 'trialing' ? 'active' : subscription.status }, 'customer.subscription.updated');
  scheduleCycle(simulation, changed);
  updateEntitlements(simulation, changed.customer);
  scheduleFinalize(simulation, invoice);
}

function billLater(simulation: Simulation, draft: InvoiceDraft): void {
  const invoice = createInvoice(simulation, draft);
  const current = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, draft.subscription?.id);
  simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...current, latest_invoice: invoice.id });
  scheduleFinalize(simulation, invoice);
}

/** An hour, by default, in which late usage still counts. An unpaid subscription's invoices stay drafts. */
function scheduleFinalize(simulation: Simulation, invoice: InvoiceRecord): void {
  const subscription = simulation.store.get<SubscriptionRecord>(SUBSCRIPTIONS, invoice.internal.subscription ?? '');
  if (subscription?.status === 'unpaid') {
    simulation.store.put<InvoiceRecord>(INVOICES, { ...invoice, auto_advance: false });
    return;
  }
  simulation.schedule({ at: simulation.now(invoice.test_clock) + simulation.settings.draftSeconds, kind: FINALIZE, subject: invoice.id, clock: invoice.test_clock });
}

/** Whether a trial that is over becomes a paid period; without a card it does what it was set to do. */
function trialGoesOn(simulation: Simulation, subscription: SubscriptionRecord): boolean {
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, subscription.customer);
  const hasCard = (subscription.default_payment_method ?? customer.invoice_settings.default_payment_method) !== null;
  const { missing_payment_method: without } = subscription.trial_settings.end_behavior;
  if (hasCard || without === 'create_invoice' || isEnding(subscription, periodEndOf(subscription))) return true;
  if (without === 'cancel') {
    endSubscription(simulation, subscription, { reason: 'cancellation_requested' });
    return false;
  }
  const paused = changeObject(simulation, SUBSCRIPTIONS, subscription, { status: 'paused' }, null);
  scheduleCycle(simulation, paused);
  simulation.emit('customer.subscription.paused', paused);
  updateEntitlements(simulation, paused.customer);
  return false;
}

/** What a subscription will be charged at the end of its period: the same draft, not stored. */
export function upcomingInvoice(simulation: Simulation, subscription: SubscriptionRecord): InvoiceRecord {
  const { items: _items, ...draft } = cycleDraft(simulation, subscription, { isLast: isEnding(subscription, periodEndOf(subscription)) });
  return composeInvoice(simulation, draft, simulation.newId('upcoming_in'));
}

export function announceUpcoming(simulation: Simulation, subscription: SubscriptionRecord): void {
  simulation.unschedule(UPCOMING, subscription.id);
  if (isEnding(subscription, periodEndOf(subscription))) return;
  simulation.emit('invoice.upcoming', upcomingInvoice(simulation, subscription));
}
