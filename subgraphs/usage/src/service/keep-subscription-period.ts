import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { addChangedCustomer } from '../repository/measured-periods.ts';
import { saveSubscriptionPeriod } from '../repository/subscription-periods.ts';

/** Keeps what a customer's period and allowances are now. In whatever order versions come, the highest stays. What counts in a period that is new is measured anew. */
export async function keepSubscriptionPeriod(app: Pick<UsageApp, 'db' | 'measuring'>, subscription: EventPayload<'subscription.changed'>): Promise<void> {
  const { customerId, version, currentPeriodStart, currentPeriodEndsAt, billingPeriodEndsAt, entitlements } = subscription;
  const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));
  await app.db.transaction().execute(async (tx) => {
    await saveSubscriptionPeriod(tx, {
      customerId,
      version,
      periodStart: toDate(currentPeriodStart),
      periodEnd: toDate(billingPeriodEndsAt ?? currentPeriodEndsAt),
      included: entitlements.included,
      maxDevices: entitlements.limits['maxDevices'] ?? null,
    });
    await addChangedCustomer(tx, customerId);
  });
  app.measuring.wake();
}
