import type Stripe from 'stripe';
import { disputeStatusOf, isContested } from '../domain/dispute.ts';
import type { Dispute } from '../domain/dispute.ts';
import { callStripe, type StripeAccess, stripeCodeOf } from './stripe.ts';

/** Cards that are tried for one invoice. */
const MAX_CARDS = 3;
const MAX_CHARGES = 100;

function idOf(value: string | { id?: string } | null | undefined): string | null {
  return typeof value === 'string' ? value : (value?.id ?? null);
}

/** A payment with all that became of it. */
export interface ChargeReading {
  stripeCustomerId: string | null;
  /** Stripe's ids of the invoices that it is a payment of. */
  stripeInvoiceIds: string[];
  disputes: Omit<Dispute, 'customerId' | 'invoiceId'>[];
}

/** The payment that an event is about: a charge, a refund or a dispute, of which the last names no customer. @returns null where Stripe knows it no more */
export async function readChargeOf(access: StripeAccess | null, objectId: string): Promise<ChargeReading | null> {
  try {
    const chargeId = await chargeIdOf(access, objectId);
    return chargeId === null ? null : await readCharge(access, chargeId);
  } catch (error) {
    if (stripeCodeOf(error) === 'resource_missing') return null;
    throw error;
  }
}

async function chargeIdOf(access: StripeAccess | null, objectId: string): Promise<string | null> {
  if (/^(du|dp)_/.test(objectId)) return idOf((await callStripe(access, (stripe) => stripe.disputes.retrieve(objectId))).charge);
  if (/^(re|pyr)_/.test(objectId)) return idOf((await callStripe(access, (stripe) => stripe.refunds.retrieve(objectId))).charge);
  return objectId;
}

async function readCharge(access: StripeAccess | null, chargeId: string): Promise<ChargeReading> {
  return callStripe(access, async (stripe) => {
    const charge = await stripe.charges.retrieve(chargeId);
    const intent = idOf(charge.payment_intent);
    const { data: disputes } = await stripe.disputes.list({ charge: chargeId, limit: 100 });
    const { data: payments } = intent === null ? { data: [] } : await stripe.invoicePayments.list({ payment: { type: 'payment_intent', payment_intent: intent }, limit: 100 });
    return { stripeCustomerId: idOf(charge.customer), stripeInvoiceIds: payments.flatMap(({ invoice }) => idOf(invoice) ?? []), disputes: disputes.map(toDispute) };
  });
}

function toDispute(dispute: Stripe.Dispute): Omit<Dispute, 'customerId' | 'invoiceId'> {
  const { due_by: dueBy } = dispute.evidence_details;
  return { id: dispute.id, amount: dispute.amount, currency: dispute.currency.toUpperCase(), reason: dispute.reason, status: disputeStatusOf(dispute.status), respondBy: dueBy === null ? null : new Date(dueBy * 1000), createdAt: new Date(dispute.created * 1000) };
}

/** What was given back of an invoice's payments, in minor units. */
export async function sumRefunds(access: StripeAccess | null, stripeInvoiceId: string): Promise<number> {
  return callStripe(access, async (stripe) => {
    let sum = 0;
    for (const charge of await chargesOfInvoice(stripe, stripeInvoiceId)) sum += charge.amount_refunded;
    return sum;
  });
}

async function chargesOfInvoice(stripe: Stripe, stripeInvoiceId: string): Promise<Stripe.Charge[]> {
  const charges: Stripe.Charge[] = [];
  const { data: payments } = await stripe.invoicePayments.list({ invoice: stripeInvoiceId, status: 'paid', limit: 100 });
  for (const { payment } of payments) {
    const intent = idOf(payment.payment_intent);
    if (intent !== null) charges.push(...(await stripe.charges.list({ payment_intent: intent, limit: 100 })).data);
  }
  return charges;
}

/** Whether some of an invoice's payment was refunded, or a bank contests it. */
export async function isGivenBack(stripe: Stripe, stripeInvoiceId: string): Promise<boolean> {
  for (const charge of await chargesOfInvoice(stripe, stripeInvoiceId)) {
    if (charge.amount_refunded > 0) return true;
    if (!charge.disputed) continue;
    const { data: disputes } = await stripe.disputes.list({ charge: charge.id, limit: 100 });
    if (disputes.some(({ status }) => isContested(disputeStatusOf(status)))) return true;
  }
  return false;
}

/**
 * The cards that may be charged for what is owed when no subscription is left to carry one: the customer's own default, which it
 * chose for its invoices, then those that paid before, the last first. A card whose payment a bank contests is not among them, nor
 * one that was taken off its customer, nor one that was first used after `before`: it was given for something else. None where the
 * customer was deleted.
 */
export async function listCardsThatPaid(access: StripeAccess | null, stripeCustomerId: string, before: Date): Promise<string[]> {
  return callStripe(access, async (stripe) => {
    const customer = await stripe.customers.retrieve(stripeCustomerId);
    if (customer.deleted === true) return [];
    const { data: charges } = await stripe.charges.list({ customer: stripeCustomerId, created: { lte: Math.floor(before.getTime() / 1000) }, limit: MAX_CHARGES });
    const attached = new Set((await stripe.paymentMethods.list({ customer: stripeCustomerId, limit: 100 })).data.map(({ id }) => id));
    const contested = new Set(charges.filter(({ disputed }) => disputed).map(({ payment_method: card }) => card));
    const paid = charges.filter(({ status }) => status === 'succeeded').map(({ payment_method: card }) => card);
    const cards = [idOf(customer.invoice_settings.default_payment_method), ...paid].filter((card) => card !== null && attached.has(card) && !contested.has(card));
    return [...new Set(cards)].slice(0, MAX_CARDS) as string[];
  });
}
