import type { Tx } from '@iotistic/chassis/database';
import { publish } from '@iotistic/chassis/outbox';
import { RESTORE_STRIDE } from '@iotistic/chassis/restores';
import { toSubscriptionChanged } from '../domain/subscription.ts';
import { listNamedSubscriptions, raiseVersions } from '../repository/subscriptions.ts';
import type { BillingTables } from '../repository/tables.ts';

const PAGE = 500;
const CAUSE = { actor: 'billing', reason: 'restored from a backup' };

/**
 * Every subscription gets a version above any that was lost, and all are told of it: licenses carry it, and an instance that
 * holds a later one than we know takes the next. What Stripe knows is read by the sweep, as after any outage.
 */
export async function goOnAfterRestore(tx: Tx<BillingTables>, now: Date): Promise<void> {
  await raiseVersions(tx, RESTORE_STRIDE);
  let page = await listNamedSubscriptions(tx, '', PAGE);
  while (page.length > 0) {
    for (const { subscription, licenseName } of page) await publish(tx, 'billing', 'subscription.changed', toSubscriptionChanged(subscription, licenseName, CAUSE), now);
    page = await listNamedSubscriptions(tx, page.at(-1)?.subscription.customerId ?? '', PAGE);
  }
}
