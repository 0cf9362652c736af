import type { BillingApp } from '../app.ts';
import { updateStripeCustomer } from '../clients/stripe-customers.ts';
import { ensureLinkedCustomer, oneAtATime, readBillingCustomer } from './billing-customer.ts';

/** What Stripe's invoices and receipts call the customer follows what it calls itself. One that was deleted there is made again, under its new name. */
export async function renameAtStripe(app: Parameters<typeof readBillingCustomer>[0] & Pick<BillingApp, 'exclusive'>, customerId: string): Promise<void> {
  await oneAtATime(app, customerId, async () => {
    const customer = await readBillingCustomer(app, customerId);
    const { stripeCustomerId, email, licenseName: name } = customer;
    if (stripeCustomerId === null || (await updateStripeCustomer(app.stripe, stripeCustomerId, { email, name }))) return;
    await ensureLinkedCustomer(app, customer);
  });
}
