import type { Dispute } from './dispute.ts';
import { type BillingMail, dateText, letter } from './mails.ts';
import { formatMoney } from './money.ts';

/** To a customer whose subscription has ended: something is still owed, and no card of it pays. Once for each invoice. */
export function invoiceOwedMail(invoice: { id: string; number: string | null; amountDue: number; currency: string; hostedUrl: string | null }, { name, consoleUrl }: { name: string; consoleUrl: string }): BillingMail {
  const amount = formatMoney(invoice.amountDue, invoice.currency);
  const number = invoice.number === null ? 'an invoice' : `invoice ${invoice.number}`;
  return letter(`invoice_owed:${invoice.id}`, `You still owe ${amount} to Iotistic`, name, [`${amount} of ${number} is not paid. Your subscription has ended, and we could not charge a card that you paid with before.`, 'Please pay it on the page below, where any card can be used.'], { label: 'Pay the invoice', url: invoice.hostedUrl ?? consoleUrl });
}

/** To the operator: a customer's bank takes a payment back, or asks about one. Once for each dispute. */
export function disputeMail(dispute: Dispute, { name, invoiceNumber, consoleUrl }: { name: string; invoiceNumber: string | null; consoleUrl: string }): BillingMail {
  const amount = formatMoney(dispute.amount, dispute.currency);
  const of = invoiceNumber === null ? 'a payment' : `the payment of invoice ${invoiceNumber}`;
  const until = dispute.respondBy === null ? 'The bank takes no answer.' : `The bank takes an answer until ${dateText(dispute.respondBy)}; without one the money is lost.`;
  return letter(`dispute:${dispute.id}`, `${name} disputes ${amount} (${dispute.reason})`, '', [`The bank of ${name} (${dispute.customerId}) disputes ${amount} of ${of}. It gives as the reason: ${dispute.reason}.`, until, `Answer it in Stripe's dashboard, where it is ${dispute.id}. The subscription is not changed by it.`], { label: 'The console', url: consoleUrl });
}
