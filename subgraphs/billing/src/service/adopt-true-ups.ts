import type { BillingApp } from '../app.ts';
import { listTrueUpItems } from '../clients/stripe-invoice-items.ts';
import { lockCustomer } from '../repository/customers.ts';
import { findTrueUps, insertTrueUp } from '../repository/true-ups.ts';

/**
 * After a restore: what was billed beside an invoice since the backup stands at Stripe and not here, and would be billed again.
 * Takes it over; to be done before anything is decided, in the customer's turn. Costs nothing where nothing was ever restored.
 */
export async function adoptTrueUps(app: Pick<BillingApp, 'db' | 'clock' | 'stripe' | 'log' | 'restores'>, customerId: string, stripeCustomerId: string): Promise<void> {
  if (app.restores.length === 0) return;
  const found = await listTrueUpItems(app.stripe, stripeCustomerId);
  const now = app.clock.now();
  await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const known = await findTrueUps(tx, found.map(({ id }) => id));
    const lost = found.filter((_item, index) => known[index] === null);
    // Stripe lists the newest first.
    for (const { id, meter, periodStart, fromUnits, toUnits, stripeItemId, amount, currency, description } of lost.toReversed()) {
      await insertTrueUp(tx, { id, customerId, meter, periodStart, fromUnits, toUnits, amount, currency, description, status: 'SENT', stripeItemId, createdAt: now, attemptedAt: now });
      app.log.info({ customerId, trueUp: id }, 'what was billed since the backup was found at Stripe');
    }
  });
}
