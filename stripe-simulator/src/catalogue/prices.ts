import { changeObject } from '../change-object.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject } from '../find-object.ts';
import { createdIn, list, searchPage } from '../lists.ts';
import { array, boolean, createdRange, given, hash, listParams, metadata, oneOf, params, searchParams, text, unsettable, withMetadata } from '../params.ts';
import { searchTest } from '../search.ts';
import { StripeError } from '../stripe-error.ts';
import { PRICES, type PriceRecord } from './catalogue-records.ts';
import { createPrice, freeLookupKey, priceFields } from './create-price.ts';

const URL = '/v1/prices';

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params(priceFields),
  run: ({ simulation, params: { expand: _expand, ...wanted } }) => createPrice(simulation, { ...given(wanted), currency: wanted.currency }),
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => getObject(simulation, PRICES, path['id']) });

/** Amounts are not among what can be changed: a price that was billed stays what it was. */
const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ active: boolean().optional(), lookup_key: unsettable(text(200)).optional(), metadata: metadata().optional(), nickname: unsettable(text()).optional(), tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified').optional(), transfer_lookup_key: boolean().optional() }),
  run({ simulation, path, params: { metadata: change, transfer_lookup_key = false, expand: _expand, ...rest } }) {
    const price = getObject<PriceRecord>(simulation, PRICES, path['id']);
    if (typeof rest.lookup_key === 'string') freeLookupKey(simulation, rest.lookup_key, price.id, transfer_lookup_key);
    return changeObject(simulation, PRICES, price, { ...given(rest), metadata: withMetadata(price.metadata, change) }, 'price.updated');
  },
});

const MAX_LOOKUP_KEYS = 10;

const listPrices = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({
    active: boolean().optional(),
    created: createdRange().optional(),
    currency: text().optional(),
    lookup_keys: array(text()).optional(),
    product: text().optional(),
    recurring: hash({ interval: text().optional(), meter: text().optional(), usage_type: text().optional() }).optional(),
    type: oneOf('one_time', 'recurring').optional(),
  }),
  run({ simulation, params: { active, created, currency, lookup_keys: keys, product, recurring, type, ...page } }) {
    if (keys !== undefined && keys.length > MAX_LOOKUP_KEYS) throw StripeError.invalid(`You may only specify up to ${MAX_LOOKUP_KEYS} lookup keys.`, { param: 'lookup_keys' });
    const matches = (price: PriceRecord): boolean =>
      (active === undefined || price.active === active) &&
      (currency === undefined || price.currency === currency.toLowerCase()) &&
      (keys === undefined || (price.lookup_key !== null && keys.includes(price.lookup_key))) &&
      (product === undefined || price.product === product) &&
      (type === undefined || price.type === type) &&
      Object.entries(given(recurring ?? {})).every(([name, value]) => (price.recurring as unknown as Record<string, unknown> | null)?.[name] === value);
    return list(createdIn(allObjects<PriceRecord>(simulation, PRICES), created).filter(matches), page, URL);
  },
});

const search = endpoint({
  method: 'GET',
  path: `${URL}/search`,
  params: searchParams(),
  run: ({ simulation, params: { query, ...page } }) => searchPage(allObjects<PriceRecord>(simulation, PRICES).filter(searchTest(query)), page, `${URL}/search`),
});

export const priceEndpoints: Endpoint[] = [create, retrieve, update, listPrices, search];
