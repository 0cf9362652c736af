import { type PriceRecord, PRICES } from '../catalogue/catalogue-records.ts';
import { productName } from '../catalogue/sold-price.ts';
import { completeCheckout } from '../billing/complete-checkout.ts';
import { CHECKOUT_SESSIONS } from '../billing/billing-records.ts';
import type { CheckoutRecord } from '../billing/checkout-records.ts';
import { trialEndOf } from '../billing/create-subscription.ts';
import { moneyText } from '../billing/money-text.ts';
import { getObject } from '../find-object.ts';
import { TEST_CARDS } from '../payment-methods/cards.ts';
import type { PageAnswer, PageCall, PageRoute } from '../page-route.ts';
import type { Simulation } from '../simulation.ts';
import { type Html, html } from './html.ts';
import { page, redirect } from './layout.ts';

const GOOD_CARD = '4242424242424242';
const SHOWN_CARDS = ['4242424242424242', '4000000000000002', '4000000000000341', '4000002760003184'];

function sessionOf({ simulation, path }: PageCall): CheckoutRecord {
  return getObject<CheckoutRecord>(simulation, CHECKOUT_SESSIONS, path['session']);
}

function show(call: PageCall, problem: string | null = null): PageAnswer {
  const session = sessionOf(call);
  if (session.status !== 'open') return closedPage(session);
  const { simulation } = call;
  const items = session.internal.items.map((item) => ({ ...item, priced: getObject<PriceRecord>(simulation, PRICES, item.price) }));
  const base = items.find(({ quantity }) => quantity !== null);
  const total = base === undefined ? 0 : (base.priced.unit_amount ?? 0) * (base.quantity ?? 1);
  const name = base === undefined ? 'Subscription' : productName(simulation, base.priced);
  const content = html`<section><h1>Subscribe to ${name}</h1><p class="price">${moneyText(total, base?.priced.currency ?? 'usd')} <small class="soft">per ${base?.priced.recurring?.interval ?? 'month'}</small></p>
${trialText(simulation, session)}
<h2>And for what you use</h2><table>${items.filter(({ quantity }) => quantity === null).map(({ priced }) => meteredRow(simulation, priced))}</table>
${session.cancel_url === null ? null : html`<p class="small"><a href="${session.cancel_url}">Cancel and go back</a></p>`}</section>
<section><h1>Pay by card</h1>${problem === null ? null : html`<p class="bad" role="alert">${problem}</p>`}
<form method="post"><label for="card">Card number</label><input id="card" name="card" inputmode="numeric" autocomplete="off" value="${call.form['card'] ?? GOOD_CARD}"${session.payment_method_collection === 'if_required' ? null : html` required`}>
${session.allow_promotion_codes === true ? html`<label for="promotion_code">Promotion code</label><input id="promotion_code" name="promotion_code" autocomplete="off" value="${call.form['promotion_code'] ?? ''}">` : null}
<button type="submit">Subscribe</button></form>
<h2>Test cards</h2><table class="small">${SHOWN_CARDS.map((number) => html`<tr><td><code>${number.replaceAll(/(\d{4})(?=\d)/g, '$1 ')}</code></td><td>${TEST_CARDS.find((card) => card.number === number)?.note ?? ''}</td></tr>`)}</table></section>`;
  return page(`Subscribe to ${name}`, content, problem === null ? 200 : 402);
}

function trialText(simulation: Simulation, { internal }: CheckoutRecord): Html | null {
  const end = trialEndOf(simulation.now(), { ...(internal.trialEnd === null ? {} : { trial_end: internal.trialEnd }), ...(internal.trialDays === null ? {} : { trial_period_days: internal.trialDays }) });
  if (end === null) return html`<p class="soft">Charged today, and then each period in advance.</p>`;
  return html`<p class="good">Free until ${new Intl.DateTimeFormat('en-US', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(end * 1000))}: nothing is charged today.</p>`;
}

function meteredRow(simulation: Simulation, price: PriceRecord): Html {
  const tiers = price.tiers?.map((tier, index, all) => {
    const from = index === 0 ? 'first' : 'beyond';
    const upTo = tier.up_to === null ? (index === 0 ? 'each' : `beyond ${all[index - 1]?.up_to ?? ''}`) : `${from} ${tier.up_to}`;
    const each = Number(tier.unit_amount_decimal ?? 0) === 0 ? 'included' : `${moneyText(tier.unit_amount_decimal ?? '0', price.currency)} each`;
    return html`<div>${upTo}: ${each}</div>`;
  });
  return html`<tr><td>${productName(simulation, price)}</td><td>${tiers ?? [html`${moneyText(price.unit_amount_decimal ?? '0', price.currency)} each`]}</td></tr>`;
}

function closedPage(session: CheckoutRecord): PageAnswer {
  const isDone = session.status === 'complete';
  return page(isDone ? 'Paid' : 'Expired', html`<section><h1>${isDone ? 'This has been paid' : 'This page has expired'}</h1><p class="soft">${isDone ? 'You can close it.' : 'Go back to where you came from and begin anew.'}</p>${session.success_url !== null && isDone ? html`<p><a href="${successUrl(session)}">Go on</a></p>` : null}</section>`, isDone ? 200 : 410);
}

function successUrl(session: CheckoutRecord): string {
  return (session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', session.id).replaceAll('%7BCHECKOUT_SESSION_ID%7D', session.id);
}

function pay(call: PageCall): PageAnswer {
  const session = sessionOf(call);
  if (session.status !== 'open') return closedPage(session);
  completeCheckout(call.simulation, session.id, { card: call.form['card'] ?? '', promotionCode: call.form['promotion_code'] ?? null });
  return redirect(successUrl(session));
}

export const checkoutPages: PageRoute[] = [
  { method: 'GET', path: '/c/pay/:session', run: (call) => show(call) },
  { method: 'POST', path: '/c/pay/:session', run: pay, refused: (call, error) => show(call, error.message) },
];
