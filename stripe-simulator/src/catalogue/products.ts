import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, getObjectOrStub, needObject } from '../find-object.ts';
import { createdIn, list, searchPage } from '../lists.ts';
import { array, boolean, createdRange, given, hash, listParams, metadata, oneOf, params, searchParams, text, unsettable, url, withMetadata } from '../params.ts';
import { searchTest } from '../search.ts';
import { StripeError } from '../stripe-error.ts';
import { PRICES, type PriceRecord, PRODUCT_FEATURES, type ProductFeatureRecord, PRODUCTS, type ProductRecord } from './catalogue-records.ts';
import { createProduct } from './create-product.ts';
import { createPrice, inlinePriceParams } from './create-price.ts';

const URL = '/v1/products';

const fields = {
  active: boolean().optional(),
  description: unsettable(text(40_000)).optional(),
  images: unsettable(array(url(), { max: 8 })).optional(),
  marketing_features: unsettable(array(hash({ name: text(80) }), { max: 15 })).optional(),
  metadata: metadata().optional(),
  shippable: boolean().optional(),
  statement_descriptor: text(22).optional(),
  tax_code: unsettable(text()).optional(),
  unit_label: unsettable(text(12)).optional(),
  url: unsettable(url()).optional(),
};

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({ ...fields, id: text(255).optional(), name: text(), type: oneOf('good', 'service').optional(), default_price_data: inlinePriceParams.optional() }),
  run({ simulation, params: { default_price_data, expand: _expand, ...rest } }) {
    const product = createProduct(simulation, { ...given(rest), name: rest.name });
    if (default_price_data === undefined) return product;
    const price = createPrice(simulation, { ...given(default_price_data), currency: default_price_data.currency, product: product.id });
    return simulation.store.put<ProductRecord>(PRODUCTS, { ...product, default_price: price.id });
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObjectOrStub(simulation, PRODUCTS, path['id']) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ ...fields, name: text().optional(), default_price: unsettable(text()).optional() }),
  run({ simulation, path, params: { metadata: change, expand: _expand, ...rest } }) {
    const product = getObject<ProductRecord>(simulation, PRODUCTS, path['id']);
    if (typeof rest.default_price === 'string' && needObject<PriceRecord>(simulation, PRICES, rest.default_price, 'default_price').product !== product.id) {
      throw StripeError.invalid(`The price '${rest.default_price}' does not belong to product '${product.id}'.`, { param: 'default_price' });
    }
    const lists = { images: rest.images ?? product['images'], marketing_features: rest.marketing_features ?? product['marketing_features'] };
    const changed = { ...given(rest), ...lists, metadata: withMetadata(product.metadata, change), updated: simulation.now() } as Partial<ProductRecord>;
    return changeObject(simulation, PRODUCTS, product, changed, 'product.updated');
  },
});

const remove = endpoint({
  method: 'DELETE',
  path: `${URL}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const product = getObject<ProductRecord>(simulation, PRODUCTS, path['id']);
    if (simulation.store.by(PRICES, 'product', product.id).length > 0) throw StripeError.invalid('This product cannot be deleted because it has one or more user-created prices.');
    for (const feature of simulation.store.by<ProductFeatureRecord>(PRODUCT_FEATURES, 'internal.product', product.id)) simulation.store.remove(PRODUCT_FEATURES, feature.id);
    simulation.emit('product.deleted', product);
    return simulation.store.put(PRODUCTS, { id: product.id, object: 'product', deleted: true });
  },
});

const listProducts = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ active: boolean().optional(), created: createdRange().optional(), ids: array(text()).optional(), shippable: boolean().optional(), type: text().optional(), url: text().optional() }),
  run({ simulation, params: { active, created, ids, shippable, type, url: address, ...page } }) {
    const matches = (product: ProductRecord): boolean =>
      (active === undefined || product.active === active) &&
      (ids === undefined || ids.includes(product.id)) &&
      (shippable === undefined || product['shippable'] === shippable) &&
      (type === undefined || product['type'] === type) &&
      (address === undefined || product['url'] === address);
    return list(createdIn(allObjects<ProductRecord>(simulation, PRODUCTS), created).filter(matches), page, URL);
  },
});

const search = endpoint({
  method: 'GET',
  path: `${URL}/search`,
  params: searchParams(),
  run: ({ simulation, params: { query, ...page } }) => searchPage(allObjects<ProductRecord>(simulation, PRODUCTS).filter(searchTest(query)), page, `${URL}/search`),
});

export const productEndpoints: Endpoint[] = [create, retrieve, update, remove, listProducts, search];
