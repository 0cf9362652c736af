import type { BillingApp } from '../app.ts';
import type { Subscription } from '../domain/subscription.ts';
import { AppError } from '@iotistic/contracts/errors';
import { lockCustomer } from '../repository/customers.ts';
import { findSubscription } from '../repository/subscriptions.ts';
import { changeSubscription, tellSubscriptionChanged } from './change-subscription.ts';
import { writeAudit } from './write-audit.ts';

/** A change that Stripe has no part in: decided on the row as it is, stored, told and written down in one transaction. */
export async function changeLocally(app: Pick<BillingApp, 'db' | 'clock' | 'live'>, customerId: string, cause: { actor: string; action: string; detail: string | null }, decide: (current: Subscription, now: Date) => Subscription): Promise<Subscription> {
  const now = app.clock.now();
  const { before, after } = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customerId);
    const current = await findSubscription(tx, customerId);
    if (current === null) throw new AppError('NOT_FOUND', 'CUSTOMER_NOT_FOUND');
    const next = decide(current, now);
    if (next !== current) await changeSubscription(tx, next, known.licenseName ?? '', { actor: cause.actor, reason: cause.detail ?? cause.action }, now);
    await writeAudit(tx, { customerId, actor: cause.actor, action: cause.action, target: customerId, detail: cause.detail }, now);
    return { before: current, after: next };
  });
  if (after !== before) await tellSubscriptionChanged(app, after);
  return after;
}
