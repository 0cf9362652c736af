import type { z } from 'zod';
import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { createdIn, list, searchPage } from '../lists.ts';
import { boolean, createdRange, hash, listParams, oneOf, params, searchParams, text, timestamp } from '../params.ts';
import { findPaymentMethod, PAYMENT_METHODS } from '../payment-methods/payment-method-records.ts';
import { searchTest } from '../search.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type InvoiceRecord, INVOICES, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { cancelDraft, changeDraft } from './change-subscription.ts';
import { cycleDraft, isEnding } from './cycle.ts';
import { invoiceGivenUp } from './invoice-outcome.ts';
import { composeInvoice, counted, pendingItems } from './make-invoice.ts';
import { withTrialEnd } from './end-trial.ts';
import { planChange, prorationAt } from './plan-change.ts';
import { periodEndOf } from './schedule-cycle.ts';
import { chargeError, countFailure, finalizeInvoice, markPaid, paymentMethodOf, RETRY, voidInvoice } from './settle-invoice.ts';
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

const search = endpoint({
  method: 'GET',
  path: `${URL_}/search`,
  params: searchParams(),
  run({ simulation, params: { query, ...page } }) {
    const matches = searchTest(query);
    const found = allObjects<InvoiceRecord>(simulation, INVOICES).filter((invoice) => matches({ ...invoice, subscription: invoice.internal.subscription }));
    return searchPage(found.map((invoice) => shown(simulation, invoice)), page, `${URL_}/search`);
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

function previewOf(simulation: Simulation, stored: SubscriptionRecord, details: z.output<typeof subscriptionDetails>): InvoiceRecord {
  const at = prorationAt(simulation, stored, details.proration_date, 'subscription_details[proration_date]');
  const trialEnds = stored.status === 'trialing' ? details.trial_end : undefined;
  const subscription = trialEnds === undefined ? stored : withTrialEnd(stored, trialEnds === 'now' ? at : trialEnds);
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
    if (method === null) throw chargeError(method);
    if (given !== undefined && method.customer !== null && method.customer !== invoice.customer) throw StripeError.missing('payment_method', given, 'payment_method');
    if (given !== undefined && method.customer === null && simulation.store.get(PAYMENT_METHODS, given) !== undefined) throw StripeError.invalid(`The provided PaymentMethod was detached from its Customer, or never attached to one: it may not be used again.`, { param: 'payment_method' });
    if (method.internal.charge !== 'succeeds') {
      countFailure(simulation, invoice, method, { isLast: false });
      throw chargeError(method).keepingWrites();
    }
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
    const voided = voidInvoice(simulation, invoice);
    invoiceGivenUp(simulation, voided);
    return voided;
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
    const givenUp = changeObject(simulation, INVOICES, invoice, { status: 'uncollectible', auto_advance: false, next_payment_attempt: null, status_transitions: { ...invoice.status_transitions, marked_uncollectible_at: at } }, 'invoice.marked_uncollectible');
    invoiceGivenUp(simulation, givenUp);
    return givenUp;
  },
});

const listPayments = endpoint({
  method: 'GET',
  path: '/v1/invoice_payments',
  params: listParams({ invoice: text().optional(), payment: hash({ type: oneOf('payment_intent', 'payment_record'), payment_intent: text().optional(), payment_record: text().optional() }).optional(), status: text().optional() }),
  run({ simulation, params: { invoice, payment: wanted, status, ...page } }) {
    const found = invoice === undefined ? allObjects<InvoiceRecord>(simulation, INVOICES).flatMap(({ internal }) => internal.payments) : getObject<InvoiceRecord>(simulation, INVOICES, invoice).internal.payments;
    const matching = found.filter((payment) => (status === undefined || payment['status'] === status) && (wanted === undefined || (payment['payment'] as { payment_intent?: string }).payment_intent === wanted.payment_intent));
    return list(matching, page, '/v1/invoice_payments');
  },
});

export const invoiceEndpoints: Endpoint[] = [preview, finalize, pay, void_, markUncollectible, lines, search, retrieve, listInvoices, listPayments];
