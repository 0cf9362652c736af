import type { PriceRecord, Tier } from '../catalogue/catalogue-records.ts';
import { compare, type Decimal, decimal, decimalText, multiply, roundToInteger, subtract } from './decimal.ts';

/** One line of what a quantity costs: of a tier, or the whole. */
export interface RatedPart {
  quantity: string;
  /** Cents, rounded half away from zero, once. */
  amount: number;
  unitAmountDecimal: string | null;
  /** `first 5`, `next 10`; empty where there are no tiers. */
  tier: string;
}

const ZERO: Decimal = { digits: 0n, scale: 0 };

/** What a price takes for a quantity (decimal text). A meter below zero costs nothing. */
export function ratePrice(price: PriceRecord, quantity: string): RatedPart[] {
  const used = compare(decimal(quantity), ZERO) < 0 ? ZERO : decimal(quantity);
  if (price.tiers !== null && price.tiers_mode === 'graduated') return graduated(price.tiers, used);
  if (price.tiers !== null) return volume(price.tiers, used);
  const units = price.transform_quantity === null ? used : packages(used, price.transform_quantity);
  const each = price.unit_amount_decimal ?? '0';
  return [{ quantity: decimalText(used), amount: roundToInteger(multiply(units, decimal(each))), unitAmountDecimal: each, tier: '' }];
}

function packages({ digits, scale }: Decimal, { divide_by: size, round }: { divide_by: number; round: 'down' | 'up' }): Decimal {
  const whole = BigInt(size) * 10n ** BigInt(scale);
  const down = digits / whole;
  return { digits: round === 'up' && digits % whole !== 0n ? down + 1n : down, scale: 0 };
}

function graduated(tiers: readonly Tier[], used: Decimal): RatedPart[] {
  const parts: RatedPart[] = [];
  let from = ZERO;
  for (const tier of tiers) {
    const upTo = tier.up_to === null || compare(decimal(tier.up_to), used) > 0 ? used : decimal(tier.up_to);
    const within = subtract(upTo, from);
    if (parts.length > 0 && compare(within, ZERO) <= 0) break;
    parts.push(...tierParts(tier, within, parts.length === 0 ? 'first' : 'next'));
    from = upTo;
  }
  return parts;
}

function volume(tiers: readonly Tier[], used: Decimal): RatedPart[] {
  const tier = tiers.find(({ up_to: upTo }) => upTo === null || compare(used, decimal(upTo)) <= 0);
  return tier === undefined ? [] : tierParts(tier, used, '');
}

function tierParts(tier: Tier, within: Decimal, which: string): RatedPart[] {
  const each = tier.unit_amount_decimal ?? '0';
  const quantity = decimalText(within);
  const parts: RatedPart[] = [{ quantity, amount: roundToInteger(multiply(within, decimal(each))), unitAmountDecimal: each, tier: which === '' ? '' : `${which} ${quantity}` }];
  const flat = tier.flat_amount_decimal ?? (tier.flat_amount === null ? null : String(tier.flat_amount));
  if (flat !== null && flat !== '0') parts.push({ quantity: '1', amount: roundToInteger(decimal(flat)), unitAmountDecimal: null, tier: 'flat fee' });
  return parts;
}
