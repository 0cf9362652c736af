import type { Seconds } from '../simulation.ts';
import type { StripeObject } from '../store.ts';

export const COUPONS = 'coupon';
export const PROMOTION_CODES = 'promotion_code';

export interface CouponRecord extends StripeObject {
  object: 'coupon';
  amount_off: number | null;
  applies_to: { products: string[] } | null;
  created: Seconds;
  currency: string | null;
  duration: 'forever' | 'once' | 'repeating';
  duration_in_months: number | null;
  max_redemptions: number | null;
  metadata: Record<string, string>;
  name: string | null;
  percent_off: number | null;
  redeem_by: Seconds | null;
  times_redeemed: number;
}

export interface PromotionCodeRecord extends StripeObject {
  object: 'promotion_code';
  active: boolean;
  code: string;
  created: Seconds;
  customer: string | null;
  expires_at: Seconds | null;
  max_redemptions: number | null;
  metadata: Record<string, string>;
  promotion: { coupon: string; type: 'coupon' };
  restrictions: { first_time_transaction: boolean; minimum_amount: number | null; minimum_amount_currency: string | null };
  times_redeemed: number;
  internal: { code: string };
}
