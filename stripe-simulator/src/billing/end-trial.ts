import { changeObject } from '../change-object.ts';
import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { cycle } from './cycle.ts';
import { scheduleCycle } from './schedule-cycle.ts';
import { finalizeInvoice } from './settle-invoice.ts';

/** The subscription as it is when its trial ends then. */
export function withTrialEnd(subscription: SubscriptionRecord, at: Seconds): SubscriptionRecord {
  const data = subscription.items.data.map((item) => ({ ...item, current_period_end: at }));
  return { ...subscription, billing_cycle_anchor: at, items: { ...subscription.items, data }, trial_end: at };
}

/** Moves the end of a trial. One that ends now is charged at once, without the hour that a period's end leaves for usage. @throws StripeError */
export function setTrialEnd(simulation: Simulation, subscription: SubscriptionRecord, end: Seconds | 'now'): SubscriptionRecord {
  if (subscription.status !== 'trialing') throw StripeError.invalid('Only the trial of a subscription that is trialing can be changed here.', { param: 'trial_end' });
  const now = simulation.now(subscription.test_clock);
  if (end !== 'now' && end <= now) throw StripeError.invalid('The `trial_end` has to be in the future; pass `now` to end the trial at once.', { param: 'trial_end' });
  const changed = changeObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, subscription, withTrialEnd(subscription, end === 'now' ? now : end), 'customer.subscription.updated');
  if (end !== 'now') {
    scheduleCycle(simulation, changed);
    return changed;
  }
  cycle(simulation, changed);
  const { latest_invoice: latest } = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, subscription.id);
  const invoice = simulation.store.get<InvoiceRecord>(INVOICES, latest ?? '');
  if (invoice?.status === 'draft') finalizeInvoice(simulation, invoice.id, { collect: true });
  return getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, subscription.id);
}
