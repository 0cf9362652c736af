import type { EventPayload, SubscriptionStatus } from '@iotistic/contracts/events';
import type { UsageApp } from '../app.ts';
import { saveAllowances } from '../repository/alerts.ts';
import { holdInstances, renewTerms, saveBillingPeriod, splitHour } from '../repository/billing-periods.ts';
import { DEFAULT_MAX_INSTANCES } from '../repository/instance-counts.ts';
import { saveStanding } from '../repository/instance-watch.ts';
import { addChangedCustomer } from '../repository/measured-periods.ts';
import { saveSubscriptionPeriod } from '../repository/subscription-periods.ts';

/** Null is unlimited. */
function maxInstancesOf(limits: Readonly<Record<string, number | null>>): number | null {
  const granted = limits['maxInstances'];
  return granted === undefined ? DEFAULT_MAX_INSTANCES : granted;
}

/** Nobody waits for reports any more. */
const OVER: ReadonlySet<SubscriptionStatus> = new Set(['CANCELED', 'INCOMPLETE_EXPIRED']);

/**
 * Keeps what a customer's periods and allowances are. In whatever order versions come, the highest says how things stand
 * now, and of each period how long it is. What was reported before its period was heard of moves into it and is measured anew.
 */
export async function keepSubscriptionPeriod(app: Pick<UsageApp, 'db' | 'measuring'>, subscription: EventPayload<'subscription.changed'>): Promise<void> {
  const { customerId, version, currentPeriodStart, currentPeriodEndsAt, billingPeriodEndsAt, entitlements } = subscription;
  const limitOf = (name: string): number | null => entitlements.limits[name] ?? null;
  const toDate = (text: string | null): Date | null => (text === null ? null : new Date(text));
  const periodStart = toDate(currentPeriodStart);
  const periodEnd = toDate(billingPeriodEndsAt ?? currentPeriodEndsAt);
  const allowances = { included: entitlements.included, maxDevices: limitOf('maxDevices') };
  await app.db.transaction().execute(async (tx) => {
    await holdInstances(tx, customerId);
    await saveSubscriptionPeriod(tx, { customerId, version, periodStart, periodEnd, ...allowances, retentionDays: limitOf('dataRetentionDays'), maxInstances: maxInstancesOf(entitlements.limits) });
    const replaced = periodStart !== null && periodEnd !== null && periodStart < periodEnd ? await saveBillingPeriod(tx, { customerId, periodStart, periodEnd, version }) : [];
    await renewTerms(tx, customerId);
    for (const boundary of periodStart === null ? [] : [periodStart, ...replaced]) await splitHour(tx, customerId, boundary);
    if (periodStart !== null) await saveAllowances(tx, { customerId, version, periodStart, ...allowances });
    await saveStanding(tx, { customerId, version, isOver: OVER.has(subscription.status) });
    // The one before may have ended earlier than was thought.
    await addChangedCustomer(tx, customerId, periodStart === null ? null : new Date(periodStart.getTime() - 1));
  });
  app.measuring.wake();
}
