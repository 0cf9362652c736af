import { changeObject } from '../change-object.ts';
import { CUSTOMERS } from '../customers/customer-records.ts';
import { endpoint, type Endpoint } from '../endpoint.ts';
import { getObject, needObject } from '../find-object.ts';
import { createdIn, list } from '../lists.ts';
import { boolean, createdRange, currency, hash, integer, listParams, metadata, oneOf, params, text, timestamp, withMetadata } from '../params.ts';
import { randomText } from '../random-id.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type CouponRecord, COUPONS, PROMOTION_CODES, type PromotionCodeRecord } from './discount-records.ts';
import { codeView, isCodeActive, isCouponValid } from './redeem.ts';

const URL = '/v1/promotion_codes';

const create = endpoint({
  method: 'POST',
  path: URL,
  params: params({
    active: boolean().optional(),
    code: text(500).optional(),
    customer: text().optional(),
    expires_at: timestamp().optional(),
    max_redemptions: integer({ min: 1 }).optional(),
    metadata: metadata().optional(),
    promotion: hash({ coupon: text(), type: oneOf('coupon') }),
    restrictions: hash({ first_time_transaction: boolean().optional(), minimum_amount: integer({ min: 1 }).optional(), minimum_amount_currency: currency().optional() }).optional(),
  }),
  run({ simulation, params: { active = true, code = randomText(8).toUpperCase(), customer = null, expires_at = null, max_redemptions = null, metadata: pairs, promotion, restrictions } }) {
    const coupon = needObject<CouponRecord>(simulation, COUPONS, promotion.coupon, 'promotion[coupon]');
    if (!isCouponValid(coupon, simulation.now())) throw StripeError.invalid('This coupon is no longer valid.', { param: 'promotion[coupon]' });
    if (customer !== null) needObject(simulation, CUSTOMERS, customer, 'customer');
    if (!/^[A-Za-z0-9-]+$/.test(code)) throw StripeError.invalid('Promotion codes can only contain a-z, A-Z, 0-9 and dashes.', { param: 'code' });
    if (expires_at !== null && expires_at <= simulation.now()) throw StripeError.invalid('The promotion code must expire in the future.', { param: 'expires_at' });
    if (coupon.max_redemptions !== null && (max_redemptions ?? 0) > coupon.max_redemptions) throw StripeError.invalid("The promotion code's max_redemptions cannot be greater than the coupon's.", { param: 'max_redemptions' });
    if ((restrictions?.minimum_amount === undefined) !== (restrictions?.minimum_amount_currency === undefined)) throw StripeError.invalid('`minimum_amount` and `minimum_amount_currency` go together.', { param: 'restrictions[minimum_amount_currency]' });
    if (active) refuseTaken(simulation, code, null);
    const made = simulation.store.put<PromotionCodeRecord>(PROMOTION_CODES, {
      id: simulation.newId('promo'),
      object: 'promotion_code',
      active,
      code,
      created: simulation.now(),
      customer,
      customer_account: null,
      expires_at,
      livemode: false,
      max_redemptions,
      metadata: withMetadata({}, pairs),
      promotion: { coupon: coupon.id, type: 'coupon' },
      restrictions: { first_time_transaction: restrictions?.first_time_transaction ?? false, minimum_amount: restrictions?.minimum_amount ?? null, minimum_amount_currency: restrictions?.minimum_amount_currency ?? null },
      times_redeemed: 0,
      internal: { code: code.toUpperCase() },
    });
    simulation.emit('promotion_code.created', made);
    return made;
  },
});

const retrieve = endpoint({ method: 'GET', path: `${URL}/:id`, params: params({}), run: ({ simulation, path }) => codeView(simulation, getObject<PromotionCodeRecord>(simulation, PROMOTION_CODES, path['id'])) });

const update = endpoint({
  method: 'POST',
  path: `${URL}/:id`,
  params: params({ active: boolean().optional(), metadata: metadata().optional() }),
  run({ simulation, path, params: { active, metadata: change } }) {
    const code = getObject<PromotionCodeRecord>(simulation, PROMOTION_CODES, path['id']);
    if (active === true && !code.active) refuseTaken(simulation, code.code, code.id);
    const changed = changeObject(simulation, PROMOTION_CODES, code, { active: active ?? code.active, metadata: withMetadata(code.metadata, change) }, 'promotion_code.updated');
    return codeView(simulation, changed);
  },
});

const listCodes = endpoint({
  method: 'GET',
  path: URL,
  params: listParams({ active: boolean().optional(), code: text().optional(), coupon: text().optional(), created: createdRange().optional(), customer: text().optional() }),
  run({ simulation, params: { active, code, coupon, created, customer, ...page } }) {
    const records = code === undefined ? simulation.store.all<PromotionCodeRecord>(PROMOTION_CODES) : simulation.store.by<PromotionCodeRecord>(PROMOTION_CODES, 'internal.code', code.toUpperCase());
    const found = createdIn(records, created)
      .map((record) => codeView(simulation, record))
      .filter((record) => (active === undefined || record.active === active) && (coupon === undefined || record.promotion.coupon === coupon) && (customer === undefined || record.customer === customer));
    return list(found, page, URL);
  },
});

export const promotionCodeEndpoints: Endpoint[] = [create, retrieve, update, listCodes];

/** One active code of a spelling at a time, whatever its case. */
function refuseTaken(simulation: Simulation, code: string, except: string | null): void {
  const now = simulation.now();
  const taken = simulation.store.by<PromotionCodeRecord>(PROMOTION_CODES, 'internal.code', code.toUpperCase()).some((other) => other.id !== except && isCodeActive(simulation, other, now));
  if (taken) throw StripeError.invalid(`An active promotion code with \`code: ${code}\` already exists.`, { param: 'code' });
}
