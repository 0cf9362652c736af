import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { integer, listParams, metadata, oneOf, params, text, withMetadata } from '../params.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import type { StripeObject } from '../store.ts';
import { StripeError } from '../stripe-error.ts';
import { type InvoiceRecord, INVOICES } from './billing-records.ts';
import { markPaid } from './settle-invoice.ts';

const CREDIT_NOTES = 'credit_note';
const URL_ = '/v1/credit_notes';

interface CreditNoteRecord extends StripeObject {
  amount: number;
  created: Seconds;
  customer: string;
  invoice: string;
}

/** What can still be credited: of an open invoice what is owed, of a paid one what was not credited before. */
function creditable(simulation: Simulation, invoice: InvoiceRecord): number {
  if (invoice.status === 'open') return invoice.amount_remaining;
  const credited = simulation.store.by<CreditNoteRecord>(CREDIT_NOTES, 'invoice', invoice.id).reduce((sum, { amount }) => sum + amount, 0);
  return invoice.total - credited;
}

const create = endpoint({
  method: 'POST',
  path: URL_,
  params: params({ invoice: text(), amount: integer({ min: 1 }), credit_amount: integer({ min: 0 }).optional(), out_of_band_amount: integer({ min: 0 }).optional(), memo: text().optional(), metadata: metadata().optional(), reason: oneOf('duplicate', 'fraudulent', 'order_change', 'product_unsatisfactory').optional() }),
  run({ simulation, params: given }) {
    const invoice = needObject<InvoiceRecord>(simulation, INVOICES, given.invoice, 'invoice');
    if (invoice.status !== 'open' && invoice.status !== 'paid') throw StripeError.invalid('Credit notes can only be created for open or paid invoices.', { param: 'invoice' });
    if (given.amount > creditable(simulation, invoice)) throw StripeError.invalid('The credit note amount is more than what can still be credited on the invoice.', { param: 'amount' });
    const isPaid = invoice.status === 'paid';
    const toBalance = isPaid ? (given.credit_amount ?? 0) : 0;
    if (isPaid && toBalance + (given.out_of_band_amount ?? 0) !== given.amount) throw StripeError.invalid('The sum of credit_amount, refund_amount and out_of_band_amount must equal the credit note amount.', { param: 'amount' });
    const note = store(simulation, invoice, { amount: given.amount, outside: given.out_of_band_amount ?? 0, memo: given.memo ?? null, reason: given.reason ?? null, metadata: withMetadata({}, given.metadata), isPaid });
    if (isPaid) giveBack(simulation, invoice, given.amount, toBalance);
    else reduce(simulation, invoice, given.amount);
    return note;
  },
});

function store(simulation: Simulation, invoice: InvoiceRecord, of: { amount: number; outside: number; memo: string | null; reason: string | null; metadata: Record<string, string>; isPaid: boolean }): CreditNoteRecord {
  const count = simulation.store.by<CreditNoteRecord>(CREDIT_NOTES, 'invoice', invoice.id).length;
  const note = simulation.store.put<CreditNoteRecord>(CREDIT_NOTES, { id: simulation.newId('cn'), object: 'credit_note', amount: of.amount, created: simulation.now(invoice.test_clock), currency: invoice.currency, customer: invoice.customer, discount_amounts: [], invoice: invoice.id, livemode: false, memo: of.memo, metadata: of.metadata, number: `${invoice.number ?? ''}-CN-${String(count + 1).padStart(2, '0')}`, out_of_band_amount: of.outside, reason: of.reason, refunds: [], status: 'issued', subtotal: of.amount, total: of.amount, total_taxes: [], type: of.isPaid ? 'post_payment' : 'pre_payment', voided_at: null });
  simulation.emit('credit_note.created', note);
  return note;
}

function giveBack(simulation: Simulation, invoice: InvoiceRecord, amount: number, toBalance: number): void {
  changeObject(simulation, INVOICES, invoice, { post_payment_credit_notes_amount: Number(invoice['post_payment_credit_notes_amount']) + amount }, 'invoice.updated');
  const customer = simulation.store.get<CustomerRecord>(CUSTOMERS, invoice.customer);
  if (customer !== undefined && toBalance > 0) changeObject(simulation, CUSTOMERS, customer, { balance: customer.balance - toBalance }, 'customer.updated');
}

/** Less is owed; nothing at all, and it is paid. */
function reduce(simulation: Simulation, invoice: InvoiceRecord, amount: number): void {
  const left = invoice.amount_remaining - amount;
  const changed = changeObject(simulation, INVOICES, invoice, { amount_due: invoice.amount_due - amount, amount_remaining: left, pre_payment_credit_notes_amount: Number(invoice['pre_payment_credit_notes_amount']) + amount }, 'invoice.updated');
  if (left === 0) markPaid(simulation, changed, null);
}

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject<CreditNoteRecord>(simulation, CREDIT_NOTES, path['id']) });

const listNotes = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ customer: text().optional(), invoice: text().optional() }),
  run({ simulation, params: { customer, invoice, ...page } }) {
    const notes = allObjects<CreditNoteRecord>(simulation, CREDIT_NOTES);
    return list(notes.filter((note) => (customer === undefined || note.customer === customer) && (invoice === undefined || note.invoice === invoice)), page, URL_);
  },
});

export const creditNoteEndpoints: Endpoint[] = [create, retrieve, listNotes];
