import { changeObject } from '../change-object.ts';
import type { Simulation } from '../simulation.ts';
import { type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { applyPendingChange } from './pending-change.ts';
import { endSubscription } from './end-subscription.ts';
import { updateEntitlements } from './entitlements.ts';
import { scheduleCycle } from './schedule-cycle.ts';

/** What a payment does to the subscription: it is in order again once nothing of it is owed. */
export function invoicePaid(simulation: Simulation, invoice: InvoiceRecord): void {
  const subscription = subscriptionOf(simulation, invoice);
  if (subscription === undefined) return;
  if (subscription.internal.pending?.invoice === invoice.id) applyPendingChange(simulation, subscription);
  const current = subscriptionOf(simulation, invoice);
  if (current === undefined || !['incomplete', 'past_due', 'unpaid'].includes(current.status)) return;
  const owed = simulation.store.by<InvoiceRecord>(INVOICES, 'internal.subscription', current.id).some(({ id, status }) => status === 'open' && id !== current.internal.pending?.invoice);
  if (invoice.id !== current.latest_invoice && owed) return;
  scheduleCycle(simulation, changeObject(simulation, SUBSCRIPTIONS, current, { status: 'active' }, 'customer.subscription.updated'));
  updateEntitlements(simulation, current.customer);
}

/** What a failed payment does: past due, and after the last attempt what the account's settings say. */
export function invoiceUnpaid(simulation: Simulation, invoice: InvoiceRecord, { isLast }: { isLast: boolean }): void {
  const subscription = subscriptionOf(simulation, invoice);
  if (subscription === undefined || subscription.internal.pending?.invoice === invoice.id) return;
  const { afterRetries } = simulation.settings;
  if (invoice.billing_reason === 'subscription_create' && subscription.status !== 'past_due') return;
  if (subscription.status === 'active' || subscription.status === 'trialing') changeObject(simulation, SUBSCRIPTIONS, subscription, { status: 'past_due' }, 'customer.subscription.updated');
  const current = subscriptionOf(simulation, invoice);
  if (!isLast || current === undefined || current.status !== 'past_due') return;
  if (afterRetries === 'cancel') endSubscription(simulation, current, { reason: 'payment_failed' });
  if (afterRetries !== 'unpaid') return;
  changeObject(simulation, SUBSCRIPTIONS, current, { status: 'unpaid' }, 'customer.subscription.updated');
  updateEntitlements(simulation, current.customer);
}

/** What is given up, or declared void, is not owed: the status is that of the newest invoice which is neither. */
export function invoiceGivenUp(simulation: Simulation, invoice: InvoiceRecord): void {
  const subscription = subscriptionOf(simulation, invoice);
  if (subscription === undefined || !['past_due', 'unpaid'].includes(subscription.status)) return;
  const counting = simulation.store.by<InvoiceRecord>(INVOICES, 'internal.subscription', subscription.id).filter(({ id, status }) => status !== 'void' && status !== 'uncollectible' && status !== 'draft' && id !== subscription.internal.pending?.invoice);
  if (counting.at(-1)?.status === 'open') return;
  scheduleCycle(simulation, changeObject(simulation, SUBSCRIPTIONS, subscription, { status: 'active' }, 'customer.subscription.updated'));
  updateEntitlements(simulation, subscription.customer);
}

function subscriptionOf(simulation: Simulation, invoice: InvoiceRecord): SubscriptionRecord | undefined {
  const subscription = simulation.store.get<SubscriptionRecord>(SUBSCRIPTIONS, invoice.internal.subscription ?? '');
  return subscription === undefined || subscription.status === 'canceled' ? undefined : subscription;
}
