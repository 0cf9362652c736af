import { z } from 'zod';
import { percentOf, sumAmounts, toAmount } from './money.ts';

/** What a coupon takes off a subscription's invoices: a share of each line, or an amount of the whole. */
export interface Discount {
  /** Stripe's id of the coupon. */
  couponId: string;
  name: string | null;
  /** As text, e.g. '12.5': no floats for money. */
  percentOff: string | null;
  /** Minor units of `currency`. */
  amountOff: number | null;
  /** Null with percentOff. */
  currency: string | null;
  /** ONCE: Stripe takes it off the subscription when it was used. */
  duration: 'ONCE' | 'REPEATING' | 'FOREVER';
  /** Invoices of then and later are without it; null has no end. */
  endsAt: Date | null;
}

/** As stored in JSON, where an instant is text. */
export const discountsSchema: z.ZodType<Discount[]> = z.array(
  z.object({
    couponId: z.string(),
    name: z.string().nullable(),
    percentOff: z.string().nullable(),
    amountOff: z.number().int().nonnegative().nullable(),
    currency: z.string().nullable(),
    duration: z.enum(['ONCE', 'REPEATING', 'FOREVER']),
    endsAt: z.coerce.date().nullable(),
  }),
);

/** Whether an invoice of that date, in that currency, has it. */
export function isApplied({ amountOff, currency, endsAt }: Discount, invoice: { at: Date; currency: string }): boolean {
  return (endsAt === null || invoice.at < endsAt) && (amountOff === null || currency?.toLowerCase() === invoice.currency.toLowerCase());
}

export interface DiscountedLines {
  /** What is left of each line. */
  amounts: number[];
  /** What each discount took, in their order. */
  taken: { discount: Discount; amount: number }[];
}

/** Stripe's arithmetic: one discount after the other, each on what those before it left. */
export function applyDiscounts(lines: readonly number[], discounts: readonly Discount[], invoice: { at: Date; currency: string }): DiscountedLines {
  let amounts = [...lines];
  const taken: DiscountedLines['taken'] = [];
  for (const discount of discounts.filter((each) => isApplied(each, invoice))) {
    const shares = sharesOf(amounts, discount);
    amounts = amounts.map((amount, index) => amount - (shares[index] ?? 0));
    taken.push({ discount, amount: sumAmounts(shares) });
  }
  return { amounts, taken };
}

function sharesOf(amounts: readonly number[], { percentOff, amountOff }: Discount): number[] {
  if (percentOff !== null) return amounts.map((amount) => Math.min(amount, percentOf(amount, percentOff)));
  return spreadAmount(amounts, amountOff ?? 0);
}

/** In proportion to the lines, rounded down; what remains goes to the last line, and to those before it once that has nothing left. */
function spreadAmount(amounts: readonly number[], amountOff: number): number[] {
  const sum = amounts.reduce((total, amount) => total + BigInt(amount), 0n);
  if (sum === 0n) return amounts.map(() => 0);
  const off = BigInt(amountOff) < sum ? BigInt(amountOff) : sum;
  const shares = amounts.map((amount) => (off * BigInt(amount)) / sum);
  let remainder = shares.reduce((left, share) => left - share, off);
  for (let index = shares.length - 1; index >= 0 && remainder > 0n; index -= 1) {
    const share = shares[index] ?? 0n;
    const room = BigInt(amounts[index] ?? 0) - share;
    const more = room < remainder ? room : remainder;
    shares[index] = share + more;
    remainder -= more;
  }
  return shares.map(toAmount);
}
