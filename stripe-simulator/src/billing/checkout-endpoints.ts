import { type PriceRecord, PRICES } from '../catalogue/catalogue-records.ts';
import { needSoldPrice } from '../catalogue/sold-price.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { array, boolean, hash, integer, listParams, metadata, oneOf, params, text, timestamp, url, withMetadata } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { CHECKOUT_SESSIONS } from './billing-records.ts';
import { CHECKOUT_EXPIRES, type CheckoutRecord, expireCheckout, lineItemsOf } from './checkout-records.ts';
import { checkDiscount } from './check-discount.ts';
import type { DiscountParam } from './discounting.ts';
import { ratePrice } from './rating.ts';
import { discountParams } from './subscription-params.ts';

const URL_ = '/v1/checkout/sessions';
const DAY = 86_400;
const NEAREST_TRIAL_END = 2 * DAY;
const NEAREST_EXPIRY = 1_800;

const lineItem = hash({ price: text(), quantity: integer({ min: 1, max: 999_999 }).optional() });
const subscriptionData = hash({
  description: text(500).optional(),
  metadata: metadata().optional(),
  trial_end: timestamp().optional(),
  trial_period_days: integer({ min: 1, max: 730 }).optional(),
  trial_settings: hash({ end_behavior: hash({ missing_payment_method: oneOf('cancel', 'create_invoice', 'pause') }) }).optional(),
  billing_mode: hash({ type: oneOf('flexible', 'classic'), flexible: hash({ proration_discounts: oneOf('included', 'itemized').optional() }).optional() }).optional(),
});

const create = endpoint({
  method: 'POST',
  path: URL_,
  params: params({
    allow_promotion_codes: boolean().optional(),
    cancel_url: url().optional(),
    client_reference_id: text(200).optional(),
    customer: text().optional(),
    customer_email: text(800).optional(),
    discounts: discountParams.optional(),
    expires_at: timestamp().optional(),
    line_items: array(lineItem),
    metadata: metadata().optional(),
    mode: oneOf('payment', 'setup', 'subscription'),
    payment_method_collection: oneOf('always', 'if_required').optional(),
    subscription_data: subscriptionData.optional(),
    success_url: url().optional(),
    ui_mode: oneOf('hosted_page').optional(),
    locale: text(10).optional(),
  }),
  run({ simulation, origin, params: given }) {
    if (given.mode !== 'subscription') throw new StripeError('api_error', 501, `Checkout in mode ${given.mode} is not simulated.`);
    const customer = given.customer === undefined ? null : needObject<CustomerRecord>(simulation, CUSTOMERS, given.customer, 'customer');
    const now = simulation.now(customer?.test_clock ?? null);
    if (given.success_url === undefined) throw StripeError.invalid('Missing required param: success_url.', { code: 'parameter_missing', param: 'success_url' });
    if (given.allow_promotion_codes !== undefined && given.discounts !== undefined) throw StripeError.invalid('You may only specify one of these parameters: allow_promotion_codes, discounts.', { param: 'discounts' });
    const items = given.line_items.map((item, index) => checkedItem(simulation, item, index));
    refuseDiscounts(simulation, given.discounts ?? [], { customer: customer?.id ?? '', items });
    const { subscription_data: data } = given;
    if (data?.trial_end !== undefined && data.trial_period_days !== undefined) throw StripeError.invalid('You may only specify one of these parameters: subscription_data[trial_end], subscription_data[trial_period_days].', { param: 'subscription_data[trial_end]' });
    if (data?.trial_end !== undefined && data.trial_end < now + NEAREST_TRIAL_END) throw StripeError.invalid('The `trial_end` date has to be at least 2 days in the future.', { param: 'subscription_data[trial_end]' });
    const expires = given.expires_at ?? now + DAY;
    if (expires < now + NEAREST_EXPIRY || expires > now + DAY) throw StripeError.invalid('The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.', { param: 'expires_at' });
    const id = simulation.newId('cs_test');
    const session = simulation.store.put<CheckoutRecord>(CHECKOUT_SESSIONS, {
      id,
      object: 'checkout.session',
      allow_promotion_codes: given.allow_promotion_codes ?? null,
      amount_subtotal: null,
      amount_total: null,
      cancel_url: given.cancel_url ?? null,
      client_reference_id: given.client_reference_id ?? null,
      created: now,
      currency: needObject<PriceRecord>(simulation, PRICES, items[0]?.price ?? '', 'line_items[0][price]').currency,
      customer: customer?.id ?? null,
      customer_details: null,
      customer_email: given.customer_email ?? null,
      discounts: (given.discounts ?? []).map(({ coupon = null, promotion_code = null }) => ({ coupon, promotion_code })),
      expires_at: expires,
      invoice: null,
      livemode: false,
      locale: given.locale ?? null,
      metadata: withMetadata({}, given.metadata),
      mode: 'subscription',
      payment_intent: null,
      payment_method_collection: given.payment_method_collection ?? 'always',
      payment_status: 'unpaid',
      setup_intent: null,
      status: 'open',
      subscription: null,
      success_url: given.success_url,
      total_details: null,
      ui_mode: 'hosted_page',
      url: `${origin}/c/pay/${id}`,
      internal: {
        items,
        discounts: given.discounts ?? [],
        trialEnd: data?.trial_end ?? null,
        trialDays: data?.trial_period_days ?? null,
        subscriptionMetadata: withMetadata({}, data?.metadata),
        description: data?.description ?? null,
        missingPaymentMethod: data?.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
      },
    });
    simulation.schedule({ at: expires, kind: CHECKOUT_EXPIRES, subject: id, clock: customer?.test_clock ?? null });
    return session;
  },
});

/** What cannot be taken off this purchase is refused when the session is made, not when it is paid. */
function refuseDiscounts(simulation: Simulation, discounts: readonly DiscountParam[], { customer, items }: { customer: string; items: CheckoutRecord['internal']['items'] }): void {
  const prices = items.map((item) => ({ quantity: item.quantity, price: needObject<PriceRecord>(simulation, PRICES, item.price, 'line_items[0][price]') }));
  const amount = prices.flatMap(({ price, quantity }) => (quantity === null ? [] : ratePrice(price, String(quantity)))).reduce((sum, part) => sum + part.amount, 0);
  for (const discount of discounts) checkDiscount(simulation, discount, { customer, currency: prices[0]?.price.currency ?? 'usd', amount });
}

function checkedItem(simulation: Simulation, { price: id, quantity }: { price: string; quantity?: number | undefined }, index: number): CheckoutRecord['internal']['items'][number] {
  const price = needSoldPrice(simulation, id, `line_items[${index}][price]`);
  if (price.recurring === null) throw new StripeError('api_error', 501, 'One-time prices in Checkout are not simulated.');
  const metered = price.recurring.usage_type === 'metered';
  if (metered && quantity !== undefined) throw StripeError.invalid(`Quantity should not be specified where usage_type is \`metered\`. Remove quantity from \`line_items[${index}]\``, { param: `line_items[${index}][quantity]` });
  if (!metered && quantity === undefined) throw StripeError.invalid(`Quantity is required. Add \`quantity\` to \`line_items[${index}]\``, { param: `line_items[${index}][quantity]` });
  return { id: simulation.newId('li'), price: id, quantity: quantity ?? null };
}

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject<CheckoutRecord>(simulation, CHECKOUT_SESSIONS, path['id']) });

const lineItems = endpoint({
  method: 'GET',
  path: `${URL_}/:id/line_items`,
  params: listParams({}),
  run: ({ simulation, path, params: page }) => list(lineItemsOf(simulation, getObject<CheckoutRecord>(simulation, CHECKOUT_SESSIONS, path['id'])).toReversed(), page, `${URL_}/${path['id'] ?? ''}/line_items`),
});

const listSessions = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ customer: text().optional(), subscription: text().optional(), status: oneOf('complete', 'expired', 'open').optional() }),
  run({ simulation, params: { customer, subscription, status, ...page } }) {
    const found = customer === undefined ? allObjects<CheckoutRecord>(simulation, CHECKOUT_SESSIONS) : simulation.store.by<CheckoutRecord>(CHECKOUT_SESSIONS, 'customer', customer);
    return list(found.filter((session) => (subscription === undefined || session.subscription === subscription) && (status === undefined || session.status === status)), page, URL_);
  },
});

const expire = endpoint({
  method: 'POST',
  path: `${URL_}/:id/expire`,
  params: params({}),
  run({ simulation, path }) {
    const session = getObject<CheckoutRecord>(simulation, CHECKOUT_SESSIONS, path['id']);
    if (session.status !== 'open') throw StripeError.invalid(`Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`);
    return expireCheckout(simulation, session);
  },
});

export const checkoutEndpoints: Endpoint[] = [create, retrieve, lineItems, listSessions, expire];
