import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { BillingApp } from '../app.ts';
import { createPortal } from '../clients/stripe-checkout.ts';
import { checkWebAddress, returnRuleOf } from '../domain/web-address.ts';
import { getBillingCustomer } from './billing-customer.ts';
import { writeAudit } from './write-audit.ts';

/** @throws AppError CUSTOMER_NOT_FOUND, INVALID_URL, URL_NOT_ALLOWED, NO_BILLING_ACCOUNT, STRIPE_UNAVAILABLE */
export async function createPortalSession(app: BillingApp, caller: Caller, input: { customerId: string; returnUrl: string }): Promise<{ url: string }> {
  const returnUrl = checkWebAddress(input.returnUrl, 'returnUrl', returnRuleOf(app.config));
  const { id, stripeCustomerId } = await getBillingCustomer(app, input.customerId);
  if (stripeCustomerId === null) throw new AppError('CONFLICT', 'NO_BILLING_ACCOUNT');
  const url = await createPortal(app.stripe, { stripeCustomerId, configurationId: await app.catalogue.portal(), returnUrl });
  await app.db.transaction().execute((tx) => writeAudit(tx, { customerId: id, actor: actorOf(caller), action: 'createPortalSession', target: id }, app.clock.now()));
  return { url };
}
