import { PLAN_KEYS, type PlanKey, SUBSCRIPTION_STATUSES, type SubscriptionStatus } from '@iotistic/contracts/events';
import { applyDiscounts, type Discount } from './discount.ts';
import { type Money, toAmount } from './money.ts';
import { bookAt, bookOf, planIn, PRICE_BOOKS, type PriceBook } from './price-book.ts';
import { priceOf } from './invoice-preview.ts';

/** Customers whose subscriptions are alike in all that counts here. */
export interface SubscriptionCount {
  plan: PlanKey;
  book: string;
  status: SubscriptionStatus;
  discounts: readonly Discount[];
  customers: number;
}

export interface RecurringRevenue {
  mrr: Money;
  /** States that nobody is in are absent. */
  byStatus: { status: SubscriptionStatus; customers: number }[];
  /** Without those whose subscription has ended. */
  byPlan: { plan: PlanKey; customers: number }[];
}

const EARNING: ReadonlySet<SubscriptionStatus> = new Set(['ACTIVE', 'PAST_DUE']);
const ENDED: ReadonlySet<SubscriptionStatus> = new Set(['CANCELED', 'INCOMPLETE_EXPIRED']);

/** What comes in each month: base prices of what is active or past due, net of discounts that recur. Contracts have no price here and count 0. */
export function recurringRevenue(counts: readonly SubscriptionCount[], at: Date, books: readonly PriceBook[] = PRICE_BOOKS): RecurringRevenue {
  const earning = counts.filter(({ status }) => EARNING.has(status));
  const amount = toAmount(earning.reduce((sum, count) => sum + BigInt(monthlyBase(count, at, books)) * BigInt(count.customers), 0n));
  const [first] = bookAt(books, at).plans;
  if (first === undefined) throw new Error('a price book without plans');
  return {
    mrr: { amount, currency: priceOf(first).currency },
    byStatus: SUBSCRIPTION_STATUSES.map((status) => ({ status, customers: customersOf(counts.filter((count) => count.status === status)) })).filter(({ customers }) => customers > 0),
    byPlan: PLAN_KEYS.map((plan) => ({ plan, customers: customersOf(counts.filter((count) => count.plan === plan && !ENDED.has(count.status))) })).filter(({ customers }) => customers > 0),
  };
}

/** A subscription's base price at this time, without what discounts take off that stay for more than one invoice. */
function monthlyBase({ plan, book, discounts }: SubscriptionCount, at: Date, books: readonly PriceBook[]): number {
  const { price } = planIn(bookOf(book, books), plan);
  if (price === null) return 0;
  const recurring = discounts.filter(({ duration }) => duration !== 'ONCE');
  return applyDiscounts([price.amount], recurring, { at, currency: price.currency }).amounts[0] ?? 0;
}

function customersOf(counts: readonly SubscriptionCount[]): number {
  return counts.reduce((sum, { customers }) => sum + customers, 0);
}
