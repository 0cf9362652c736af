import type { EventPayload } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { saveSubscriptionPeriod } from '../repository/subscription-periods.ts';

/** Keeps what a customer's period and allowances are now. In whatever order versions come, the highest stays. */
export async function keepSubscriptionPeriod(app: Pick<UsageApp, 'db'>, subscription: EventPayload<'subscription.changed'>): Promise<void> {
  const { customerId, version, currentPeriodStart, currentPeriodEndsAt, entitlements } = subscription;
  const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));
  await app.db.transaction().execute((tx) =>
    saveSubscriptionPeriod(tx, {
      customerId,
      version,
      periodStart: toDate(currentPeriodStart),
      periodEnd: toDate(currentPeriodEndsAt),
      included: entitlements.included,
      maxDevices: entitlements.limits['maxDevices'] ?? null,
    }),
  );
}
