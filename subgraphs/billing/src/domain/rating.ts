import { priceUnits, sumAmounts } from './money.ts';
import type { MeteredPrice, PriceTier } from './plan-catalogue.ts';

/** A line of an invoice: what one step of a price takes for the units that lie in it. */
export interface RatedPart {
  /** FLAT: the step's flat amount, whatever the units. */
  kind: 'UNITS' | 'PACKAGES' | 'FLAT';
  /** Which step, from 0 on. */
  tier: number;
  units: number;
  /** How many packages these units make; null where none are sold. */
  packages: number | null;
  /** Minor units per unit or package; null for a flat amount. */
  unitAmountDecimal: string | null;
  amount: number;
}

export interface Rated {
  /** What was billed of the meter, in the price's units. */
  units: number;
  amount: number;
  /** Add up to the amount, each rounded by itself as Stripe rounds its lines. */
  parts: RatedPart[];
}

/** What a price takes for a quantity of its meter. @throws RangeError for what is no quantity, and beyond 2^53 - 1 */
export function rate(price: Pick<MeteredPrice, 'model' | 'tiers' | 'quantityPerUnit'>, quantity: number): Rated {
  const units = billedUnits(quantity, price.quantityPerUnit);
  const parts = unitsByTier(price, units).flatMap(({ tier, index, units: inTier }) => partsOf(tier, index, inTier));
  return { units, amount: sumAmounts(parts.map(({ amount }) => amount)), parts };
}

/** Started units count. In whole numbers: the quotient of two doubles may land on the wrong side. */
export function billedUnits(quantity: number, quantityPerUnit: number): number {
  if (!Number.isSafeInteger(quantity) || quantity < 0) throw new RangeError(`no quantity: ${quantity}`);
  const begun = quantity % quantityPerUnit;
  return (quantity - begun) / quantityPerUnit + (begun > 0 ? 1 : 0);
}

interface TierUnits {
  tier: PriceTier;
  index: number;
  units: number;
}

/** The steps that are reached, the first in any case. */
function unitsByTier({ model, tiers }: Pick<MeteredPrice, 'model' | 'tiers'>, units: number): TierUnits[] {
  if (model === 'GRADUATED') {
    const steps = tiers.map((tier, index) => {
      const before = tiers[index - 1]?.upTo ?? 0;
      return { tier, index, units: Math.max(0, Math.min(units, tier.upTo ?? units) - before) };
    });
    return steps.filter((step) => step.units > 0 || step.index === 0);
  }
  const index = model === 'VOLUME' ? tiers.findIndex(({ upTo }) => upTo === null || units <= upTo) : 0;
  const tier = tiers[index];
  if (tier === undefined) throw new RangeError(`no tier for ${units} units`);
  return [{ tier, index, units }];
}

function partsOf({ unitAmountDecimal, flatAmount, packageSize }: PriceTier, tier: number, units: number): RatedPart[] {
  const packages = packageSize === null ? null : billedUnits(units, packageSize);
  const priced: RatedPart = { kind: packages === null ? 'UNITS' : 'PACKAGES', tier, units, packages, unitAmountDecimal, amount: priceUnits(packages ?? units, unitAmountDecimal) };
  return flatAmount === null ? [priced] : [priced, { kind: 'FLAT', tier, units, packages: null, unitAmountDecimal: null, amount: flatAmount }];
}
