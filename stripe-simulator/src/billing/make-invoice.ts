import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { type BillingReason, INVOICE_ITEMS, type InvoiceItemRecord, type InvoiceLine, type InvoiceRecord, INVOICES, type MeteredSpan, type SubscriptionRecord } from './billing-records.ts';
import { discountLines, takenOff } from './discounting.ts';
import { meteredLines } from './lines.ts';

export interface InvoiceDraft {
  customer: string;
  subscription: SubscriptionRecord | null;
  reason: BillingReason;
  /** Lines that are what they are. */
  fixed: readonly InvoiceLine[];
  /** Usage, counted when it is finalized. */
  metered: readonly MeteredSpan[];
  discounts: readonly string[];
  period: { start: Seconds; end: Seconds };
  at: Seconds;
  /** That is charged before any other. */
  paymentMethod?: string | null;
  /** What waits to be billed goes on waiting. */
  leavesPending?: boolean;
}

/** What an invoice of this simulation has at first, or always. */
const UNUSED = {
  account_country: 'US',
  account_name: 'Simulated account',
  amount_overpaid: 0,
  amount_shipping: 0,
  application: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, status: null },
  collection_method: 'charge_automatically',
  description: null,
  due_date: null,
  effective_at: null,
  footer: null,
  last_finalization_error: null,
  livemode: false,
  on_behalf_of: null,
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  statement_descriptor: null,
  total_pretax_credit_amounts: [],
  total_taxes: [],
  webhooks_delivered_at: null,
};

/** An invoice as it would be: what a preview answers and what is stored are made by this alone. */
export function composeInvoice(simulation: Simulation, draft: InvoiceDraft, id: string): InvoiceRecord {
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, draft.customer);
  const { subscription } = draft;
  const currency = subscription?.currency ?? customer.currency ?? 'usd';
  const blank: InvoiceRecord = {
    id,
    object: 'invoice',
    ...UNUSED,
    amount_due: 0,
    amount_paid: 0,
    amount_remaining: 0,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    billing_reason: draft.reason,
    created: draft.at,
    currency,
    customer: customer.id,
    customer_email: customer.email,
    customer_name: customer.name,
    default_payment_method: draft.paymentMethod ?? null,
    discounts: [...draft.discounts],
    ending_balance: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    lines: { object: 'list', data: [], has_more: false, total_count: 0, url: `/v1/invoices/${id}/lines` },
    metadata: {},
    next_payment_attempt: null,
    number: null,
    parent: subscription === null ? null : { type: 'subscription_details', subscription_details: { subscription: subscription.id, metadata: subscription.metadata }, quote_details: null },
    period_end: draft.period.end,
    period_start: draft.period.start,
    starting_balance: customer.balance,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer.test_clock,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    internal: { subscription: subscription?.id ?? null, metered: [...draft.metered], fixed: [...draft.fixed], payments: [], failures: 0 },
  };
  return counted(simulation, blank);
}

/** With its usage as it stands now, and all sums. A draft only. */
export function counted(simulation: Simulation, invoice: InvoiceRecord): InvoiceRecord {
  const { internal, currency, customer } = invoice;
  const usage = internal.metered.flatMap((span) => meteredLines(simulation, { id: internal.subscription ?? '', currency, customer }, span));
  const lines = discountLines(simulation, [...internal.fixed, ...usage], invoice.discounts, invoice.created).map((line) => ({ ...line, invoice: invoice.id }));
  const subtotal = lines.reduce((sum, { amount }) => sum + amount, 0);
  const total = subtotal - lines.reduce((sum, line) => sum + takenOff(line), 0);
  const { balance } = getObject<CustomerRecord>(simulation, CUSTOMERS, customer);
  const due = Math.max(0, total + balance);
  return {
    ...invoice,
    amount_due: due,
    amount_remaining: due,
    lines: { ...invoice.lines, data: lines, total_count: lines.length },
    starting_balance: balance,
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    total_excluding_tax: total,
    total_discount_amounts: sumByDiscount(lines),
  };
}

function sumByDiscount(lines: readonly InvoiceLine[]): { amount: number; discount: string }[] {
  const sums = new Map<string, number>();
  for (const { discount_amounts: amounts } of lines) for (const { amount, discount } of amounts) sums.set(discount, (sums.get(discount) ?? 0) + amount);
  return [...sums].map(([discount, amount]) => ({ amount, discount }));
}

/** What waits to be billed with the customer's next invoice. */
export function pendingItems(simulation: Simulation, customer: string, subscription: string | null): InvoiceItemRecord[] {
  return simulation.store.by<InvoiceItemRecord>(INVOICE_ITEMS, 'customer', customer).filter((item) => item.invoice === null && (item.internal.subscription === null || item.internal.subscription === subscription));
}

/** Stores the draft, and takes what waited along. */
export function createInvoice(simulation: Simulation, draft: InvoiceDraft): InvoiceRecord {
  const items = draft.leavesPending === true ? [] : pendingItems(simulation, draft.customer, draft.subscription?.id ?? null);
  const id = simulation.newId('in');
  const invoice = simulation.store.put<InvoiceRecord>(INVOICES, composeInvoice(simulation, { ...draft, fixed: [...draft.fixed, ...items.map(({ internal }) => internal.line)] }, id));
  for (const item of items) simulation.store.put<InvoiceItemRecord>(INVOICE_ITEMS, { ...item, invoice: id });
  simulation.emit('invoice.created', invoice);
  return invoice;
}
