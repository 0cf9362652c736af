import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { BillingApp } from '../app.ts';
import { listCustomersToSettle } from '../repository/billing-periods.ts';
import { findCustomer, lockCustomer } from '../repository/customers.ts';
import { copyInvoices } from './copy-invoices.ts';
import { settlePeriods } from './settle-periods.ts';

const MAX_CUSTOMERS = 50;
/** Stripe keeps an invoice a draft for an hour; its webhook settles the period then. This is for those that were lost. */
const OVERDUE_MS = 75 * 60_000;

/** Periods of which no webhook came: Stripe is asked. */
export async function settleForgottenPeriods(app: Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'catalogue' | 'work' | 'log'>, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  const before = new Date(app.clock.now().getTime() - OVERDUE_MS);
  await rounds.run({
    limit: MAX_CUSTOMERS,
    list: (except, limit) => listCustomersToSettle(app.db, before, except, limit),
    keyOf: (customerId) => customerId,
    // Stripe may not have made its invoice final.
    each: (customerId) => settleOne(app, customerId).then(() => 'stays'),
    failed: (err, customerId) => app.log.warn({ err, customerId }, 'a period waits to be settled'),
    signal,
  });
}

async function settleOne(app: Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'catalogue' | 'work'>, customerId: string): Promise<void> {
  const known = await findCustomer(app.db, customerId);
  if (known !== null && known.stripeCustomerId !== null) return copyInvoices(app, customerId);
  await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    await settlePeriods(tx, customerId, app.clock.now());
  });
}
