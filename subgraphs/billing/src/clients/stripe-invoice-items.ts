import type Stripe from 'stripe';
import { callStripe, type StripeAccess } from './stripe.ts';

/** What marks an item of ours: by it the invoice's line is known, and found again after an answer was lost. */
export const TRUE_UP_KEY = 'iotistic_true_up';

export interface InvoiceItemToMake {
  stripeCustomerId: string;
  /** null bills it with whatever invoice comes. */
  stripeSubscriptionId: string | null;
  trueUpId: string;
  /** Minor units; below zero is a credit. */
  amount: number;
  currency: string;
  description: string;
}

/** Waits for the customer's next invoice. The same again, within a day, answers what was made. @returns Stripe's id */
export async function createInvoiceItem(access: StripeAccess | null, item: InvoiceItemToMake): Promise<string> {
  const params: Stripe.InvoiceItemCreateParams = {
    customer: item.stripeCustomerId,
    ...(item.stripeSubscriptionId === null ? {} : { subscription: item.stripeSubscriptionId }),
    amount: item.amount,
    currency: item.currency.toLowerCase(),
    description: item.description,
    metadata: { [TRUE_UP_KEY]: item.trueUpId },
  };
  return (await callStripe(access, (stripe) => stripe.invoiceItems.create(params, { idempotencyKey: `true-up-${item.trueUpId}` }))).id;
}

/** One that was made earlier, billed or not; null where there is none. */
export async function findInvoiceItem(access: StripeAccess | null, stripeCustomerId: string, trueUpId: string): Promise<string | null> {
  return callStripe(access, async (stripe) => {
    for await (const item of stripe.invoiceItems.list({ customer: stripeCustomerId, limit: 100 })) if (item.metadata?.[TRUE_UP_KEY] === trueUpId) return item.id;
    return null;
  });
}

/** For a customer without a subscription, who has no next invoice: bills all that waits. @param key the same key makes no second one */
export async function invoiceWhatWaits(access: StripeAccess | null, stripeCustomerId: string, key: string): Promise<void> {
  await callStripe(access, async (stripe) => {
    const { data: waiting } = await stripe.invoiceItems.list({ customer: stripeCustomerId, pending: true, limit: 1 });
    if (waiting.length === 0) return;
    await stripe.invoices.create({ customer: stripeCustomerId, auto_advance: true, pending_invoice_items_behavior: 'include', description: 'Usage that was known after your last invoice' }, { idempotencyKey: `true-up-invoice-${key}` });
  });
}
