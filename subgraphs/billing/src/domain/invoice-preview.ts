import type { Meter } from '@iotistic/contracts/events';
import { applyDiscounts, type Discount } from './discount.ts';
import { formatMoney, type Money, sumAmounts } from './money.ts';
import type { MeteredPrice, Plan } from './plan-catalogue.ts';
import { type RatedPart, rate } from './rating.ts';
import type { TrueUp } from './true-up.ts';

/** What meters stand at in a period, each in its own unit; one that is missing stands at 0. */
export type Quantities = Readonly<Partial<Record<Meter, number>>>;

export interface PreviewLine {
  description: string;
  kind: 'BASE' | 'METERED' | 'TRUE_UP' | 'DISCOUNT';
  /** Null on what no meter measured. */
  meter: Meter | null;
  /** In the price's units; null on a discount. */
  quantity: number | null;
  /** Minor units; below zero on a discount. */
  amount: number;
  /** Null on all but usage of an earlier period. */
  trueUpId: string | null;
}

/** A step of a price that nothing was used of, and nothing is charged for, says nothing to a customer. */
export function isShown({ quantity, amount }: Pick<PreviewLine, 'quantity' | 'amount'>): boolean {
  return quantity !== 0 || amount !== 0;
}

export interface PlanCost {
  currency: string;
  total: number;
  lines: PreviewLine[];
}

export interface InvoicePreview extends PlanCost {
  periodStart: Date;
  periodEnd: Date;
}

export interface PreviewInput {
  /** As in the book that it was bought under. */
  plan: Plan;
  periodStart: Date;
  periodEnd: Date;
  quantities: Quantities;
  /** Usage of earlier periods that waits to be billed. */
  trueUps: readonly Pick<TrueUp, 'id' | 'meter' | 'description' | 'amount'>[];
  discounts: readonly Discount[];
  /** No base price follows then. */
  endsAtPeriodEnd: boolean;
  /** What is used in a trial is not billed. */
  isTrial: boolean;
}

/**
 * What Stripe charges where the period ends, before any credit: the base price of the next one, the usage of this one,
 * and what is taken off. One line for each step of a price that was reached, since each is rounded by itself.
 */
export function previewInvoice({ plan, periodStart, periodEnd, quantities, trueUps, discounts, endsAtPeriodEnd, isTrial }: PreviewInput): InvoicePreview {
  const { currency } = priceOf(plan);
  const charges = [...(endsAtPeriodEnd ? [] : [baseLine(plan)]), ...(isTrial ? [] : meteredLines(plan, quantities)), ...trueUps.map(({ id, meter, description, amount }): PreviewLine => ({ description, kind: 'TRUE_UP', meter, quantity: 1, amount, trueUpId: id }))];
  const { taken } = applyDiscounts(
    charges.map(({ amount }) => amount),
    discounts,
    { at: periodEnd, currency },
  );
  const lines = [...charges, ...taken.filter(({ amount }) => amount > 0).map(({ discount, amount }) => discountLine(discount, amount, currency))];
  return { ...costOf(lines, currency), periodStart, periodEnd };
}

/** What a period with these quantities costs on a plan: base price and usage, nothing taken off. */
export function currentPeriodCost(plan: Plan, quantities: Quantities): PlanCost {
  return costOf([baseLine(plan), ...meteredLines(plan, quantities)], priceOf(plan).currency);
}

function costOf(lines: PreviewLine[], currency: string): PlanCost {
  return { currency, total: sumAmounts(lines.map(({ amount }) => amount)), lines };
}

/** Where the price is by contract, the list price. @throws Error for a plan with neither: no price book holds one */
export function priceOf(plan: Pick<Plan, 'key' | 'price' | 'listPrice'>): Money {
  const price = plan.price ?? plan.listPrice;
  if (price === null) throw new Error(`${plan.key} has no price`);
  return price;
}

function baseLine(plan: Plan): PreviewLine {
  return { description: plan.price === null ? `${plan.name} (list price)` : plan.name, kind: 'BASE', meter: null, quantity: 1, amount: priceOf(plan).amount, trueUpId: null };
}

function meteredLines(plan: Plan, quantities: Quantities): PreviewLine[] {
  const { currency } = priceOf(plan);
  return plan.meteredPrices.flatMap((price) => rate(price, quantities[price.meter] ?? 0).parts.filter(({ units, amount }) => isShown({ quantity: units, amount })).map((part) => ({ description: describePart(price, part, currency), kind: 'METERED' as const, meter: price.meter, quantity: part.units, amount: part.amount, trueUpId: null })));
}

function describePart({ unit }: MeteredPrice, { kind, units, packages, unitAmountDecimal, amount }: RatedPart, currency: string): string {
  if (kind === 'FLAT' || unitAmountDecimal === null) return `${unit}: ${formatMoney(amount, currency)} flat`;
  const each = amount === 0 && /^[0.]+$/.test(unitAmountDecimal) ? 'included' : `at ${formatMoney(unitAmountDecimal, currency)}`;
  return kind === 'PACKAGES' ? `${units} × ${unit} in ${packages} packages ${each}` : `${units} × ${unit} ${each}`;
}

function discountLine({ name, couponId, percentOff, amountOff }: Discount, amount: number, currency: string): PreviewLine {
  const off = percentOff === null ? formatMoney(amountOff ?? 0, currency) : `${percentOff}%`;
  return { description: `${name ?? couponId} (${off} off)`, kind: 'DISCOUNT', meter: null, quantity: null, amount: -amount, trueUpId: null };
}
