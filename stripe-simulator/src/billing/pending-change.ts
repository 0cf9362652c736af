import { changeObject } from '../change-object.ts';
import type { Simulation } from '../simulation.ts';
import { type SubscriptionItem, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { PENDING_EXPIRES } from './end-subscription.ts';
import { updateEntitlements } from './entitlements.ts';
import { periodEndOf, scheduleCycle } from './schedule-cycle.ts';

/** The items that a change leaves, and its anchor, take the place of those that were. */
export function applyItems(simulation: Simulation, subscription: SubscriptionRecord, change: { items: SubscriptionItem[]; anchor: number }, event: string | null): SubscriptionRecord {
  const items = { ...subscription.items, data: change.items, total_count: change.items.length };
  const end = subscription.cancel_at_period_end ? { cancel_at: periodEndOf({ ...subscription, items }) } : {};
  const changed = changeObject(simulation, SUBSCRIPTIONS, subscription, { items, billing_cycle_anchor: change.anchor, ...end }, event);
  scheduleCycle(simulation, changed);
  updateEntitlements(simulation, changed.customer);
  return changed;
}

/** A change that waited for its payment is made. */
export function applyPendingChange(simulation: Simulation, subscription: SubscriptionRecord): void {
  const { pending } = subscription.internal;
  if (pending === null) return;
  simulation.unschedule(PENDING_EXPIRES, subscription.id);
  const free = simulation.store.put<SubscriptionRecord>(SUBSCRIPTIONS, { ...subscription, pending_update: null, internal: { ...subscription.internal, pending: null } });
  const changed = applyItems(simulation, free, pending, 'customer.subscription.updated');
  simulation.emit('customer.subscription.pending_update_applied', changed);
}
