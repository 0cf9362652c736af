import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject, needObject } from '../find-object.ts';
import { list } from '../lists.ts';
import { boolean, given, listParams, metadata, params, text, withMetadata } from '../params.ts';
import { StripeError } from '../stripe-error.ts';
import { type FeatureRecord, FEATURES, PRODUCT_FEATURES, type ProductFeatureRecord, PRODUCTS } from './catalogue-records.ts';

const URL = '/v1/entitlements/features';
const ON_PRODUCT = '/v1/products/:product/features';

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({ lookup_key: text(80), name: text(80), metadata: metadata().optional() }),
  run({ simulation, params: { lookup_key, name, metadata: pairs } }) {
    if (simulation.store.by<FeatureRecord>(FEATURES, 'lookup_key', lookup_key).length > 0) throw StripeError.invalid(`A feature with the lookup key '${lookup_key}' already exists.`, { code: 'resource_already_exists', param: 'lookup_key' });
    return simulation.store.put<FeatureRecord>(FEATURES, { id: simulation.newId('feat'), object: 'entitlements.feature', active: true, livemode: false, lookup_key, metadata: withMetadata({}, pairs), name });
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, FEATURES, path['id']) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ active: boolean().optional(), metadata: metadata().optional(), name: text(80).optional() }),
  run({ simulation, path, params: { metadata: change, expand: _expand, ...rest } }) {
    const feature = getObject<FeatureRecord>(simulation, FEATURES, path['id']);
    const changed = changeObject(simulation, FEATURES, feature, { ...given(rest), metadata: withMetadata(feature.metadata, change) }, null);
    for (const attached of simulation.store.by<ProductFeatureRecord>(PRODUCT_FEATURES, 'entitlement_feature.id', feature.id)) simulation.store.put(PRODUCT_FEATURES, { ...attached, entitlement_feature: changed });
    return changed;
  },
});

const listFeatures = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ archived: boolean().optional(), lookup_key: text().optional() }),
  run({ simulation, params: { archived = false, lookup_key, ...page } }) {
    const features = simulation.store.all<FeatureRecord>(FEATURES).filter((feature) => feature.active === !archived && (lookup_key === undefined || feature.lookup_key === lookup_key));
    return list(features, page, URL);
  },
});

const attach = endpoint({
  method: 'POST',
  path: ON_PRODUCT,
  params: params({ entitlement_feature: text() }),
  run({ simulation, path, params: { entitlement_feature: id } }) {
    const product = getObject(simulation, PRODUCTS, path['product']);
    const feature = needObject<FeatureRecord>(simulation, FEATURES, id, 'entitlement_feature');
    const isAttached = simulation.store.by<ProductFeatureRecord>(PRODUCT_FEATURES, 'internal.product', product.id).some((attached) => attached.entitlement_feature.id === id);
    if (isAttached) throw StripeError.invalid(`The feature ${id} is already attached to the product ${product.id}.`, { param: 'entitlement_feature' });
    return simulation.store.put<ProductFeatureRecord>(PRODUCT_FEATURES, { id: simulation.newId('prodft'), object: 'product_feature', entitlement_feature: feature, livemode: false, internal: { product: product.id } });
  },
});

const listAttached = endpoint({
  method: 'GET',
  path: ON_PRODUCT,
  params: listParams({}),
  run({ simulation, path, params: page }) {
    const product = getObject(simulation, PRODUCTS, path['product']);
    return list(simulation.store.by<ProductFeatureRecord>(PRODUCT_FEATURES, 'internal.product', product.id), page, `/v1/products/${product.id}/features`);
  },
});

const detach = endpoint({
  method: 'DELETE',
  path: `${ON_PRODUCT}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const attached = getObject<ProductFeatureRecord>(simulation, PRODUCT_FEATURES, path['id']);
    if (attached.internal.product !== path['product']) throw StripeError.notFound(PRODUCT_FEATURES, attached.id);
    simulation.store.remove(PRODUCT_FEATURES, attached.id);
    return { id: attached.id, object: 'product_feature', deleted: true };
  },
});

export const featureEndpoints: Endpoint[] = [create, retrieve, update, listFeatures, attach, listAttached, detach];
