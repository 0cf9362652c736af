import { changeObject } from '../change-object.ts';
import { getObject } from '../find-object.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { withBilled } from './billed.ts';
import { type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { updateEntitlements } from './entitlements.ts';
import { isMetered, licensedLines } from './lines.ts';
import { createInvoice } from './make-invoice.ts';
import { periodEnd } from './periods.ts';
import { scheduleCycle } from './schedule-cycle.ts';
import { finalizeInvoice } from './settle-invoice.ts';

/** One whose trial ended without a card begins to be paid for: a period from now on. */
export function resumePaused(simulation: Simulation, subscription: SubscriptionRecord): SubscriptionRecord {
  if (subscription.status !== 'paused') throw StripeError.invalid('Only subscriptions with status `paused` can be resumed.', { code: 'resource_invalid_state' });
  const now = simulation.now(subscription.test_clock);
  const items = withBilled(simulation, subscription, subscription.items.data.map((item) => ({ ...item, current_period_start: now, current_period_end: periodEnd(now, now, item.price.recurring ?? { interval: 'month', interval_count: 1 }) })), now);
  const fixed = items.flatMap((item) => (isMetered(item) ? [] : licensedLines(simulation, subscription, item, { start: item.current_period_start, end: item.current_period_end })));
  const draft = createInvoice(simulation, { customer: subscription.customer, subscription, reason: 'subscription_update', fixed, metered: [], discounts: subscription.discounts, period: { start: now, end: now }, at: now });
  const resumed = changeObject(simulation, SUBSCRIPTIONS, subscription, { billing_cycle_anchor: now, items: { ...subscription.items, data: items }, latest_invoice: draft.id, status: 'active' }, null);
  scheduleCycle(simulation, resumed);
  finalizeInvoice(simulation, draft.id, { collect: true });
  const current = getObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, resumed.id);
  simulation.emit('customer.subscription.resumed', current);
  updateEntitlements(simulation, current.customer);
  return current;
}
