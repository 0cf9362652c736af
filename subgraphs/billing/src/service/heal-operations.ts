import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { BillingApp } from '../app.ts';
import { finishOperation, listAbandonedOperations } from '../repository/operations.ts';
import { oneAtATime } from './billing-customer.ts';
import { syncCustomer } from './sync-customer.ts';

const ABANDONED_AFTER_MS = 30_000;
const MAX_AT_ONCE = 50;

/** What somebody began and did not finish, because the process died or the caller gave up: what became of it is read back. */
export async function healOperations(app: Pick<BillingApp, 'db' | 'clock' | 'live' | 'stripe' | 'log' | 'billingMetrics' | 'config' | 'exclusive'>, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  const before = new Date(app.clock.now().getTime() - ABANDONED_AFTER_MS);
  await rounds.run({
    limit: MAX_AT_ONCE,
    list: (except, limit) => listAbandonedOperations(app.db, before, except, limit),
    keyOf: ({ id }) => id,
    each: async ({ id, customerId, kind }) => {
      await oneAtATime(app, customerId, () => syncCustomer(app, customerId, { actor: 'billing', reason: `${kind} read back` }, (tx) => finishOperation(tx, id, 'healed', app.clock.now())));
      app.billingMetrics.operationHealed();
      app.log.warn({ operation: id, customerId, kind }, 'a change at Stripe that nobody finished was read back');
    },
    failed: (err, { id, customerId }) => app.log.warn({ err, operation: id, customerId }, 'a change at Stripe waits to be read back'),
    signal,
  });
}
