import type { BillingApp } from '../app.ts';
import { updateStripeCustomer } from '../clients/stripe-customers.ts';
import { findCustomer } from '../repository/customers.ts';

/** What Stripe's invoices and receipts call the customer follows what it calls itself. */
export async function renameAtStripe(app: Pick<BillingApp, 'db' | 'stripe'>, customerId: string): Promise<void> {
  const known = await findCustomer(app.db, customerId);
  if (known === null || known.stripeCustomerId === null) return;
  await updateStripeCustomer(app.stripe, known.stripeCustomerId, { email: known.email, name: known.licenseName });
}
