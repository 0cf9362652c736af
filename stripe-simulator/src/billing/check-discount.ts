import { COUPONS, type CouponRecord, PROMOTION_CODES, type PromotionCodeRecord } from '../discounts/discount-records.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import { type DiscountRecord, DISCOUNTS, type InvoiceRecord, INVOICES } from './billing-records.ts';

/** What is bought: by whom, and what its first period costs. */
export interface Purchase {
  customer: string;
  currency: string;
  /** Cents, before any discount and without usage. */
  amount: number;
}

/** @throws StripeError for a code that is not for this customer or this purchase */
export function getUsableCode(simulation: Simulation, id: string, { customer, currency, amount }: Purchase): PromotionCodeRecord {
  const param = 'discounts[0][promotion_code]';
  const code = simulation.store.get<PromotionCodeRecord>(PROMOTION_CODES, id);
  if (code === undefined) throw StripeError.missing(PROMOTION_CODES, id, param);
  if (code.customer !== null && code.customer !== customer) throw StripeError.invalid('This promotion code cannot be redeemed because it belongs to another customer.', { param });
  const { first_time_transaction: isFirst, minimum_amount: least, minimum_amount_currency: leastCurrency } = code.restrictions;
  const hasPaid = (): boolean => simulation.store.by<InvoiceRecord>(INVOICES, 'customer', customer).some(({ amount_paid: paid }) => paid > 0);
  if (isFirst && hasPaid()) throw StripeError.invalid('This promotion code cannot be redeemed because the associated customer has prior transactions.', { param });
  if (least !== null && (leastCurrency !== currency || amount < least)) throw StripeError.invalid('This promotion code cannot be redeemed because the amount is less than its minimum.', { param });
  return code;
}

/** What a purchase names to be taken off it, before anything is redeemed. @returns the code that was named, and its coupon's id @throws StripeError when it cannot be */
export function checkDiscount(simulation: Simulation, param: { coupon?: string | undefined; promotion_code?: string | undefined }, purchase: Purchase): { code: PromotionCodeRecord | null; coupon: string } {
  const code = param.promotion_code === undefined ? null : getUsableCode(simulation, param.promotion_code, purchase);
  const coupon = code?.promotion.coupon ?? param.coupon;
  if (coupon === undefined) throw StripeError.invalid('Missing required param: discounts[0][coupon].', { code: 'parameter_missing', param: 'discounts[0][coupon]' });
  if (simulation.store.get<CouponRecord>(COUPONS, coupon) === undefined) throw StripeError.missing(COUPONS, coupon, 'discounts[0][coupon]');
  refuseCurrency(simulation, coupon, purchase);
  return { code, coupon };
}

/** @throws StripeError for an amount in another currency */
function refuseCurrency(simulation: Simulation, couponId: string, { currency }: Purchase): void {
  const coupon = simulation.store.get<CouponRecord>(COUPONS, couponId);
  if (coupon !== undefined && coupon.amount_off !== null && coupon.currency !== currency) throw StripeError.invalid(`The coupon ${couponId} takes off an amount in ${coupon.currency ?? 'no currency'}, but the subscription is in ${currency}.`, { param: 'discounts[0][coupon]' });
}

/** One that the customer has already. @throws StripeError */
export function getOwnDiscount(simulation: Simulation, id: string, { customer }: Purchase): DiscountRecord {
  const discount = simulation.store.get<DiscountRecord>(DISCOUNTS, id);
  if (discount === undefined || discount.customer !== customer) throw StripeError.missing(DISCOUNTS, id, 'discounts[0][discount]');
  return discount;
}
