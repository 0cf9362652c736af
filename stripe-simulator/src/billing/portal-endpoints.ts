import { z } from 'zod';
import { changeObject } from '../change-object.ts';
import { CUSTOMERS, type CustomerRecord } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { array, boolean, hash, listParams, metadata, oneOf, params, text, unsettable, url, withMetadata } from '../params.ts';
import type { StripeObject } from '../store.ts';
import { StripeError } from '../stripe-error.ts';
import { PORTAL_CONFIGURATIONS, PORTAL_SESSIONS } from './billing-records.ts';

const CONFIGURATIONS = '/v1/billing_portal/configurations';

export interface PortalConfiguration extends StripeObject {
  active: boolean;
  features: Record<string, unknown>;
  is_default: boolean;
  metadata: Record<string, string>;
}

export interface PortalSession extends StripeObject {
  configuration: string;
  customer: string;
  return_url: string | null;
}

const features = hash({
  customer_update: hash({ enabled: boolean(), allowed_updates: unsettable(array(oneOf('address', 'email', 'name', 'phone', 'shipping', 'tax_id'))).optional() }).optional(),
  invoice_history: hash({ enabled: boolean() }).optional(),
  payment_method_update: hash({ enabled: boolean() }).optional(),
  subscription_cancel: hash({ enabled: boolean(), mode: oneOf('at_period_end', 'immediately').optional(), proration_behavior: oneOf('always_invoice', 'create_prorations', 'none').optional(), cancellation_reason: z.looseObject({}).optional() }).optional(),
  subscription_update: z.looseObject({}).optional(),
});
const profile = hash({ headline: unsettable(text(60)).optional(), privacy_policy_url: url().optional(), terms_of_service_url: url().optional() });
const fields = { business_profile: profile.optional(), default_return_url: unsettable(url()).optional(), metadata: metadata().optional() };

const create = endpoint({
  method: 'POST',
  path: CONFIGURATIONS,
  params: params({ ...fields, features }),
  run({ simulation, params: given }) {
    const now = simulation.now();
    const isFirst = allObjects(simulation, PORTAL_CONFIGURATIONS).length === 0;
    const configuration = simulation.store.put<PortalConfiguration>(PORTAL_CONFIGURATIONS, { id: simulation.newId('bpc'), object: 'billing_portal.configuration', active: true, application: null, business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null, ...given.business_profile }, created: now, default_return_url: given.default_return_url ?? null, features: given.features, is_default: isFirst, livemode: false, login_page: { enabled: false, url: null }, metadata: withMetadata({}, given.metadata), name: null, updated: now });
    simulation.emit('billing_portal.configuration.created', configuration);
    return configuration;
  },
});

const update = endpoint({
  method: 'POST',
  path: `${CONFIGURATIONS}/:id`,
  params: params({ ...fields, features: features.optional(), active: boolean().optional() }),
  run({ simulation, path, params: given }) {
    const found = getObject<PortalConfiguration>(simulation, PORTAL_CONFIGURATIONS, path['id']);
    return changeObject(simulation, PORTAL_CONFIGURATIONS, found, { active: given.active ?? found.active, features: { ...found.features, ...given.features }, metadata: withMetadata(found.metadata, given.metadata) }, 'billing_portal.configuration.updated');
  },
});

const retrieve = endpoint({ method: 'GET', path: `${CONFIGURATIONS}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, PORTAL_CONFIGURATIONS, path['id']) });

const listConfigurations = endpoint({
  method: 'GET',
  path: CONFIGURATIONS,
  params: listParams({ active: boolean().optional(), is_default: boolean().optional() }),
  run: ({ simulation, params: { active, is_default: isDefault, ...page } }) => list(allObjects<PortalConfiguration>(simulation, PORTAL_CONFIGURATIONS).filter((each) => (active === undefined || each.active === active) && (isDefault === undefined || each.is_default === isDefault)), page, CONFIGURATIONS),
});

const createSession = endpoint({
  method: 'POST',
  path: '/v1/billing_portal/sessions',
  params: params({ customer: text(), configuration: text().optional(), return_url: url().optional(), locale: text(10).optional() }),
  run({ simulation, origin, params: given }) {
    const customer = needObject<CustomerRecord>(simulation, CUSTOMERS, given.customer, 'customer');
    const configuration = given.configuration === undefined ? allObjects<PortalConfiguration>(simulation, PORTAL_CONFIGURATIONS).find((each) => each.is_default) : needObject<PortalConfiguration>(simulation, PORTAL_CONFIGURATIONS, given.configuration, 'configuration');
    if (configuration === undefined) throw StripeError.invalid('No configuration provided and your test mode default configuration has not been created. Provide a configuration or create your default by saving your customer portal settings.');
    const id = simulation.newId('bps');
    return simulation.store.put<PortalSession>(PORTAL_SESSIONS, { id, object: 'billing_portal.session', configuration: configuration.id, created: simulation.now(), customer: customer.id, flow: null, livemode: false, locale: given.locale ?? null, on_behalf_of: null, return_url: given.return_url ?? null, url: `${origin}/p/session/${id}` });
  },
});

export const portalEndpoints: Endpoint[] = [create, update, retrieve, listConfigurations, createSession];
