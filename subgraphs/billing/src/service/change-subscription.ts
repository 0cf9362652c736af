import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import type { BillingApp } from '../app.ts';
import { type Subscription, toSubscriptionChanged } from '../domain/subscription.ts';
import { saveSubscription } from '../repository/subscriptions.ts';
import type { BillingTables } from '../repository/tables.ts';

/** Writes a subscription's next version and the event that tells it, in one transaction; null when that version or a later one is stored. */
export async function changeSubscription(tx: Tx<BillingTables>, subscription: Subscription, customerName: string, cause: { actor: string; reason: string | null }, now: Date): Promise<Subscription | null> {
  if (!(await saveSubscription(tx, subscription))) return null;
  await publish(tx, 'billing', 'subscription.changed', toSubscriptionChanged(subscription, customerName, cause), now);
  return subscription;
}

/** After the commit: those who watch read it again. */
export async function tellSubscriptionChanged(app: Pick<BillingApp, 'live'>, subscription: Subscription | null): Promise<void> {
  if (subscription !== null) await app.live.publish(`subscription:${subscription.customerId}`, String(subscription.version));
}
