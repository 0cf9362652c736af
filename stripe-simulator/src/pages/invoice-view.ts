import { type InvoiceLine, type InvoiceRecord, INVOICES } from '../billing/billing-records.ts';
import { moneyText } from '../billing/money-text.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { getObject } from '../find-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';

/** An invoice as people read it: all texts and amounts as they stand on the page and in the file. */
export interface InvoiceView {
  id: string;
  /** `Invoice ABCD-0001`, or `Draft invoice`. */
  title: string;
  /** Null on a draft. */
  number: string | null;
  status: InvoiceRecord['status'];
  /** `Paid`, `Due on 1 December 2026`. */
  statusText: string;
  /** Name, e-mail address and postal address, what is known of them. */
  billedTo: string[];
  /** Number, dates and period, each with its name. */
  facts: (readonly [name: string, value: string])[];
  lines: { description: string; period: string; quantity: string; amount: string }[];
  /** From the subtotal to what is due. */
  sums: (readonly [name: string, amount: string])[];
  total: string;
  /** What is still to be paid; null where nothing is. */
  owed: string | null;
}

const STATUS_TEXTS = { draft: 'Draft', paid: 'Paid', uncollectible: 'Uncollectible', void: 'Void' } as const;

/** @throws StripeError for an id of no invoice */
export function viewInvoice(simulation: Simulation, id: string | undefined): InvoiceView {
  const invoice = getObject<InvoiceRecord>(simulation, INVOICES, id);
  const customer = simulation.store.get<CustomerRecord>(CUSTOMERS, invoice.customer);
  const issued = dayText(invoice.status_transitions.finalized_at ?? invoice.created);
  const due = dueText(invoice, issued);
  const number: [string, string][] = invoice.number === null ? [] : [['Invoice number', invoice.number]];
  return {
    id: invoice.id,
    title: invoice.number === null ? 'Draft invoice' : `Invoice ${invoice.number}`,
    number: invoice.number,
    status: invoice.status,
    statusText: invoice.status === 'open' ? `Due on ${due}` : STATUS_TEXTS[invoice.status],
    billedTo: billedTo(invoice, customer),
    facts: [...number, ['Date of issue', issued], ['Due date', due], ['Billing period', periodText(periodOf(invoice))], ...paidFact(invoice)],
    lines: shownLines(invoice).map((line) => ({
      description: line.description,
      period: line.period.start === line.period.end ? '' : periodText(line.period),
      quantity: line.quantity === null ? '' : new Intl.NumberFormat('en-US').format(line.quantity),
      amount: moneyText(line.amount, line.currency),
    })),
    sums: sumsOf(invoice),
    total: moneyText(invoice.total, invoice.currency),
    owed: invoice.status === 'open' ? moneyText(invoice.amount_remaining, invoice.currency) : null,
  };
}

/** A step of a price that nothing was used of says nothing to a customer. */
function shownLines({ lines }: InvoiceRecord): InvoiceLine[] {
  return lines.data.filter(({ amount, quantity, quantity_decimal: exact }) => amount !== 0 || Number(exact ?? quantity ?? 1) !== 0);
}

/** Stripe's own period of a first invoice has no length: what its lines are of has. */
function periodOf({ lines, period_start: start, period_end: end }: InvoiceRecord): { start: Seconds; end: Seconds } {
  const periods = lines.data.map(({ period }) => period);
  if (start !== end || periods.length === 0) return { start, end };
  return { start: Math.min(...periods.map((period) => period.start)), end: Math.max(...periods.map((period) => period.end)) };
}

/** Where nothing says when it is due, the card is charged when the invoice is made. */
function dueText(invoice: InvoiceRecord, issued: string): string {
  const due = invoice['due_date'];
  return typeof due === 'number' ? dayText(due) : issued;
}

function paidFact({ status_transitions: { paid_at: paidAt } }: InvoiceRecord): [string, string][] {
  return paidAt === null ? [] : [['Paid on', dayText(paidAt)]];
}

function billedTo(invoice: InvoiceRecord, customer: CustomerRecord | undefined): string[] {
  const text = (value: unknown): string[] => (typeof value === 'string' && value.trim() !== '' ? [value] : []);
  const address = (customer?.['address'] ?? null) as Record<string, unknown> | null;
  const town = [...text(address?.['postal_code']), ...text(address?.['city'])].join(' ');
  const known = [customer?.name ?? invoice['customer_name'], customer?.email ?? invoice['customer_email'], address?.['line1'], address?.['line2'], town, address?.['state'], address?.['country']].flatMap(text);
  return known.length === 0 ? [invoice.customer] : known;
}

function sumsOf(invoice: InvoiceRecord): [string, string][] {
  const { currency, subtotal, total, starting_balance: before, ending_balance: after, amount_due: due } = invoice;
  const discount = invoice.total_discount_amounts.reduce((sum, { amount }) => sum + amount, 0);
  const tax = total - (subtotal - discount);
  const applied = (after ?? before) - before;
  const rows: [string, number | null][] = [
    ['Subtotal', subtotal],
    ['Discount', discount === 0 ? null : -discount],
    ['Tax', tax],
    ['Total', total],
    [applied > 0 ? 'Credit used' : 'Kept as credit', applied === 0 ? null : -applied],
    ['Amount due', invoice.status === 'paid' ? 0 : due],
  ];
  return rows.flatMap(([name, amount]) => (amount === null ? [] : [[name, moneyText(amount, currency)]]));
}

function periodText({ start, end }: { start: Seconds; end: Seconds }): string {
  return `${dayText(start)} – ${dayText(end)}`;
}

function dayText(at: Seconds): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(at * 1000));
}
