import type { EventPayload } from '@iotistic/contracts/events';
import { newId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { BILLED_METERS } from '../domain/stripe-meters.ts';
import { lockCustomer } from '../repository/customers.ts';
import { saveMeasured } from '../repository/metered-quantities.ts';
import { invoiceTopic } from './watch-upcoming-invoice.ts';

/** Keeps what a customer's meters stand at, has Stripe told, and tells those who watch the bill. */
export async function recordUsage(app: Pick<BillingApp, 'db' | 'live' | 'work' | 'log'>, usage: EventPayload<'usage.recorded'>): Promise<void> {
  const { customerId, revision } = usage;
  const stripeCustomerId = await app.db.transaction().execute(async (tx) => {
    const known = await lockCustomer(tx, customerId);
    const isNew = await saveMeasured(tx, { customerId, periodStart: new Date(usage.periodStart), periodEnd: new Date(usage.periodEnd), revision, measuredAt: new Date(usage.at), quantities: usage.quantities }, BILLED_METERS);
    return isNew ? known.stripeCustomerId : null;
  });
  await app.live.publish(invoiceTopic(customerId), String(revision));
  if (stripeCustomerId !== null) await app.work.add('push-meter-events', newId('req'), { customerId });
}
