import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BootedPlane } from '@iotistic/testkit/boot';
import type Stripe from 'stripe';
import type { LivingCustomer } from './living-customer.ts';

const DAY_SECONDS = 86_400;
/** States of a dispute in which the money is gone, or may go. */
const CONTESTED = new Set(['warning_needs_response', 'warning_under_review', 'needs_response', 'under_review', 'lost']);
/** What was never delivered is not owed. */
const NOT_DELIVERED = new Set<string | null>(['subscription_create', 'subscription_update']);

/** Where Stripe's money and ours differ, to the cent; credits of what nobody paid; and what is owed and nobody was written to about. */
export async function moneyDisagreements(booted: BootedPlane, living: LivingCustomer, stripe: Stripe, stripeCustomerId: string): Promise<string[]> {
  const invoices: Stripe.Invoice[] = [];
  for await (const invoice of stripe.invoices.list({ customer: stripeCustomerId, limit: 100 })) invoices.push(invoice);
  const charges: Stripe.Charge[] = [];
  for await (const charge of stripe.charges.list({ customer: stripeCustomerId, limit: 100 })) charges.push(charge);
  return [...(await invoiceDisagreements(living, stripe, invoices, charges)), ...unpaidCredits(invoices), ...(await silentDebts(booted, living, stripe, invoices))];
}

async function invoiceDisagreements(living: LivingCustomer, stripe: Stripe, invoices: readonly Stripe.Invoice[], charges: readonly Stripe.Charge[]): Promise<string[]> {
  const theirs: string[] = [];
  for (const invoice of invoices) {
    const { data: payments } = await stripe.invoicePayments.list({ invoice: invoice.id, limit: 100 });
    const paidBy = charges.filter(({ payment_intent: intent }) => payments.some(({ payment }) => payment.payment_intent === intent));
    const refunded = paidBy.reduce((sum, { amount_refunded: amount }) => sum + amount, 0);
    const disputes = (await Promise.all(paidBy.filter(({ disputed }) => disputed).map(({ id }) => stripe.disputes.list({ charge: id })))).flatMap(({ data }) => data);
    const due = invoice.status === 'paid' || invoice.status === 'void' ? 0 : invoice.amount_remaining;
    theirs.push(line({ number: invoice.number, status: String(invoice.status).toUpperCase(), total: invoice.total, due, subtotal: invoice.subtotal, refunded, disputed: disputes.some(({ status }) => CONTESTED.has(status)) }));
  }
  const ours = ((await living.customer?.invoices()) ?? []).map(({ number, status, total, amountDue, subtotal, refunded, disputed }) => line({ number, status, total: total.amount, due: amountDue.amount, subtotal: subtotal.amount, refunded: refunded?.amount ?? 0, disputed }));
  const missing = theirs.filter((one) => !ours.includes(one));
  const surplus = ours.filter((one) => !theirs.includes(one));
  return missing.length + surplus.length === 0 ? [] : [`invoices: only at Stripe ${JSON.stringify(missing)}, only ours ${JSON.stringify(surplus)}`];
}

function line(of: { number: string | null; status: string; total: number; due: number; subtotal: number; refunded: number; disputed: boolean }): string {
  return `${String(of.number)} ${of.status} ${of.total} of ${of.subtotal}, due ${of.due}, back ${of.refunded}${of.disputed ? ', disputed' : ''}`;
}

/** Each credit for the rest of a period takes back a line of an invoice that is paid. */
function unpaidCredits(invoices: readonly Stripe.Invoice[]): string[] {
  const lines = invoices.flatMap((invoice) => invoice.lines.data.map((of) => ({ invoice, of, details: of.parent?.subscription_item_details })));
  const credits = lines.filter(({ invoice, of, details }) => details?.proration === true && of.amount < 0 && invoice.status !== 'void');
  return credits.flatMap(({ of, details }) => {
    const billed = lines.filter((one) => one.details?.subscription_item === details?.subscription_item && one.details?.proration !== true && one.of.period.start <= of.period.start && of.period.start < one.of.period.end);
    return billed.length > 0 && !billed.some(({ invoice }) => invoice.status === 'paid') ? [`${-of.amount} were credited of ${billed.map(({ invoice }) => `${String(invoice.number)}, which is ${String(invoice.status)}`).join(' and ')}`] : [];
  });
}

/** What a subscription that has ended owes, and Stripe does not charge any more, without a mail that says so. */
async function silentDebts(booted: BootedPlane, living: LivingCustomer, stripe: Stripe, invoices: readonly Stripe.Invoice[]): Promise<string[]> {
  const yesterday = booted.plane.clock.now().getTime() / 1000 - DAY_SECONDS;
  const mails = mailsTo(booted, living.email);
  const found: string[] = [];
  for (const invoice of invoices) {
    const subscription = invoice.parent?.subscription_details?.subscription;
    if (invoice.status !== 'open' || invoice.amount_remaining === 0 || invoice.next_payment_attempt !== null || invoice.created > yesterday || NOT_DELIVERED.has(invoice.billing_reason)) continue;
    if (subscription !== undefined && (await stripe.subscriptions.retrieve(subscription as string)).status !== 'canceled') continue;
    if (!mails.some((mail) => mail.includes(String(invoice.hosted_invoice_url)))) found.push(`${invoice.amount_remaining} of ${String(invoice.number)} are owed, and nobody was written to`);
  }
  return found;
}

function mailsTo(booted: BootedPlane, address: string): string[] {
  const folder = join(booted.plane.dataDir, 'mail');
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('=\r\n', '').replaceAll('=\n', '').replaceAll('=3D', '='))
    .filter((mail) => mail.includes(`To: ${address}`));
}

/** Whether the operator's overview says what all customers together owe. */
export async function overviewDisagreements(booted: BootedPlane, stripe: Stripe): Promise<string[]> {
  const { billingOverview } = await booted.admin.ask<{ billingOverview: { owed: { total: { amount: number }; invoices: number; uncollectedInvoices: number }[] } }>('{ billingOverview { owed { total { amount } invoices uncollectedInvoices } } }');
  let [total, invoices, uncollectedInvoices] = [0, 0, 0];
  for await (const { amount_remaining: amount, next_payment_attempt: next } of stripe.invoices.list({ status: 'open', limit: 100 })) {
    if (amount === 0) continue;
    total += amount;
    invoices += 1;
    if (next === null) uncollectedInvoices += 1;
  }
  const ours = JSON.stringify(billingOverview.owed);
  const theirs = JSON.stringify(invoices === 0 ? [] : [{ total: { amount: total }, invoices, uncollectedInvoices }]);
  return ours === theirs ? [] : [`owed by the overview ${ours}, at Stripe ${theirs}`];
}
