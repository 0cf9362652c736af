import { PLAN_KEYS } from '@iotistic/contracts/events';
import { currentPeriodCost, type PlanCost, type Quantities } from './invoice-preview.ts';
import type { Plan } from './plan-catalogue.ts';
import { type CountedResources, type LimitExceeded, limitsExceeded } from './plan-fit.ts';
import { bookAt, bookOf, planIn, type PriceBook } from './price-book.ts';
import type { Subscription } from './subscription.ts';
import type { QuoteBasis } from './usage-basis.ts';

/** The bill of one period on one plan. */
export interface PlanQuote extends PlanCost {
  plan: Plan;
  basis: QuoteBasis;
  /** Limits of the plan that the customer exceeds now. */
  doesNotFit: LimitExceeded[];
  /** Beyond what the same usage costs on the current plan; below zero where this one is cheaper. */
  difference: number;
}

/** By what plans are compared. */
export interface ComparedUsage {
  basis: QuoteBasis;
  quantities: Quantities;
  counted: CountedResources;
}

/**
 * The same usage on every plan that can be had now, and on the current one by its own book. Discounts are left out: they
 * are the customer's and go along. Cheapest first; a plan that does not fit is among them and says so.
 */
export function quotesFor(
  books: readonly PriceBook[],
  current: Pick<Subscription, 'plan' | 'book' | 'override'>,
  { basis, quantities, counted }: ComparedUsage,
  at: Date,
): PlanQuote[] {
  const currentPlan = planIn(bookOf(current.book, books), current.plan);
  const others = bookAt(books, at).plans.filter((plan) => plan.key !== current.plan && canBeHad(plan));
  const currentTotal = currentPeriodCost(currentPlan, quantities).total;
  return [currentPlan, ...others]
    .map((plan) => {
      const cost = currentPeriodCost(plan, quantities);
      const doesNotFit = limitsExceeded(plan, current.override, counted);
      return { plan, basis, ...cost, doesNotFit, difference: cost.total - currentTotal };
    })
    .sort((a, b) => a.total - b.total || PLAN_KEYS.indexOf(a.plan.key) - PLAN_KEYS.indexOf(b.plan.key));
}

/** Bought at Stripe, or sold by contract; not a trial. */
export function canBeHad({ lookupKey, listPrice }: Pick<Plan, 'lookupKey' | 'listPrice'>): boolean {
  return lookupKey !== null || listPrice !== null;
}
