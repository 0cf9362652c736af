import { newId } from '@iotistic/contracts/ids';
import type { BillingApp } from '../app.ts';
import { unlessMissing } from '../clients/stripe.ts';
import { listStripeInvoices } from '../clients/stripe-invoices.ts';
import { drawReadTicket, lockCustomer } from '../repository/customers.ts';
import { dropMissingInvoices, findOldestUnsettled, saveInvoices } from '../repository/invoices.ts';
import { settlePeriods } from './settle-periods.ts';

/** Copies the invoices that are new, or may have changed, so that reading them asks nobody; those that became final settle their periods. */
export async function copyInvoices(app: Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'catalogue' | 'work'>, customerId: string): Promise<void> {
  const { ticket, stripeCustomerId } = await app.db.transaction().execute((tx) => drawReadTicket(tx, customerId));
  if (stripeCustomerId === null) return;
  const { since } = await findOldestUnsettled(app.db, customerId);
  const copies = await unlessMissing(listStripeInvoices(app.stripe, stripeCustomerId, since, (priceId) => app.catalogue.meterOfPrice(priceId)));
  // Of a customer that this account does not have, what was copied stays.
  if (copies === null) return;
  const isAnySettled = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    await saveInvoices(tx, copies.map((copy) => ({ ...copy, customerId })), ticket);
    await dropMissingInvoices(tx, customerId, since, copies.map(({ id }) => id));
    return settlePeriods(tx, customerId, app.clock.now());
  });
  if (isAnySettled) await app.work.add('push-meter-events', newId('req'), { customerId });
}
