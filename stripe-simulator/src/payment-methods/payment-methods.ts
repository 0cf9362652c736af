import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { hash, integer, listParams, metadata, oneOf, params, text, unsettable, withMetadata } from '../params.ts';
import { StripeError } from '../stripe-error.ts';
import { attachPaymentMethod, detachPaymentMethod } from './attach.ts';
import { cardByToken } from './cards.ts';
import { createPaymentMethod, findPaymentMethod, PAYMENT_METHODS, type PaymentMethodRecord } from './payment-method-records.ts';

const URL = '/v1/payment_methods';
const UNSAFE = 'Sending credit card numbers directly to the Stripe API is generally unsafe. Use a token (card[token]=tok_visa) or a test payment method (pm_card_visa).';

const card = hash({ token: text().optional(), number: text().optional(), exp_month: integer().optional(), exp_year: integer().optional(), cvc: text().optional() });
const billingDetails = hash({ email: unsettable(text()).optional(), name: unsettable(text()).optional(), phone: unsettable(text()).optional() });

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({ type: oneOf('card'), card: card.optional(), billing_details: billingDetails.optional(), metadata: metadata().optional() }),
  run({ simulation, params: { card: given, billing_details, metadata: change } }) {
    if (given?.number !== undefined) throw new StripeError('invalid_request_error', 402, UNSAFE, { param: 'card[number]' });
    if (given?.token === undefined) throw StripeError.invalid('Missing required param: card[token].', { code: 'parameter_missing', param: 'card[token]' });
    const known = cardByToken(given.token);
    if (known === undefined) throw StripeError.missing('token', given.token, 'card[token]');
    const method = createPaymentMethod(simulation, known);
    return changeObject(simulation, PAYMENT_METHODS, method, { billing_details: { ...(method['billing_details'] as object), ...billing_details }, metadata: withMetadata({}, change) }, null);
  },
});

const retrieve = endpoint({
  method: 'GET',
  path: `${URL}/:id`,
  params: params({}),
  run({ simulation, path: { id = '' } }) {
    const found = findPaymentMethod(simulation, id);
    if (found === undefined) throw StripeError.notFound(PAYMENT_METHODS, id);
    return found;
  },
});

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ metadata: metadata().optional(), billing_details: billingDetails.optional(), card: hash({ exp_month: integer({ min: 1, max: 12 }).optional(), exp_year: integer({ min: 2000, max: 2100 }).optional() }).optional(), allow_redisplay: oneOf('always', 'limited', 'unspecified').optional() }),
  run({ simulation, path, params: { metadata: change, billing_details, card: expiry, allow_redisplay } }) {
    const method = getObject<PaymentMethodRecord>(simulation, PAYMENT_METHODS, path['id']);
    if (method.customer === null) throw StripeError.invalid('You must save this PaymentMethod to a customer before you can update it.');
    const changes = {
      metadata: withMetadata(method.metadata, change),
      billing_details: { ...(method['billing_details'] as object), ...billing_details },
      card: { ...method.card, exp_month: expiry?.exp_month ?? method.card.exp_month, exp_year: expiry?.exp_year ?? method.card.exp_year },
      ...(allow_redisplay === undefined ? {} : { allow_redisplay }),
    };
    return changeObject(simulation, PAYMENT_METHODS, method, changes, 'payment_method.updated');
  },
});

const attach = endpoint({
  method: 'POST',
  path: `${URL}/:id/attach`,
  params: params({ customer: text() }),
  run: ({ simulation, path: { id = '' }, params: { customer } }) => attachPaymentMethod(simulation, id, needObject<CustomerRecord>(simulation, CUSTOMERS, customer, 'customer')),
});

const detach = endpoint({
  method: 'POST',
  path: `${URL}/:id/detach`,
  params: params({}),
  run({ simulation, path }) {
    const method = getObject<PaymentMethodRecord>(simulation, PAYMENT_METHODS, path['id']);
    if (method.customer === null) throw StripeError.invalid('The payment method you provided is not attached to a customer so detachment is impossible.');
    return detachPaymentMethod(simulation, method);
  },
});

const listMethods = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ customer: text().optional(), type: text().optional() }),
  run({ simulation, params: { customer, type, ...page } }) {
    if (customer === undefined) return list([], page, URL);
    needObject(simulation, CUSTOMERS, customer, 'customer');
    return list(simulation.store.by<PaymentMethodRecord>(PAYMENT_METHODS, 'customer', customer).filter((method) => type === undefined || method.type === type), page, URL);
  },
});

export const paymentMethodEndpoints: Endpoint[] = [create, retrieve, update, attach, detach, listMethods];
