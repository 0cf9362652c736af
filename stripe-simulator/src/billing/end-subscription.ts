import type { Simulation } from '../simulation.ts';
import { type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { updateEntitlements } from './entitlements.ts';

/** The due moments of a subscription. */
export const CYCLE = 'subscription.cycle';
export const CANCEL = 'subscription.cancel';
export const TRIAL_WILL_END = 'subscription.trial_will_end';
export const INCOMPLETE_EXPIRES = 'subscription.incomplete_expires';
export const PENDING_EXPIRES = 'subscription.pending_expires';
export const UPCOMING = 'subscription.upcoming';
const ALL = [CYCLE, CANCEL, TRIAL_WILL_END, INCOMPLETE_EXPIRES, PENDING_EXPIRES, UPCOMING];
const RETRY = 'invoice.retry';

/** Ends it, for good: nothing of it falls due any more, and what it owes is no longer collected. */
export function endSubscription(simulation: Simulation, subscription: SubscriptionRecord, { reason, comment }: { reason: 'cancellation_requested' | 'payment_failed'; comment?: string | null }): SubscriptionRecord {
  const now = simulation.now(subscription.test_clock);
  for (const kind of ALL) simulation.unschedule(kind, subscription.id);
  for (const invoice of simulation.store.by<InvoiceRecord>(INVOICES, 'internal.subscription', subscription.id)) {
    if (invoice.status !== 'open') continue;
    simulation.unschedule(RETRY, invoice.id);
    simulation.store.put<InvoiceRecord>(INVOICES, { ...invoice, auto_advance: false, next_payment_attempt: null });
  }
  const details = subscription['cancellation_details'] as object;
  const ended = simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, canceled_at: subscription.canceled_at ?? now, ended_at: now, pending_update: null, status: 'canceled', cancellation_details: { ...details, ...(comment === undefined ? {} : { comment }), reason }, internal: { ...subscription.internal, pending: null } });
  simulation.emit('customer.subscription.deleted', ended);
  updateEntitlements(simulation, ended.customer);
  return ended;
}
