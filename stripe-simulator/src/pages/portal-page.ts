import { changeObject } from '../change-object.ts';
import { productName } from '../catalogue/sold-price.ts';
import { type InvoiceRecord, INVOICES, PORTAL_SESSIONS, type SubscriptionRecord, SUBSCRIPTIONS } from '../billing/billing-records.ts';
import { moneyText } from '../billing/money-text.ts';
import type { PortalSession } from '../billing/portal-endpoints.ts';
import { periodEndOf, scheduleCycle } from '../billing/schedule-cycle.ts';
import { collectInvoice } from '../billing/settle-invoice.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { getObject } from '../find-object.ts';
import type { PageAnswer, PageCall, PageRoute } from '../page-route.ts';
import { attachPaymentMethod } from '../payment-methods/attach.ts';
import { cardByNumber } from '../payment-methods/cards.ts';
import { createPaymentMethod, PAYMENT_METHODS, type PaymentMethodRecord } from '../payment-methods/payment-method-records.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type Html, html } from './html.ts';
import { invoicePage } from './invoice-page.ts';
import { page, redirect } from './layout.ts';

function sessionOf({ simulation, path }: PageCall): PortalSession {
  return getObject<PortalSession>(simulation, PORTAL_SESSIONS, path['session']);
}

function liveOf(simulation: Simulation, customer: string): SubscriptionRecord[] {
  return simulation.store.by<SubscriptionRecord>(SUBSCRIPTIONS, 'customer', customer).filter(({ status }) => status !== 'canceled' && status !== 'incomplete_expired');
}

function show(call: PageCall, problem: string | null = null): PageAnswer {
  const { simulation } = call;
  const session = sessionOf(call);
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, session.customer);
  const subscriptions = liveOf(simulation, customer.id);
  const method = simulation.store.get<PaymentMethodRecord>(PAYMENT_METHODS, subscriptions[0]?.default_payment_method ?? customer.invoice_settings.default_payment_method ?? '');
  const invoices = simulation.store.by<InvoiceRecord>(INVOICES, 'customer', customer.id).filter(({ status }) => status !== 'draft').toReversed();
  const content = html`<section><h1>${customer.name ?? customer.email ?? 'Your account'}</h1>${problem === null ? null : html`<p class="bad" role="alert">${problem}</p>`}
<h2>Subscriptions</h2>${subscriptions.length === 0 ? html`<p class="soft">None.</p>` : html`${subscriptions.map((subscription) => subscriptionView(simulation, subscription))}`}
<h2>Card</h2><p>${method === undefined ? 'None' : `${method.card.brand} ending in ${method.card.last4}`}</p>
<form method="post"><input type="hidden" name="action" value="card"><label for="card">Another card</label><input id="card" name="card" inputmode="numeric" autocomplete="off" value="4242424242424242" required><button type="submit">Use this card</button></form>
${session.return_url === null ? null : html`<p class="small"><a href="${session.return_url}">Return</a></p>`}</section>
<section><h1>Invoices</h1>${invoices.length === 0 ? html`<p class="soft">None yet.</p>` : html`<table>${invoices.map((invoice) => html`<tr><td><a href="/i/${invoice.id}">${invoice.number ?? invoice.id}</a></td><td>${invoice.status}</td><td>${moneyText(invoice.total, invoice.currency)}</td></tr>`)}</table>`}</section>`;
  return page('Your subscription', content, problem === null ? 200 : 402);
}

function subscriptionView(simulation: Simulation, subscription: SubscriptionRecord): Html {
  const base = subscription.items.data.find(({ quantity }) => quantity !== undefined) ?? subscription.items.data[0];
  const end = new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(periodEndOf(subscription) * 1000));
  const isEnding = subscription.cancel_at !== null || subscription.cancel_at_period_end;
  const [action, label] = isEnding ? ['resume', 'Do not cancel'] : ['cancel', 'Cancel at the end of the period'];
  return html`<p><strong>${base === undefined ? 'Subscription' : productName(simulation, base.price)}</strong>, ${subscription.status}, ${isEnding ? 'ends' : 'renews'} ${end}</p><form method="post"><input type="hidden" name="action" value="${action}"><input type="hidden" name="subscription" value="${subscription.id}"><button class="plain" type="submit">${label}</button></form>`;
}

function act(call: PageCall): PageAnswer {
  const { simulation, form } = call;
  const session = sessionOf(call);
  if (form['action'] === 'card') useCard(simulation, session.customer, form['card'] ?? '');
  else if (form['action'] === 'cancel' || form['action'] === 'resume') setEnd(simulation, session.customer, form['subscription'] ?? '', form['action'] === 'cancel');
  else throw StripeError.invalid('Nothing of that name can be done here.');
  return redirect(`/p/session/${session.id}`);
}

/** For all that is to come, and for what is owed: an open invoice is tried again at its next time, or now where none is set. */
function useCard(simulation: Simulation, customerId: string, number: string): void {
  const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, customerId);
  const method = attachPaymentMethod(simulation, createPaymentMethod(simulation, cardByNumber(number)).id, customer);
  changeObject(simulation, CUSTOMERS, customer, { invoice_settings: { ...customer.invoice_settings, default_payment_method: method.id } }, 'customer.updated');
  for (const subscription of liveOf(simulation, customerId)) changeObject(simulation, SUBSCRIPTIONS, subscription, { default_payment_method: method.id }, 'customer.subscription.updated');
}

function setEnd(simulation: Simulation, customer: string, id: string, isEnding: boolean): void {
  const subscription = liveOf(simulation, customer).find((each) => each.id === id);
  if (subscription === undefined) throw StripeError.missing(SUBSCRIPTIONS, id, 'subscription');
  const changed = changeObject(simulation, SUBSCRIPTIONS, subscription, { cancel_at: isEnding ? periodEndOf(subscription) : null, cancel_at_period_end: false, canceled_at: isEnding ? simulation.now(subscription.test_clock) : null }, 'customer.subscription.updated');
  scheduleCycle(simulation, changed);
}

function payInvoice({ simulation, path }: PageCall): PageAnswer {
  const invoice = getObject<InvoiceRecord>(simulation, INVOICES, path['invoice']);
  if (invoice.status === 'open') collectInvoice(simulation, invoice);
  return redirect(`/i/${invoice.id}`);
}

export const portalPages: PageRoute[] = [
  { method: 'GET', path: '/p/session/:session', run: (call) => show(call) },
  { method: 'POST', path: '/p/session/:session', run: act, refused: (call, error) => show(call, error.message) },
  { method: 'GET', path: '/i/:invoice', run: invoicePage },
  { method: 'POST', path: '/i/:invoice', run: payInvoice },
];
