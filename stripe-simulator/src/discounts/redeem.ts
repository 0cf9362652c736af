import type { Seconds, Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type CouponRecord, COUPONS, PROMOTION_CODES, type PromotionCodeRecord } from './discount-records.ts';

/** Whether a coupon can be applied anew; who has it already keeps it. */
export function isCouponValid(coupon: CouponRecord, now: Seconds): boolean {
  if (coupon['deleted'] === true || (coupon.redeem_by !== null && coupon.redeem_by <= now)) return false;
  return coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions;
}

/** Whether a code can be redeemed: itself, and its coupon. */
export function isCodeActive(simulation: Simulation, code: PromotionCodeRecord, now: Seconds): boolean {
  if (!code.active || (code.expires_at !== null && code.expires_at <= now)) return false;
  if (code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions) return false;
  const coupon = simulation.store.get<CouponRecord>(COUPONS, code.promotion.coupon);
  return coupon !== undefined && isCouponValid(coupon, now);
}

/** The code as the API shows it: one that expired or was used up is not active. */
export function codeView(simulation: Simulation, code: PromotionCodeRecord): PromotionCodeRecord {
  return { ...code, active: isCodeActive(simulation, code, simulation.now()) };
}

export function couponView(simulation: Simulation, coupon: CouponRecord): CouponRecord & { valid: boolean } {
  return { ...coupon, valid: isCouponValid(coupon, simulation.now()) };
}

/** The active code that a buyer typed, in whatever case; undefined where there is none for this customer. */
export function findPromotionCode(simulation: Simulation, typed: string, customer: string | null): PromotionCodeRecord | undefined {
  const now = simulation.now();
  const codes = simulation.store.by<PromotionCodeRecord>(PROMOTION_CODES, 'internal.code', typed.trim().toUpperCase());
  return codes.find((code) => isCodeActive(simulation, code, now) && (code.customer === null || code.customer === customer));
}

/** Counts one more use of a coupon, and of the code that led to it. @throws StripeError when it cannot be used any more. */
export function redeem(simulation: Simulation, couponId: string, promotionCodeId: string | null): CouponRecord {
  const coupon = simulation.store.get<CouponRecord>(COUPONS, couponId);
  if (coupon === undefined || coupon['deleted'] === true) throw StripeError.missing(COUPONS, couponId, 'discounts[0][coupon]');
  const now = simulation.now();
  if (!isCouponValid(coupon, now)) throw StripeError.invalid(`Coupon expired: ${couponId}`, { code: 'coupon_expired', param: 'discounts[0][coupon]' });
  if (promotionCodeId !== null) redeemCode(simulation, promotionCodeId, now);
  return simulation.store.put<CouponRecord>(COUPONS, { ...coupon, times_redeemed: coupon.times_redeemed + 1 });
}

function redeemCode(simulation: Simulation, id: string, now: Seconds): void {
  const code = simulation.store.get<PromotionCodeRecord>(PROMOTION_CODES, id);
  if (code === undefined) throw StripeError.missing(PROMOTION_CODES, id, 'discounts[0][promotion_code]');
  if (!isCodeActive(simulation, code, now)) throw StripeError.invalid(`This promotion code is not active: ${code.code}`, { code: 'promotion_code_inactive', param: 'discounts[0][promotion_code]' });
  simulation.store.put<PromotionCodeRecord>(PROMOTION_CODES, { ...code, times_redeemed: code.times_redeemed + 1 });
}
