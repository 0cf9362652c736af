import { listCardsThatPaid } from './stripe-charges.ts';
import { callStripe, type StripeAccess, stripeCodeOf } from './stripe.ts';

/**
 * Charges an open invoice with the cards that its customer paid with before, one after the other. @returns whether one of them paid, or
 * it was paid meanwhile. @throws AppError STRIPE_UNAVAILABLE: nothing is charged twice by doing it again, for a paid invoice is refused.
 */
export async function chargeOwedInvoice(access: StripeAccess | null, invoice: { stripeInvoiceId: string; stripeCustomerId: string; createdAt: Date }): Promise<boolean> {
  for (const card of await listCardsThatPaid(access, invoice.stripeCustomerId, invoice.createdAt)) {
    try {
      const answer = await callStripe(access, (stripe) => stripe.invoices.pay(invoice.stripeInvoiceId, { payment_method: card, off_session: true }));
      if (answer.status === 'paid') return true;
    } catch (error) {
      const code = stripeCodeOf(error);
      if (code === null) throw error;
      if (code === 'invoice_already_paid') return true;
    }
  }
  return false;
}
