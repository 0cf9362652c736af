import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { boolean, currency, integer, listParams, metadata, oneOf, params, text, withMetadata } from '../params.ts';
import { PAYMENT_METHODS, type PaymentMethodRecord } from '../payment-methods/payment-method-records.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { INVOICE_ITEMS, type InvoiceItemRecord, type InvoiceRecord, INVOICES, SUBSCRIPTIONS } from './billing-records.ts';
import { createInvoiceItem } from './change-subscription.ts';
import { makeLine } from './lines.ts';
import { counted, createInvoice } from './make-invoice.ts';
import { FINALIZE } from './settle-invoice.ts';

const ITEMS = '/v1/invoiceitems';

const create = endpoint({
  method: 'POST',
  path: '/v1/invoices',
  params: params({ customer: text(), auto_advance: boolean().optional(), default_payment_method: text().optional(), description: text(1_500).optional(), metadata: metadata().optional(), pending_invoice_items_behavior: oneOf('exclude', 'include').optional() }),
  run({ simulation, params: given }) {
    const customer = needObject<CustomerRecord>(simulation, CUSTOMERS, given.customer, 'customer');
    const now = simulation.now(customer.test_clock);
    const method = given.default_payment_method === undefined ? null : needObject<PaymentMethodRecord>(simulation, PAYMENT_METHODS, given.default_payment_method, 'default_payment_method');
    if (method !== null && method.customer !== customer.id) throw StripeError.invalid(`The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`, { code: 'resource_missing', param: 'default_payment_method' });
    const made = createInvoice(simulation, { customer: customer.id, subscription: null, paymentMethod: method?.id ?? null, reason: 'manual', fixed: [], metered: [], discounts: [], period: { start: now, end: now }, at: now, leavesPending: given.pending_invoice_items_behavior !== 'include' });
    const advances = given.auto_advance ?? false;
    if (advances) simulation.schedule({ at: now + simulation.settings.draftSeconds, kind: FINALIZE, subject: made.id, clock: customer.test_clock });
    return simulation.store.put<InvoiceRecord>(INVOICES, { ...made, auto_advance: advances, description: given.description ?? null, metadata: withMetadata({}, given.metadata) });
  },
});

const removeDraft = endpoint({
  method: 'DELETE',
  path: '/v1/invoices/:id',
  params: params({}),
  run({ simulation, path }) {
    const invoice = getObject<InvoiceRecord>(simulation, INVOICES, path['id']);
    if (invoice.status !== 'draft') throw StripeError.invalid('You can only delete draft invoices.', { code: 'invoice_not_editable' });
    if (invoice.internal.subscription !== null) throw StripeError.invalid("You can't delete invoices created by subscriptions.");
    simulation.unschedule(FINALIZE, invoice.id);
    for (const item of simulation.store.by<InvoiceItemRecord>(INVOICE_ITEMS, 'invoice', invoice.id)) simulation.store.put<InvoiceItemRecord>(INVOICE_ITEMS, { ...item, invoice: null });
    simulation.store.remove(INVOICES, invoice.id);
    simulation.emit('invoice.deleted', invoice);
    return { id: invoice.id, object: 'invoice', deleted: true };
  },
});

function draftOf(simulation: Simulation, id: string, customer: string): InvoiceRecord {
  const invoice = needObject<InvoiceRecord>(simulation, INVOICES, id, 'invoice');
  if (invoice.customer !== customer) throw StripeError.missing(INVOICES, id, 'invoice');
  if (invoice.status !== 'draft') throw StripeError.invalid('This invoice is no longer editable', { code: 'invoice_not_editable', param: 'invoice' });
  return invoice;
}

const createItem = endpoint({
  method: 'POST',
  path: ITEMS,
  params: params({ customer: text(), amount: integer(), currency: currency(), description: text(5_000).optional(), invoice: text().optional(), subscription: text().optional(), discountable: boolean().optional(), metadata: metadata().optional() }),
  run({ simulation, params: given }) {
    const customer = needObject<CustomerRecord>(simulation, CUSTOMERS, given.customer, 'customer');
    if (given.subscription !== undefined) needObject(simulation, SUBSCRIPTIONS, given.subscription, 'subscription');
    const draft = given.invoice === undefined ? null : draftOf(simulation, given.invoice, customer.id);
    const now = simulation.now(customer.test_clock);
    const plain = makeLine(simulation, { amount: given.amount, description: given.description ?? 'Invoice item', period: { start: now, end: now }, price: null, unitAmountDecimal: null, quantity: '1', item: null, subscription: given.subscription ?? null, proration: false, currency: given.currency });
    const item = createInvoiceItem(simulation, customer.id, { ...plain, discountable: given.discountable ?? true, metadata: withMetadata({}, given.metadata) }, given.subscription ?? null);
    if (draft === null) return item;
    simulation.store.put<InvoiceRecord>(INVOICES, counted(simulation, { ...draft, internal: { ...draft.internal, fixed: [...draft.internal.fixed, item.internal.line] } }));
    return simulation.store.put<InvoiceItemRecord>(INVOICE_ITEMS, { ...item, invoice: draft.id });
  },
});

const removeItem = endpoint({
  method: 'DELETE',
  path: `${ITEMS}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const item = getObject<InvoiceItemRecord>(simulation, INVOICE_ITEMS, path['id']);
    if (item.invoice !== null) {
      const draft = draftOf(simulation, item.invoice, item.customer);
      simulation.store.put<InvoiceRecord>(INVOICES, counted(simulation, { ...draft, internal: { ...draft.internal, fixed: draft.internal.fixed.filter(({ id }) => id !== item.internal.line.id) } }));
    }
    simulation.store.remove(INVOICE_ITEMS, item.id);
    simulation.emit('invoiceitem.deleted', item);
    return { id: item.id, object: 'invoiceitem', deleted: true };
  },
});

const retrieveItem = endpoint({ method: 'GET', path: `${ITEMS}/:id`, params: params({}), run: ({ simulation, path }) => getObject<InvoiceItemRecord>(simulation, INVOICE_ITEMS, path['id']) });

const listItems = endpoint({
  method: 'GET',
  path: ITEMS,
  params: listParams({ customer: text().optional(), invoice: text().optional(), pending: boolean().optional() }),
  run({ simulation, params: { customer, invoice, pending, ...page } }) {
    const found = customer === undefined ? allObjects<InvoiceItemRecord>(simulation, INVOICE_ITEMS) : simulation.store.by<InvoiceItemRecord>(INVOICE_ITEMS, 'customer', customer);
    return list(found.filter((item) => (invoice === undefined || item.invoice === invoice) && (pending === undefined || (item.invoice === null) === pending)), page, ITEMS);
  },
});

export const manualInvoiceEndpoints: Endpoint[] = [create, removeDraft, createItem, removeItem, retrieveItem, listItems];
