import { createHash } from 'node:crypto';
import type { Tx } from '@iotistic/chassis/database';
import { AppError } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import { mayHaveApplied, stripeCodeOf } from '../clients/stripe.ts';
import type { Subscription } from '../domain/subscription.ts';
import { beginOperation, finishOperation, type Operation, type OperationKind } from '../repository/operations.ts';
import type { BillingTables } from '../repository/tables.ts';
import { syncCustomer } from './sync-customer.ts';
import { writeAudit } from './write-audit.ts';

export interface ChangeAtStripe {
  customerId: string;
  kind: OperationKind;
  /** All that makes the request what it is: the same again is the same request. */
  input: unknown;
  actor: string;
  action: string;
  detail: string | null;
  /** Calls Stripe, with idempotency keys that begin with `key`. */
  call(key: string): Promise<void>;
  /** Whether Stripe's truth shows that it was done: asked when Stripe failed after it had begun. */
  isDone(subscription: Subscription): boolean;
}

type Changing = Parameters<typeof syncCustomer>[0];

/**
 * Changes something at Stripe and reads back what came of it. A row says that it was begun before Stripe hears of it: whoever
 * dies in between is found, and the same request sent again is the same at Stripe too. Where Stripe failed in the middle, what
 * is true there decides whether it was done.
 * @throws AppError STRIPE_UNAVAILABLE: nothing is done twice by sending it again. MISSING_AT_STRIPE. Whatever Stripe refuses.
 */
export async function changeAtStripe(app: Changing, change: ChangeAtStripe): Promise<Subscription | null> {
  const { customerId, kind, actor, action, detail } = change;
  const fingerprint = createHash('sha256').update(JSON.stringify(change.input)).digest('hex');
  const operation = await app.db.transaction().execute((tx) => beginOperation(tx, { customerId, kind, fingerprint }, app.clock.now()));
  const finish = (outcome: 'done' | 'failed') => async (tx: Tx<BillingTables>): Promise<void> => {
    await finishOperation(tx, operation.id, outcome, app.clock.now());
    if (outcome === 'done') await writeAudit(tx, { customerId, actor, action, target: customerId, detail }, app.clock.now());
  };
  await failpoint('billing.change-begun');
  try {
    await change.call(`${kind}:${operation.id}`);
  } catch (error) {
    return recover(app, change, operation, error, finish);
  }
  await failpoint('billing.change-answered');
  return syncCustomer(app, customerId, { actor, reason: detail ?? action }, finish('done'));
}

async function recover(app: Changing, change: ChangeAtStripe, operation: Operation, error: unknown, finish: (outcome: 'done' | 'failed') => (tx: Tx<BillingTables>) => Promise<void>): Promise<Subscription | null> {
  const { customerId, actor, action, detail } = change;
  const isUnavailable = error instanceof AppError && error.code === 'UNAVAILABLE';
  // Nothing came back: it may still be under way. The same request again uses the same keys.
  if (isUnavailable && !mayHaveApplied(error)) throw error;
  const subscription = await syncCustomer(app, customerId, { actor, reason: detail ?? action });
  // Also where Stripe refuses: the answer to a first try may be what was lost, and the second finds it done already.
  if (subscription !== null && change.isDone(subscription)) {
    await app.db.transaction().execute(finish('done'));
    return subscription;
  }
  await app.db.transaction().execute(finish('failed'));
  app.log.warn({ err: error, operation: operation.id }, 'a change at Stripe was not made');
  // What it names is gone there, or was never of this account.
  throw stripeCodeOf(error) === 'resource_missing' ? new AppError('CONFLICT', 'MISSING_AT_STRIPE', undefined, { cause: error }) : error;
}
