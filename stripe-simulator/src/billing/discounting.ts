import { type CouponRecord, COUPONS } from '../discounts/discount-records.ts';
import { redeem } from '../discounts/redeem.ts';
import { changeObject } from '../change-object.ts';
import type { Seconds, Simulation } from '../simulation.ts';
import { type DiscountRecord, DISCOUNTS, type InvoiceLine, type SubscriptionItem, type SubscriptionRecord, SUBSCRIPTIONS } from './billing-records.ts';
import { checkDiscount, getOwnDiscount } from './check-discount.ts';
import { decimal, divideRounded, multiply } from './decimal.ts';
import { intervalsAfter } from './periods.ts';
import { ratePrice } from './rating.ts';

export interface DiscountParam {
  coupon?: string | undefined;
  promotion_code?: string | undefined;
  discount?: string | undefined;
}

/** Gives a customer what a coupon promises, from now on. @throws StripeError when it cannot be used */
export function createDiscount(simulation: Simulation, param: DiscountParam, of: { customer: string; subscription: string; session: string | null; now: Seconds; items: readonly SubscriptionItem[] }): string {
  const purchase = { customer: of.customer, currency: of.items[0]?.price.currency ?? 'usd', amount: firstAmount(of.items) };
  if (param.discount !== undefined) return getOwnDiscount(simulation, param.discount, purchase).id;
  const { code, coupon: couponId } = checkDiscount(simulation, param, purchase);
  const coupon = redeem(simulation, couponId, code?.id ?? null);
  const end = coupon.duration === 'repeating' ? intervalsAfter(of.now, coupon.duration_in_months ?? 1, { interval: 'month', interval_count: 1 }) : null;
  const discount = simulation.store.put<DiscountRecord>(DISCOUNTS, { id: simulation.newId('di'), object: 'discount', checkout_session: of.session, customer: of.customer, end, invoice: null, invoice_item: null, promotion_code: code?.id ?? null, source: { type: 'coupon', coupon: couponId }, start: of.now, subscription: of.subscription, subscription_item: null });
  simulation.emit('customer.discount.created', discount);
  return discount.id;
}

function firstAmount(items: readonly SubscriptionItem[]): number {
  return items.flatMap((item) => (item.quantity === undefined ? [] : ratePrice(item.price, String(item.quantity)))).reduce((sum, { amount }) => sum + amount, 0);
}

/** Those of the ids that an invoice of that date has. */
export function discountsAt(simulation: Simulation, ids: readonly string[], at: Seconds): { discount: DiscountRecord; coupon: CouponRecord }[] {
  return ids.flatMap((id) => {
    const discount = simulation.store.get<DiscountRecord>(DISCOUNTS, id);
    const coupon = discount === undefined ? undefined : simulation.store.get<CouponRecord>(COUPONS, discount.source.coupon);
    return discount === undefined || coupon === undefined || (discount.end !== null && at >= discount.end) ? [] : [{ discount, coupon }];
  });
}

/** The lines with what each discount takes off them: one after the other, each of what those before it left. */
export function discountLines(simulation: Simulation, lines: readonly InvoiceLine[], ids: readonly string[], at: Seconds): InvoiceLine[] {
  let result = lines.map((line) => ({ ...line, discount_amounts: [] as InvoiceLine['discount_amounts'] }));
  for (const { discount, coupon } of discountsAt(simulation, ids, at)) {
    const left = result.map((line) => (line.discountable && line.amount > 0 && appliesTo(coupon, line) ? line.amount - takenOff(line) : 0));
    const shares = coupon.percent_off === null ? spread(left, coupon.amount_off ?? 0) : left.map((amount) => percentOf(amount, coupon.percent_off ?? 0));
    result = result.map((line, index) => ((shares[index] ?? 0) === 0 ? line : { ...line, discount_amounts: [...line.discount_amounts, { amount: shares[index] ?? 0, discount: discount.id }] }));
  }
  return result;
}

function appliesTo({ applies_to: only }: CouponRecord, { pricing }: InvoiceLine): boolean {
  return only === null || (pricing !== null && only.products.includes(pricing.price_details.product));
}

export function takenOff(line: InvoiceLine): number {
  return line.discount_amounts.reduce((sum, { amount }) => sum + amount, 0);
}

function percentOf(amount: number, percent: number): number {
  const { digits, scale } = multiply(decimal(amount), decimal(percent));
  return Math.min(amount, Number(divideRounded(digits, 100n * 10n ** BigInt(scale))));
}

/** In proportion, rounded down; the remainder goes to the last line that has room. */
function spread(amounts: readonly number[], off: number): number[] {
  const sum = amounts.reduce((total, amount) => total + amount, 0);
  if (sum === 0) return amounts.map(() => 0);
  const taken = Math.min(off, sum);
  const shares = amounts.map((amount) => Number((BigInt(taken) * BigInt(amount)) / BigInt(sum)));
  let rest = taken - shares.reduce((total, share) => total + share, 0);
  for (let index = shares.length - 1; index >= 0 && rest > 0; index -= 1) {
    const more = Math.min(rest, (amounts[index] ?? 0) - (shares[index] ?? 0));
    shares[index] = (shares[index] ?? 0) + more;
    rest -= more;
  }
  return shares;
}

/** A coupon for one invoice has done its work, and one whose months are over too. */
export function dropUsedDiscounts(simulation: Simulation, subscriptionId: string, usedIds: readonly string[], now: Seconds): void {
  const subscription = simulation.store.get<SubscriptionRecord>(SUBSCRIPTIONS, subscriptionId);
  if (subscription === undefined) return;
  const isOver = (id: string): boolean => {
    const discount = simulation.store.get<DiscountRecord>(DISCOUNTS, id);
    const coupon = simulation.store.get<CouponRecord>(COUPONS, discount?.source.coupon ?? '');
    return (usedIds.includes(id) && coupon?.duration === 'once') || (discount !== undefined && discount.end !== null && discount.end <= now);
  };
  const kept = subscription.discounts.filter((id) => !isOver(id));
  if (kept.length === subscription.discounts.length) return;
  for (const id of subscription.discounts.filter(isOver)) {
    const discount = simulation.store.get<DiscountRecord>(DISCOUNTS, id);
    if (discount !== undefined) simulation.emit('customer.discount.deleted', discount);
  }
  changeObject(simulation, SUBSCRIPTIONS, subscription, { discounts: kept }, 'customer.subscription.updated');
}
