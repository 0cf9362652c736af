import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { unlessMissing } from '../clients/stripe.ts';
import { createPortal } from '../clients/stripe-checkout.ts';
import { checkWebAddress, returnRuleOf } from '../domain/web-address.ts';
import { ensureLinkedCustomer, getBillingCustomer, oneAtATime, readBillingCustomer } from './billing-customer.ts';
import { writeAudit } from './write-audit.ts';

/**
 * Opens Stripe's page for cards and invoices. A customer that was deleted at Stripe is made again, with nothing on it.
 * @throws AppError CUSTOMER_NOT_FOUND, INVALID_URL, URL_NOT_ALLOWED, NO_BILLING_ACCOUNT, MISSING_AT_STRIPE, STRIPE_UNAVAILABLE
 */
export async function createPortalSession(app: BillingApp, caller: Caller, input: { customerId: string; returnUrl: string }): Promise<{ url: string }> {
  const returnUrl = checkWebAddress(input.returnUrl, 'returnUrl', returnRuleOf(app.config));
  const { id, stripeCustomerId } = await getBillingCustomer(app, input.customerId);
  if (stripeCustomerId === null) throw new AppError('CONFLICT', 'NO_BILLING_ACCOUNT');
  const open = async (customer: string): Promise<string | null> => unlessMissing(createPortal(app.stripe, { stripeCustomerId: customer, configurationId: await app.catalogue.portal(), returnUrl }));
  const url = (await open(stripeCustomerId)) ?? (await openAgain(app, id, open));
  await app.db.transaction().execute((tx) => writeAudit(tx, { customerId: id, actor: actorOf(caller), action: 'createPortalSession', target: id }, app.clock.now()));
  return { url };
}

/** The customer is gone at Stripe, or the portal's configuration is. */
async function openAgain(app: BillingApp, customerId: string, open: (stripeCustomerId: string) => Promise<string | null>): Promise<string> {
  app.catalogue.forget();
  return oneAtATime(app, customerId, async () => {
    const url = await open(await ensureLinkedCustomer(app, await readBillingCustomer(app, customerId)));
    if (url === null) throw new AppError('CONFLICT', 'MISSING_AT_STRIPE');
    return url;
  });
}
