import { changeObject } from '../change-object.ts';
import { PRODUCTS } from '../catalogue/catalogue-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { allObjects, getObject, needObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { array, createdRange, currency, float, hash, integer, listParams, metadata, oneOf, params, text, timestamp, unsettable, withMetadata } from '../params.ts';
import { randomText } from '../random-id.ts';
import { StripeError } from '../stripe-error.ts';
import { type CouponRecord, COUPONS } from './discount-records.ts';
import { couponView } from './redeem.ts';

const URL = '/v1/coupons';
const MAX_YEARS_SECONDS = 5 * 366 * 86_400;

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({
    amount_off: integer({ min: 1 }).optional(),
    applies_to: hash({ products: array(text()).optional() }).optional(),
    currency: currency().optional(),
    duration: oneOf('forever', 'once', 'repeating').optional(),
    duration_in_months: integer({ min: 1, max: 120 }).optional(),
    id: text(200).optional(),
    max_redemptions: integer({ min: 1 }).optional(),
    metadata: metadata().optional(),
    name: text(40).optional(),
    percent_off: float({ above: 0, max: 100 }).optional(),
    redeem_by: timestamp().optional(),
  }),
  run({ simulation, params: { id = randomText(8), duration = 'once', metadata: pairs, applies_to, expand: _expand, ...wanted } }) {
    checkCoupon({ duration, ...wanted });
    const now = simulation.now();
    if (wanted.redeem_by !== undefined && (wanted.redeem_by <= now || wanted.redeem_by > now + MAX_YEARS_SECONDS)) throw StripeError.invalid('The redeem_by date must be in the future, and at most 5 years from now.', { param: 'redeem_by' });
    if (simulation.store.get<CouponRecord>(COUPONS, id) !== undefined && simulation.store.get<CouponRecord>(COUPONS, id)?.['deleted'] !== true) throw StripeError.invalid('Coupon already exists.', { code: 'resource_already_exists', param: 'id' });
    for (const [index, product] of (applies_to?.products ?? []).entries()) needObject(simulation, PRODUCTS, product, `applies_to[products][${index}]`);
    const coupon = simulation.store.put<CouponRecord>(COUPONS, {
      id,
      object: 'coupon',
      amount_off: wanted.amount_off ?? null,
      applies_to: applies_to?.products === undefined ? null : { products: applies_to.products },
      created: now,
      currency: wanted.amount_off === undefined ? null : (wanted.currency ?? null),
      duration,
      duration_in_months: wanted.duration_in_months ?? null,
      livemode: false,
      max_redemptions: wanted.max_redemptions ?? null,
      metadata: withMetadata({}, pairs),
      name: wanted.name ?? null,
      percent_off: wanted.percent_off ?? null,
      redeem_by: wanted.redeem_by ?? null,
      times_redeemed: 0,
      valid: true,
    });
    simulation.emit('coupon.created', coupon);
    return coupon;
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => couponView(simulation, getObject<CouponRecord>(simulation, COUPONS, path['id'])) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ metadata: metadata().optional(), name: unsettable(text(40)).optional() }),
  run({ simulation, path, params: { metadata: change, name } }) {
    const coupon = getObject<CouponRecord>(simulation, COUPONS, path['id']);
    return couponView(simulation, changeObject(simulation, COUPONS, coupon, { ...(name === undefined ? {} : { name }), metadata: withMetadata(coupon.metadata, change) }, 'coupon.updated'));
  },
});

const remove = endpoint({
  method: 'DELETE',
  path: `${URL}/:id`,
  params: params({}),
  run({ simulation, path }) {
    const coupon = getObject<CouponRecord>(simulation, COUPONS, path['id']);
    simulation.emit('coupon.deleted', coupon);
    // Who has it keeps it: what it takes off must still be known.
    simulation.store.put<CouponRecord>(COUPONS, { ...coupon, deleted: true, valid: false });
    return { id: coupon.id, object: 'coupon', deleted: true };
  },
});

const listCoupons = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ created: createdRange().optional() }),
  run({ simulation, params: { created, ...page } }) {
    return list(createdIn(allObjects<CouponRecord>(simulation, COUPONS), created).map((coupon) => couponView(simulation, coupon)), page, URL);
  },
});

export const couponEndpoints: Endpoint[] = [create, retrieve, update, remove, listCoupons];

function checkCoupon(wanted: { amount_off?: number | undefined; percent_off?: number | undefined; currency?: string | undefined; duration: string; duration_in_months?: number | undefined }): void {
  if ((wanted.amount_off === undefined) === (wanted.percent_off === undefined)) throw StripeError.invalid('You must pass either `percent_off` or `amount_off`, and not both.', { code: 'parameter_missing', param: 'percent_off' });
  if (wanted.amount_off !== undefined && wanted.currency === undefined) throw StripeError.invalid('You must pass `currency` when passing `amount_off`.', { code: 'parameter_missing', param: 'currency' });
  if ((wanted.duration === 'repeating') !== (wanted.duration_in_months !== undefined)) throw StripeError.invalid('You must pass `duration_in_months` when `duration` is `repeating`, and only then.', { code: 'parameter_missing', param: 'duration_in_months' });
}
