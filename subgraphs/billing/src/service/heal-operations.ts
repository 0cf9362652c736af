import type { BillingApp } from '../app.ts';
import { finishOperation, listAbandonedOperations } from '../repository/operations.ts';
import { oneAtATime } from './billing-customer.ts';
import { syncCustomer } from './sync-customer.ts';

const ABANDONED_AFTER_MS = 30_000;
const MAX_AT_ONCE = 50;

/** What somebody began and did not finish, because the process died or the caller gave up: what became of it is read back. */
export async function healOperations(app: Pick<BillingApp, 'db' | 'clock' | 'live' | 'stripe' | 'log' | 'billingMetrics' | 'config' | 'exclusive'>): Promise<void> {
  const now = app.clock.now();
  for (const { id, customerId, kind } of await listAbandonedOperations(app.db, new Date(now.getTime() - ABANDONED_AFTER_MS), MAX_AT_ONCE)) {
    await oneAtATime(app, customerId, () => syncCustomer(app, customerId, { actor: 'billing', reason: `${kind} read back` }, (tx) => finishOperation(tx, id, 'healed', app.clock.now())));
    app.billingMetrics.operationHealed();
    app.log.warn({ operation: id, customerId, kind }, 'a change at Stripe that nobody finished was read back');
  }
}
