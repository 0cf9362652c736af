import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { getObject } from '../find-object.ts';
import { declineError } from '../payment-methods/cards.ts';
import { makeCharge } from '../payments/make-charge.ts';
import { PAYMENT_METHODS, type PaymentMethodRecord } from '../payment-methods/payment-method-records.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import type { StripeObject } from '../store.ts';
import { recordBilled } from './billed.ts';
import { type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { dropUsedDiscounts } from './discounting.ts';
import { counted } from './make-invoice.ts';
import { invoicePaid, invoiceUnpaid } from './invoice-outcome.ts';

const DAY = 86_400;
export const FINALIZE = 'invoice.finalize';
export const RETRY = 'invoice.retry';

/** Counts usage for the last time, numbers the invoice, uses up the customer's credit, and collects. */
export function finalizeInvoice(simulation: Simulation, id: string, { collect }: { collect: boolean }): InvoiceRecord {
  const draft = getObject<InvoiceRecord>(simulation, INVOICES, id);
  if (draft.status !== 'draft') throw StripeError.invalid(`This invoice is already finalized, you can't re-finalize a non-draft invoice.`, { code: 'invoice_not_editable' });
  simulation.unschedule(FINALIZE, id);
  const now = simulation.now(draft.test_clock);
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, draft.customer);
  const final = counted(simulation, draft);
  const balance = customer.balance + final.total - final.amount_due;
  const number = `${customer.invoice_prefix}-${String(customer.next_invoice_sequence).padStart(4, '0')}`;
  changeObject(simulation, CUSTOMERS, customer, { balance, next_invoice_sequence: customer.next_invoice_sequence + 1, currency: customer.currency ?? final.currency }, balance === customer.balance ? null : 'customer.updated');
  const open = simulation.store.put<InvoiceRecord>(INVOICES, {
    ...final,
    ending_balance: balance,
    effective_at: now,
    hosted_invoice_url: `${simulation.origin}/i/${id}`,
    invoice_pdf: `${simulation.origin}/i/${id}/pdf`,
    number,
    status: 'open',
    status_transitions: { ...final.status_transitions, finalized_at: now },
  });
  recordBilled(simulation, open);
  simulation.emit('invoice.finalized', open);
  if (open.internal.subscription !== null) dropUsedDiscounts(simulation, open.internal.subscription, open.total_discount_amounts.map(({ discount }) => discount), now);
  if (open.amount_due === 0) return markPaid(simulation, open, null);
  return collect ? collectInvoice(simulation, open) : open;
}

/** Charges the card of the invoice, else of its subscription, else of the customer. What fails is tried again by the account's settings. */
export function collectInvoice(simulation: Simulation, invoice: InvoiceRecord): InvoiceRecord {
  const method = paymentMethodOf(simulation, invoice);
  if (method !== null && method.internal.charge === 'succeeds') return markPaid(simulation, invoice, method);
  return markFailed(simulation, invoice, method);
}

export function paymentMethodOf(simulation: Simulation, invoice: Pick<InvoiceRecord, 'customer' | 'default_payment_method' | 'internal'>): PaymentMethodRecord | null {
  const subscription = simulation.store.get<SubscriptionRecord>(SUBSCRIPTIONS, invoice.internal.subscription ?? '');
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, invoice.customer);
  const id = invoice.default_payment_method ?? subscription?.default_payment_method ?? customer.invoice_settings.default_payment_method;
  return id === null ? null : (simulation.store.get<PaymentMethodRecord>(PAYMENT_METHODS, id) ?? null);
}

export function markPaid(simulation: Simulation, invoice: InvoiceRecord, method: PaymentMethodRecord | null): InvoiceRecord {
  const now = simulation.now(invoice.test_clock);
  simulation.unschedule(RETRY, invoice.id);
  const payment: StripeObject | null = method === null ? null : { id: simulation.newId('inpay'), object: 'invoice_payment', amount_paid: invoice.amount_due, amount_requested: invoice.amount_due, created: now, currency: invoice.currency, invoice: invoice.id, is_default: true, livemode: false, payment: { type: 'payment_intent', payment_intent: makeCharge(simulation, invoice, method).payment_intent }, status: 'paid', status_transitions: { canceled_at: null, paid_at: now } };
  const attempts = payment === null ? invoice.attempt_count : invoice.attempt_count + 1;
  const paid = simulation.store.put<InvoiceRecord>(INVOICES, { ...invoice, amount_paid: invoice.amount_due, amount_remaining: 0, attempt_count: attempts, attempted: true, auto_advance: false, next_payment_attempt: null, status: 'paid', status_transitions: { ...invoice.status_transitions, paid_at: now }, internal: { ...invoice.internal, payments: payment === null ? invoice.internal.payments : [...invoice.internal.payments, payment] } });
  if (payment !== null) simulation.emit('invoice_payment.paid', payment);
  simulation.emit('invoice.paid', paid);
  simulation.emit('invoice.payment_succeeded', paid);
  invoicePaid(simulation, paid);
  return paid;
}

function markFailed(simulation: Simulation, invoice: InvoiceRecord, method: PaymentMethodRecord | null): InvoiceRecord {
  const failures = invoice.internal.failures + 1;
  const days = invoice.billing_reason === 'subscription_create' ? undefined : simulation.settings.retryDays[failures - 1];
  const next = days === undefined ? null : simulation.now(invoice.test_clock) + days * DAY;
  if (next === null) simulation.unschedule(RETRY, invoice.id);
  else simulation.schedule({ at: next, kind: RETRY, subject: invoice.id, clock: invoice.test_clock });
  return countFailure(simulation, { ...invoice, next_payment_attempt: next, internal: { ...invoice.internal, failures } }, method, { isLast: next === null });
}

/** One more attempt that failed. What somebody tries by hand leaves the account's own attempts as they are. */
export function countFailure(simulation: Simulation, invoice: InvoiceRecord, method: PaymentMethodRecord | null, { isLast }: { isLast: boolean }): InvoiceRecord {
  const failed = simulation.store.put<InvoiceRecord>(INVOICES, { ...invoice, attempt_count: invoice.attempt_count + 1, attempted: true });
  simulation.emit('invoice.payment_failed', failed);
  if (method?.internal.charge === 'needs_authentication') simulation.emit('invoice.payment_action_required', failed);
  invoiceUnpaid(simulation, failed, { isLast });
  return failed;
}

/** Why a card did not pay, as an API call tells it. */
export function chargeError(method: PaymentMethodRecord | null): StripeError {
  if (method === null) return StripeError.invalid('This customer has no attached payment source or default payment method. Please consider adding a default payment method.', { code: 'resource_missing' });
  return declineError(method.internal.onCharge ?? { code: 'card_declined', declineCode: 'generic_decline', message: 'Your card was declined.' });
}

export function voidInvoice(simulation: Simulation, invoice: InvoiceRecord): InvoiceRecord {
  simulation.unschedule(RETRY, invoice.id);
  simulation.unschedule(FINALIZE, invoice.id);
  const now = simulation.now(invoice.test_clock);
  const voided = simulation.store.put<InvoiceRecord>(INVOICES, { ...invoice, amount_remaining: 0, auto_advance: false, next_payment_attempt: null, status: 'void', status_transitions: { ...invoice.status_transitions, voided_at: now } });
  simulation.emit('invoice.voided', voided);
  return voided;
}
