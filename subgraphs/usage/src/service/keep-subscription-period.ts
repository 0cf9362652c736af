import type { EventPayload, SubscriptionStatus } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { saveAllowances } from '../repository/alerts.ts';
import { saveStanding } from '../repository/instance-watch.ts';
import { addChangedCustomer } from '../repository/measured-periods.ts';
import { saveSubscriptionPeriod } from '../repository/subscription-periods.ts';

/** Nobody waits for reports any more. */
const OVER: ReadonlySet<SubscriptionStatus> = new Set(['CANCELED', 'INCOMPLETE_EXPIRED']);

/** Keeps what a customer's period and allowances are now. In whatever order versions come, the highest stays. What counts in a period that is new is measured anew. */
export async function keepSubscriptionPeriod(app: Pick<UsageApp, 'db' | 'measuring'>, subscription: EventPayload<'subscription.changed'>): Promise<void> {
  const { customerId, version, currentPeriodStart, currentPeriodEndsAt, billingPeriodEndsAt, entitlements } = subscription;
  const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));
  const periodStart = toDate(currentPeriodStart);
  const allowances = { included: entitlements.included, maxDevices: entitlements.limits['maxDevices'] ?? null };
  await app.db.transaction().execute(async (tx) => {
    await saveSubscriptionPeriod(tx, {
      customerId,
      version,
      periodStart,
      periodEnd: toDate(billingPeriodEndsAt ?? currentPeriodEndsAt),
      ...allowances,
    });
    if (periodStart !== null) await saveAllowances(tx, { customerId, version, periodStart, ...allowances });
    await saveStanding(tx, { customerId, version, isOver: OVER.has(subscription.status) });
    await addChangedCustomer(tx, customerId);
  });
  app.measuring.wake();
}
