import { customerDeleted } from '../billing/customer-deleted.ts';
import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, getObjectOrStub, needObject } from '../find-object.ts';
import { createdIn, list, searchPage } from '../lists.ts';
import { boolean, createdRange, given, hash, integer, listParams, metadata, oneOf, params, searchParams, text, unsettable, withMetadata, array } from '../params.ts';
import { attachPaymentMethod, detachPaymentMethod } from '../payment-methods/attach.ts';
import { findPaymentMethod, PAYMENT_METHODS, type PaymentMethodRecord } from '../payment-methods/payment-method-records.ts';
import { searchTest } from '../search.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { emptyCustomer } from './create-customer.ts';
import { CUSTOMERS, type CustomerRecord } from './customer-records.ts';

const URL = '/v1/customers';

const line = unsettable(text()).optional();
const address = hash({ city: line, country: line, line1: line, line2: line, postal_code: line, state: line }).transform((lines) => ({ city: null, country: null, line1: null, line2: null, postal_code: null, state: null, ...given(lines) }));
const invoiceSettings = hash({
  default_payment_method: unsettable(text()).optional(),
  footer: unsettable(text()).optional(),
  custom_fields: unsettable(array(hash({ name: text(40), value: text(140) }), { max: 4 })).optional(),
  rendering_options: unsettable(hash({ amount_tax_display: unsettable(oneOf('exclude_tax', 'include_inclusive_tax')).optional(), template: text().optional() })).optional(),
});

const fields = {
  address: unsettable(address).optional(),
  balance: integer().optional(),
  business_name: unsettable(text(150)).optional(),
  individual_name: unsettable(text(150)).optional(),
  description: unsettable(text()).optional(),
  email: unsettable(text(800)).optional(),
  invoice_prefix: text(12).optional(),
  invoice_settings: invoiceSettings.optional(),
  metadata: metadata().optional(),
  name: unsettable(text(256)).optional(),
  next_invoice_sequence: integer({ min: 1 }).optional(),
  phone: unsettable(text(20)).optional(),
  preferred_locales: array(text(20)).optional(),
  shipping: unsettable(hash({ address, name: text(), phone: text().optional() })).optional(),
  tax_exempt: unsettable(oneOf('exempt', 'none', 'reverse')).optional(),
  validate: boolean().optional(),
};

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({ ...fields, payment_method: text().optional(), test_clock: text().optional() }),
  run({ simulation, params: { payment_method, test_clock = null, invoice_settings, validate: _validate, expand: _expand, ...rest } }) {
    if (test_clock !== null) needObject(simulation, 'test_helpers.test_clock', test_clock, 'test_clock');
    const customer = simulation.store.put<CustomerRecord>(CUSTOMERS, {
      ...emptyCustomer(simulation, test_clock),
      ...given(rest),
      tax_exempt: rest.tax_exempt ?? 'none',
      metadata: withMetadata({}, rest.metadata),
    });
    if (payment_method !== undefined) attachPaymentMethod(simulation, payment_method, customer);
    const settled = changeObject(simulation, CUSTOMERS, customer, { invoice_settings: settingsOf(simulation, customer, invoice_settings) }, null);
    simulation.emit('customer.created', settled);
    return settled;
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObjectOrStub(simulation, CUSTOMERS, path['id']) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params(fields),
  run({ simulation, path, params: { validate: _validate, expand: _expand, metadata: change, invoice_settings, ...rest } }) {
    const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, path['id']);
    const changes: Partial<CustomerRecord> = { ...given(rest), invoice_settings: settingsOf(simulation, customer, invoice_settings), metadata: withMetadata(customer.metadata, change) };
    return changeObject(simulation, CUSTOMERS, customer, changes, 'customer.updated');
  },
});

const remove = endpoint({
  method: 'DELETE',
  path: `${URL}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, path['id']);
    customerDeleted(simulation, customer.id);
    for (const method of simulation.store.by<PaymentMethodRecord>(PAYMENT_METHODS, 'customer', customer.id)) detachPaymentMethod(simulation, method);
    simulation.emit('customer.deleted', getObject<CustomerRecord>(simulation, CUSTOMERS, customer.id));
    return simulation.store.put(CUSTOMERS, { id: customer.id, object: 'customer', deleted: true });
  },
});

const listCustomers = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ created: createdRange().optional(), email: text().optional(), test_clock: text().optional() }),
  run({ simulation, params: { email, test_clock, created, ...page } }) {
    const all = email === undefined ? allObjects<CustomerRecord>(simulation, CUSTOMERS) : simulation.store.by<CustomerRecord>(CUSTOMERS, 'email', email);
    return list(createdIn(all, created).filter((customer) => customer.test_clock === (test_clock ?? null)), page, URL);
  },
});

const search = endpoint({
  method: 'GET',
  path: `${URL}/search`,
  params: searchParams(),
  run: ({ simulation, params: { query, ...page } }) => searchPage(allObjects<CustomerRecord>(simulation, CUSTOMERS).filter(searchTest(query)), page, `${URL}/search`),
});

const listPaymentMethods = endpoint({
  method: 'GET',
  path: `${URL}/:id/payment_methods`,
  params: listParams({ type: text().optional() }),
  run({ simulation, path, params: { type, ...page } }) {
    const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, path['id']);
    const methods = simulation.store.by<PaymentMethodRecord>(PAYMENT_METHODS, 'customer', customer.id).filter((method) => type === undefined || method.type === type);
    return list(methods, page, `${URL}/${customer.id}/payment_methods`);
  },
});

const retrievePaymentMethod = endpoint({
  method: 'GET',
  path: `${URL}/:id/payment_methods/:method`,
  params: params({}),
  run({ simulation, path }) {
    const customer = getObject<CustomerRecord>(simulation, CUSTOMERS, path['id']);
    const method = getObject<PaymentMethodRecord>(simulation, PAYMENT_METHODS, path['method']);
    if (method.customer !== customer.id) throw StripeError.notFound(PAYMENT_METHODS, method.id);
    return method;
  },
});

export const customerEndpoints: Endpoint[] = [create, retrieve, update, remove, listCustomers, search, listPaymentMethods, retrievePaymentMethod];

function settingsOf(simulation: Simulation, customer: CustomerRecord, change: { default_payment_method?: string | null | undefined } | undefined): CustomerRecord['invoice_settings'] {
  const { default_payment_method: id } = change ?? {};
  const settings = { ...customer.invoice_settings, ...change } as CustomerRecord['invoice_settings'];
  if (id === undefined || id === null) return settings;
  const method = findPaymentMethod(simulation, id);
  if (method === undefined) throw StripeError.missing(PAYMENT_METHODS, id, 'invoice_settings[default_payment_method]');
  if (method.customer !== customer.id) {
    throw StripeError.invalid(`The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`, { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' });
  }
  return { ...settings, default_payment_method: method.id };
}
