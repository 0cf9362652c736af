import type { Simulation } from '../simulation.ts';
import { type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { endSubscription } from './end-subscription.ts';

/** What the deletion of a customer does to what it has; called before the customer is gone. */
export function customerDeleted(simulation: Simulation, customer: string): void {
  for (const subscription of simulation.store.by<SubscriptionRecord>(SUBSCRIPTIONS, 'customer', customer)) {
    if (subscription.status !== 'canceled' && subscription.status !== 'incomplete_expired') endSubscription(simulation, subscription, { reason: 'cancellation_requested' });
  }
}
