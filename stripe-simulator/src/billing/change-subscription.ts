import { changeObject } from '../change-object.ts';
import { getObject } from '../find-object.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { INVOICE_ITEMS, type InvoiceItemRecord, type InvoiceLine, type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { endSubscription, PENDING_EXPIRES } from './end-subscription.ts';
import { isMetered, meteredLines, unusedLine } from './lines.ts';
import { createInvoice, type InvoiceDraft, pendingItems } from './make-invoice.ts';
import { applyItems } from './pending-change.ts';
import { type ChangeTerms, type PlannedChange, planChange } from './plan-change.ts';
import { spansUntil } from './cycle.ts';
import { chargeError, finalizeInvoice, paymentMethodOf, voidInvoice } from './settle-invoice.ts';

const PENDING_SECONDS = 23 * 3_600;

export type PaymentBehavior = 'allow_incomplete' | 'default_incomplete' | 'error_if_incomplete' | 'pending_if_incomplete';

/** What an immediate change bills. */
export function changeDraft(subscription: SubscriptionRecord, planned: PlannedChange, at: number): InvoiceDraft {
  return { customer: subscription.customer, subscription, reason: 'subscription_update', fixed: [...planned.prorations, ...planned.ahead], metered: planned.metered, discounts: subscription.discounts, period: { start: at, end: at }, at };
}

/** Puts other items, quantities or prices on a subscription, with all that it bills. @throws StripeError; the caller's transaction then stores nothing */
export function changeItems(simulation: Simulation, subscription: SubscriptionRecord, terms: ChangeTerms, behavior: PaymentBehavior): SubscriptionRecord {
  if (subscription.status === 'canceled' || subscription.status === 'incomplete_expired') throw StripeError.invalid('A canceled subscription can only update its cancellation_details and metadata.', { param: 'items' });
  const superseded = withoutPending(simulation, subscription);
  const planned = planChange(simulation, superseded, terms);
  const billsNow = superseded.status !== 'trialing' && (planned.ahead.length > 0 || (terms.prorationBehavior === 'always_invoice' && planned.prorations.length + planned.metered.length > 0));
  if (!billsNow) {
    billWithNext(simulation, superseded, planned);
    return applyItems(simulation, superseded, planned, 'customer.subscription.updated');
  }
  return behavior === 'pending_if_incomplete' ? changeOncePaid(simulation, superseded, planned) : changeAtOnce(simulation, superseded, planned, behavior);
}

/** Usage so far and prorations wait for the next invoice. */
function billWithNext(simulation: Simulation, subscription: SubscriptionRecord, planned: PlannedChange): void {
  const usage = planned.metered.flatMap((span) => meteredLines(simulation, subscription, span)).filter(({ amount }) => amount !== 0);
  for (const line of [...planned.prorations, ...usage]) createInvoiceItem(simulation, subscription.customer, line, subscription.id);
}

export function createInvoiceItem(simulation: Simulation, customer: string, line: InvoiceLine, subscription: string | null): InvoiceItemRecord {
  const id = simulation.newId('ii');
  const item = simulation.store.put<InvoiceItemRecord>(INVOICE_ITEMS, { id, object: 'invoiceitem', amount: line.amount, currency: line.currency, customer, date: line.period.start, description: line.description, discountable: line.discountable, discounts: [], invoice: null, livemode: false, metadata: line['metadata'] ?? {}, parent: subscription === null ? null : { type: 'subscription_details', subscription_details: { subscription, subscription_item: null } }, period: line.period, pricing: line.pricing, proration: !line.discountable, quantity: line.quantity ?? 1, quantity_decimal: line.quantity_decimal ?? '1', tax_rates: [], test_clock: null, internal: { line, subscription } });
  simulation.emit('invoiceitem.created', item);
  return item;
}

function changeAtOnce(simulation: Simulation, subscription: SubscriptionRecord, planned: PlannedChange, behavior: PaymentBehavior): SubscriptionRecord {
  const at = simulation.now(subscription.test_clock);
  const draft = createInvoice(simulation, changeDraft(subscription, planned, at));
  const changed = applyItems(simulation, { ...subscription, latest_invoice: draft.id }, planned, 'customer.subscription.updated');
  const invoice = finalizeInvoice(simulation, draft.id, { collect: behavior !== 'default_incomplete' });
  if (invoice.status !== 'paid' && behavior === 'error_if_incomplete') throw chargeError(paymentMethodOf(simulation, invoice));
  return getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, changed.id);
}

/** The change is made when its invoice is paid, and given up when that takes too long. */
function changeOncePaid(simulation: Simulation, subscription: SubscriptionRecord, planned: PlannedChange): SubscriptionRecord {
  const at = simulation.now(subscription.test_clock);
  const draft = createInvoice(simulation, changeDraft(subscription, planned, at));
  const { items, anchor } = planned;
  const expires = at + PENDING_SECONDS;
  const waiting = simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, latest_invoice: draft.id, pending_update: { expires_at: expires, subscription_items: items, billing_cycle_anchor: anchor === subscription.billing_cycle_anchor ? null : anchor, trial_end: null, trial_from_plan: null, discounts: null }, internal: { ...subscription.internal, pending: { items, anchor, invoice: draft.id } } });
  const invoice = finalizeInvoice(simulation, draft.id, { collect: true });
  const after = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, waiting.id);
  if (invoice.status === 'paid') return after;
  simulation.schedule({ at: expires, kind: PENDING_EXPIRES, subject: after.id, clock: after.test_clock });
  simulation.emit('customer.subscription.updated', after, { pending_update: null });
  return after;
}

/** One that waits is given up: by another change, or by time. */
function withoutPending(simulation: Simulation, subscription: SubscriptionRecord): SubscriptionRecord {
  const { pending } = subscription.internal;
  if (pending === null) return subscription;
  simulation.unschedule(PENDING_EXPIRES, subscription.id);
  const invoice = simulation.store.get<InvoiceRecord>(INVOICES, pending.invoice);
  if (invoice?.status === 'open') voidInvoice(simulation, invoice);
  return simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, pending_update: null, internal: { ...subscription.internal, pending: null } });
}

export function expirePending(simulation: Simulation, subscription: SubscriptionRecord): void {
  if (subscription.internal.pending === null) return;
  simulation.emit('customer.subscription.pending_update_expired', withoutPending(simulation, subscription));
}

/** What a cancellation at once bills, where it bills: usage so far, and what is credited of the rest. */
export function cancelDraft(simulation: Simulation, subscription: SubscriptionRecord, { prorate, at }: { prorate: boolean; at: number }): InvoiceDraft {
  const credits = prorate && subscription.status !== 'trialing' ? subscription.items.data.filter((item) => !isMetered(item)).map((item) => unusedLine(simulation, subscription, item, at)).filter(({ amount }) => amount !== 0) : [];
  return { customer: subscription.customer, subscription, reason: 'manual', fixed: credits, metered: subscription.status === 'trialing' ? [] : spansUntil(subscription.items.data, at), discounts: subscription.discounts, period: { start: at, end: at }, at };
}

/** Ends a subscription now. Usage is billed only where `invoiceNow` says so. */
export function cancelNow(simulation: Simulation, subscription: SubscriptionRecord, { invoiceNow, prorate, comment }: { invoiceNow: boolean; prorate: boolean; comment?: string | null }): SubscriptionRecord {
  const at = simulation.now(subscription.test_clock);
  const draft = cancelDraft(simulation, subscription, { prorate, at });
  const ended = endSubscription(simulation, withoutPending(simulation, subscription), { reason: 'cancellation_requested', ...(comment === undefined ? {} : { comment }) });
  if (!invoiceNow) {
    for (const line of draft.fixed) createInvoiceItem(simulation, subscription.customer, line, null);
    return ended;
  }
  if (draft.fixed.length + draft.metered.length + pendingItems(simulation, subscription.customer, subscription.id).length === 0) return ended;
  const invoice = createInvoice(simulation, draft);
  const linked = changeObject(simulation, SUBSCRIPTIONS, ended, { latest_invoice: invoice.id }, null);
  finalizeInvoice(simulation, invoice.id, { collect: true });
  return linked;
}
