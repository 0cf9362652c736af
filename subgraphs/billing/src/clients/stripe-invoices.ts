import type { Meter } from '@iotistic/contracts/events';
import { derivedId } from '@iotistic/contracts/ids';
import type Stripe from 'stripe';
import type { Invoice, InvoiceLine, InvoiceStatus } from '../domain/invoice.ts';
import type { InvoiceCollection } from '../domain/owed-invoice.ts';
import { callStripe, type StripeAccess, stripeCodeOf } from './stripe.ts';
import { TRUE_UP_KEY } from './stripe-invoice-items.ts';

/** What an invoice is before it is known whose it is, and what became of its payments. */
export type CopiedInvoice = Omit<Invoice, 'customerId' | 'refunded' | 'isDisputed'>;

/** The meter that a price is of, by Stripe's id of the price; null for a base price and for what is none of ours. */
export type MeterOfPrice = (priceId: string) => Promise<Meter | null>;

const toDate = (seconds: number): Date => new Date(seconds * 1000);
const toDateOrNull = (seconds: number | null): Date | null => (seconds === null ? null : toDate(seconds));

/** The customer's invoices that were made since then, with all their lines; newest first. */
export async function listStripeInvoices(access: StripeAccess | null, stripeCustomerId: string, since: Date | null, meterOf: MeterOfPrice): Promise<CopiedInvoice[]> {
  return callStripe(access, async (stripe) => {
    const found: CopiedInvoice[] = [];
    for await (const invoice of stripe.invoices.list({ customer: stripeCustomerId, limit: 100, ...(since === null ? {} : { created: { gte: Math.floor(since.getTime() / 1000) } }) })) found.push(await toCopy(invoice, await linesOf(stripe, invoice), meterOf));
    return found;
  });
}

/** One of them. @returns null where it was deleted */
export async function readStripeInvoice(access: StripeAccess | null, stripeInvoiceId: string, meterOf: MeterOfPrice): Promise<{ copy: CopiedInvoice; collection: InvoiceCollection } | null> {
  try {
    return await callStripe(access, async (stripe) => {
      const invoice = await stripe.invoices.retrieve(stripeInvoiceId);
      const subscriptionId = subscriptionOf(invoice);
      const subscription = subscriptionId === null ? null : await stripe.subscriptions.retrieve(subscriptionId);
      const stripeCustomerId = typeof invoice.customer === 'string' ? invoice.customer : (invoice.customer?.id ?? null);
      return { copy: await toCopy(invoice, await linesOf(stripe, invoice), meterOf), collection: { stripeCustomerId, subscriptionStatus: subscription?.status ?? null, billingReason: invoice.billing_reason, isCharged: invoice.collection_method === 'charge_automatically' } };
    });
  } catch (error) {
    if (stripeCodeOf(error) === 'resource_missing') return null;
    throw error;
  }
}

async function linesOf(stripe: Stripe, invoice: Stripe.Invoice): Promise<Stripe.InvoiceLineItem[]> {
  if (!invoice.lines.has_more || invoice.id === undefined) return invoice.lines.data;
  const lines: Stripe.InvoiceLineItem[] = [];
  for await (const line of stripe.invoices.listLineItems(invoice.id, { limit: 100 })) lines.push(line);
  return lines;
}

async function toCopy(invoice: Stripe.Invoice, lines: readonly Stripe.InvoiceLineItem[], meterOf: MeterOfPrice): Promise<CopiedInvoice> {
  const stripeInvoiceId = invoice.id ?? '';
  return {
    id: derivedId('invc', stripeInvoiceId),
    stripeInvoiceId,
    number: invoice.number,
    status: (invoice.status ?? 'draft').toUpperCase() as InvoiceStatus,
    currency: invoice.currency.toUpperCase(),
    subtotal: invoice.subtotal,
    total: invoice.total,
    amountDue: invoice.status === 'paid' || invoice.status === 'void' ? 0 : invoice.amount_remaining,
    dueAt: toDateOrNull(invoice.due_date),
    attempts: invoice.attempt_count,
    nextAttemptAt: toDateOrNull(invoice.next_payment_attempt),
    periodStart: toDate(invoice.period_start),
    periodEnd: toDate(invoice.period_end),
    createdAt: toDate(invoice.created),
    stripeSubscriptionId: subscriptionOf(invoice),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    lines: [...(await Promise.all(lines.map((line) => toLine(line, meterOf)))), ...discountLines(invoice, lines)],
  };
}

function subscriptionOf(invoice: Stripe.Invoice): string | null {
  const subscription = invoice.parent?.subscription_details?.subscription ?? null;
  return typeof subscription === 'string' || subscription === null ? subscription : subscription.id;
}

async function toLine(line: Stripe.InvoiceLineItem, meterOf: MeterOfPrice): Promise<InvoiceLine> {
  const price = line.pricing?.price_details?.price;
  const priceId = typeof price === 'string' ? price : price?.id;
  const meter = priceId === undefined ? null : await meterOf(priceId);
  return { description: line.description ?? '', quantity: line.quantity, amount: line.amount, currency: line.currency.toUpperCase(), meter, periodStart: meter === null ? null : toDate(line.period.start), trueUpId: line.metadata[TRUE_UP_KEY] ?? null };
}

/** What coupons took off, as lines of their own: so that the lines add up to the total. */
function discountLines(invoice: Stripe.Invoice, lines: readonly Stripe.InvoiceLineItem[]): InvoiceLine[] {
  const off = (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return off === 0 || lines.length === 0 ? [] : [{ description: 'Discount', quantity: null, amount: -off, currency: invoice.currency.toUpperCase(), meter: null, periodStart: null, trueUpId: null }];
}

/** What Stripe would charge for a subscription at the end of its period. */
export async function previewStripeInvoice(access: StripeAccess | null, of: { stripeCustomerId: string; subscriptionId: string }, meterOf: MeterOfPrice): Promise<CopiedInvoice> {
  const preview = await callStripe(access, (stripe) => stripe.invoices.createPreview({ customer: of.stripeCustomerId, subscription: of.subscriptionId }));
  return toCopy(preview, preview.lines.data, meterOf);
}
