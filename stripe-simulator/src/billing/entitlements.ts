import { type FeatureRecord, PRODUCT_FEATURES, type ProductFeatureRecord } from '../catalogue/catalogue-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject, needObject } from '../find-object.ts';
import { list, wholeList } from '../lists.ts';
import { listParams, params, text } from '../params.ts';
import { CUSTOMERS } from '../customers/customer-records.ts';
import type { Simulation } from '../simulation.ts';
import type { StripeObject } from '../store.ts';
import { type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';

const ACTIVE_ENTITLEMENTS = 'entitlements.active_entitlement';
const URL_ = '/v1/entitlements/active_entitlements';
/** An event holds no more of them; the rest is read page by page. */
const MAX_IN_EVENT = 10;
const ENTITLING = new Set(['active', 'past_due', 'trialing']);

interface ActiveEntitlement extends StripeObject {
  feature: string;
  lookup_key: string;
  internal: { customer: string };
}

function heldBy(simulation: Simulation, customer: string): ActiveEntitlement[] {
  return simulation.store.by<ActiveEntitlement>(ACTIVE_ENTITLEMENTS, 'internal.customer', customer);
}

/** Features of all that the customer has subscribed to, each once. */
function featuresDue(simulation: Simulation, customer: string): Map<string, FeatureRecord> {
  const live = simulation.store.by<SubscriptionRecord>(SUBSCRIPTIONS, 'customer', customer).filter(({ status }) => ENTITLING.has(status));
  const products = new Set(live.flatMap(({ items }) => items.data.map(({ price }) => price.product)));
  const attached = [...products].flatMap((product) => simulation.store.by<ProductFeatureRecord>(PRODUCT_FEATURES, 'internal.product', product));
  return new Map(attached.map(({ entitlement_feature: feature }) => [feature.id, feature]));
}

/** Grants and takes away what a subscription's change brings, and tells it once: to be called after each such change. */
export function updateEntitlements(simulation: Simulation, customer: string): void {
  const due = featuresDue(simulation, customer);
  const held = heldBy(simulation, customer);
  const lost = held.filter(({ feature }) => !due.has(feature));
  const gained = [...due.values()].filter(({ id }) => !held.some(({ feature }) => feature === id));
  if (lost.length + gained.length === 0) return;
  for (const { id } of lost) simulation.store.remove(ACTIVE_ENTITLEMENTS, id);
  for (const feature of gained) simulation.store.put<ActiveEntitlement>(ACTIVE_ENTITLEMENTS, { id: simulation.newId('ent'), object: ACTIVE_ENTITLEMENTS, feature: feature.id, livemode: false, lookup_key: feature.lookup_key, internal: { customer } });
  const all = heldBy(simulation, customer);
  const entitlements = { ...wholeList(all.slice(0, MAX_IN_EVENT), `/v1/customer/${customer}/entitlements`), has_more: all.length > MAX_IN_EVENT };
  const summary = { object: 'entitlements.active_entitlement_summary', customer, entitlements, livemode: false };
  // The one object of the API that has no id.
  simulation.emit('entitlements.active_entitlement_summary.updated', summary as unknown as StripeObject);
}

const listActive = endpoint({
  method: 'GET',
  path: URL_,
  params: listParams({ customer: text() }),
  run({ simulation, params: { customer, ...page } }) {
    needObject(simulation, CUSTOMERS, customer, 'customer');
    return list(heldBy(simulation, customer), page, URL_);
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL_}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, ACTIVE_ENTITLEMENTS, path['id']) });

export const entitlementEndpoints: Endpoint[] = [listActive, retrieve];
