import { z } from 'zod';
import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { boolean, createdRange, currency, hash, integer, listParams, metadata, oneOf, params, text, timestamp, withMetadata } from '../params.ts';
import { findPaymentMethod } from '../payment-methods/payment-method-records.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { INVOICE_ITEMS, type InvoiceItemRecord, type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { cancelDraft, changeDraft, createInvoiceItem } from './change-subscription.ts';
import { cycleDraft, isEnding } from './cycle.ts';
import { makeLine } from './lines.ts';
import { composeInvoice, counted, pendingItems } from './make-invoice.ts';
import { planChange } from './plan-change.ts';
import { periodEndOf } from './schedule-cycle.ts';
import { chargeError, finalizeInvoice, markPaid, paymentMethodOf, RETRY, voidInvoice } from './settle-invoice.ts';
import { anchor, cancelAt, itemChanges, prorationBehavior, trialEnd } from './subscription-params.ts';

const URL_ = '/v1/invoices';

/** A draft's usage goes on: it is shown as it stands. */
function shown(simulation: Simulation, invoice: InvoiceRecord): InvoiceRecord {
  return invoice.status === 'draft' ? counted(simulation, invoice) : invoice;
}

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => shown(simulation, getObject<InvoiceRecord>(simulation, INVOICES, path['id'])) });

const listInvoices = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ customer: text().optional(), subscription: text().optional(), status: oneOf('draft', 'open', 'paid', 'uncollectible', 'void').optional(), created: createdRange().optional() }),
  run({ simulation, params: { customer, subscription, status, created, ...page } }) {
    const found = customer === undefined ? allObjects<InvoiceRecord>(simulation, INVOICES) : simulation.store.by<InvoiceRecord>(INVOICES, 'customer', customer);
    const matching = found.filter((invoice) => (subscription === undefined || invoice.internal.subscription === subscription) && (status === undefined || invoice.status === status));
    const answer = list(createdIn(matching, created), page, URL_);
    return { ...answer, data: answer.data.map((invoice) => shown(simulation, invoice)) };
  },
});

const lines = endpoint({
  method: 'GET',
  path: `${URL_}/:id/lines`,
  params: listParams({}),
  run: ({ simulation, path, params: page }) => list(shown(simulation, getObject<InvoiceRecord>(simulation, INVOICES, path['id'])).lines.data.toReversed(), page, `${URL_}/${path['id'] ?? ''}/lines`),
});

const subscriptionDetails = hash({
  billing_cycle_anchor: anchor.optional(),
  cancel_at: cancelAt.optional(),
  cancel_at_period_end: boolean().optional(),
  cancel_now: boolean().optional(),
  items: itemChanges.optional(),
  proration_behavior: prorationBehavior.optional(),
  proration_date: timestamp().optional(),
  trial_end: trialEnd.optional(),
});

const preview = endpoint({
  method: 'POST',
  path: `${URL_}/create_preview`,
  params: params({ customer: text().optional(), subscription: text().optional(), preview_mode: oneOf('next', 'recurring').optional(), subscription_details: subscriptionDetails.optional() }),
  run({ simulation, params: { customer, subscription: id, subscription_details: details = {} } }) {
    if (id === undefined) throw new StripeError('api_error', 501, 'A preview without a subscription is not simulated.');
    const subscription = needObject<SubscriptionRecord>(simulation, SUBSCRIPTIONS, id, 'subscription');
    if (customer !== undefined && customer !== subscription.customer) throw StripeError.missing(SUBSCRIPTIONS, id, 'subscription');
    if (subscription.status === 'canceled' || subscription.status === 'incomplete_expired') throw StripeError.invalid('No upcoming invoices for customer', { code: 'invoice_upcoming_none' });
    return previewOf(simulation, subscription, details);
  },
});

function previewOf(simulation: Simulation, subscription: SubscriptionRecord, details: z.output<typeof subscriptionDetails>): InvoiceRecord {
  const at = details.proration_date ?? simulation.now(subscription.test_clock);
  const upcoming = simulation.newId('upcoming_in');
  const waiting = pendingItems(simulation, subscription.customer, subscription.id).map(({ internal }) => internal.line);
  if (details.cancel_now === true) return composeInvoice(simulation, { ...cancelDraft(simulation, subscription, { prorate: details.proration_behavior !== 'none', at }), fixed: [...cancelDraft(simulation, subscription, { prorate: details.proration_behavior !== 'none', at }).fixed, ...waiting] }, upcoming);
  const behavior = details.proration_behavior ?? 'create_prorations';
  const isChange = details.items !== undefined || details.billing_cycle_anchor?.type === 'now';
  const planned = isChange ? planChange(simulation, subscription, { items: details.items ?? [], prorationBehavior: behavior, at, anchorNow: details.billing_cycle_anchor?.type === 'now' }) : null;
  if (planned !== null && subscription.status !== 'trialing' && (planned.ahead.length > 0 || behavior === 'always_invoice')) {
    const draft = changeDraft(subscription, planned, at);
    return composeInvoice(simulation, { ...draft, fixed: [...draft.fixed, ...waiting] }, upcoming);
  }
  const changed = planned === null ? subscription : { ...subscription, items: { ...subscription.items, data: planned.items } };
  const ends = details.cancel_at_period_end ?? (details.cancel_at === undefined ? isEnding(subscription, periodEndOf(subscription)) : details.cancel_at !== null);
  const { items: _items, ...draft } = cycleDraft(simulation, changed, { isLast: ends });
  return composeInvoice(simulation, { ...draft, fixed: [...draft.fixed, ...(planned?.prorations ?? []), ...waiting], metered: [...draft.metered, ...(planned?.metered ?? [])] }, upcoming);
}

const finalize = endpoint({
  method: 'POST',
  path: `${URL_}/:id/finalize`,
  params: params({ auto_advance: boolean().optional() }),
  run: ({ simulation, path, params: { auto_advance: advance } }) => finalizeInvoice(simulation, path['id'] ?? '', { collect: advance ?? true }),
});

const pay = endpoint({
  method: 'POST',
  path: `${URL_}/:id/pay`,
  params: params({ payment_method: text().optional(), paid_out_of_band: boolean().optional(), off_session: boolean().optional() }),
  run({ simulation, path, params: { payment_method: given, paid_out_of_band: outside } }) {
    const found = getObject<InvoiceRecord>(simulation, INVOICES, path['id']);
    const invoice = found.status === 'draft' ? finalizeInvoice(simulation, found.id, { collect: false }) : found;
    if (invoice.status === 'paid') {
      if (found.status === 'draft') return invoice;
      throw StripeError.invalid('Invoice is already paid', { code: 'invoice_already_paid' });
    }
    if (invoice.status === 'void') throw StripeError.invalid('Voided invoices cannot be paid.');
    if (outside === true) return markPaid(simulation, invoice, null);
    const method = given === undefined ? paymentMethodOf(simulation, invoice) : (findPaymentMethod(simulation, given) ?? null);
    if (method === null || method.internal.charge !== 'succeeds') throw chargeError(method);
    return markPaid(simulation, invoice, method);
  },
});

const void_ = endpoint({
  method: 'POST',
  path: `${URL_}/:id/void`,
  params: params({}),
  run({ simulation, path }) {
    const invoice = getObject<InvoiceRecord>(simulation, INVOICES, path['id']);
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible') throw StripeError.invalid('You can only void an open or uncollectible invoice.');
    return voidInvoice(simulation, invoice);
  },
});

const markUncollectible = endpoint({
  method: 'POST',
  path: `${URL_}/:id/mark_uncollectible`,
  params: params({}),
  run({ simulation, path }) {
    const invoice = getObject<InvoiceRecord>(simulation, INVOICES, path['id']);
    if (invoice.status !== 'open') throw StripeError.invalid('You can only mark an open invoice as uncollectible.');
    simulation.unschedule(RETRY, invoice.id);
    const at = simulation.now(invoice.test_clock);
    return changeObject(simulation, INVOICES, invoice, { status: 'uncollectible', auto_advance: false, next_payment_attempt: null, status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: at } }, 'invoice.marked_uncollectible');
  },
});

const listPayments = endpoint({
  method: 'GET',
  path: '/v1/invoice_payments',
  params: listParams({ invoice: text().optional(), status: text().optional() }),
  run: ({ simulation, params: { invoice, status, ...page } }) => list((invoice === undefined ? allObjects<InvoiceRecord>(simulation, INVOICES).flatMap(({ internal }) => internal.payments) : getObject<InvoiceRecord>(simulation, INVOICES, invoice).internal.payments).filter((payment) => status === undefined || payment['status'] === status), page, '/v1/invoice_payments'),
});

const createItem = endpoint({
  method: 'POST',
  path: '/v1/invoiceitems',
  params: params({ customer: text(), amount: integer(), currency: currency(), description: text(5_000).optional(), subscription: text().optional(), discountable: boolean().optional(), metadata: metadata().optional() }),
  run({ simulation, params: given }) {
    const customer = needObject<CustomerRecord>(simulation, CUSTOMERS, given.customer, 'customer');
    if (given.subscription !== undefined) needObject(simulation, SUBSCRIPTIONS, given.subscription, 'subscription');
    const now = simulation.now(customer.test_clock);
    const line = makeLine(simulation, { amount: given.amount, description: given.description ?? 'Invoice item', period: { start: now, end: now }, price: null, unitAmountDecimal: null, quantity: '1', item: null, subscription: given.subscription ?? null, proration: false, currency: given.currency });
    return createInvoiceItem(simulation, customer.id, { ...line, discountable: given.discountable ?? true, metadata: withMetadata({}, given.metadata) }, given.subscription ?? null);
  },
});

const listItems = endpoint({
  method: 'GET',
  path: '/v1/invoiceitems',
  params: listParams({ customer: text().optional(), invoice: text().optional(), pending: boolean().optional() }),
  run({ simulation, params: { customer, invoice, pending, ...page } }) {
    const found = customer === undefined ? allObjects<InvoiceItemRecord>(simulation, INVOICE_ITEMS) : simulation.store.by<InvoiceItemRecord>(INVOICE_ITEMS, 'customer', customer);
    return list(found.filter((item) => (invoice === undefined || item.invoice === invoice) && (pending === undefined || (item.invoice === null) === pending)), page, '/v1/invoiceitems');
  },
});

export const invoiceEndpoints: Endpoint[] = [preview, finalize, pay, void_, markUncollectible, lines, retrieve, listInvoices, listPayments, createItem, listItems];
