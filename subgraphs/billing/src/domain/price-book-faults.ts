import { PLAN_KEYS } from '@iotistic/contracts/events';
import { parseDecimal } from './decimal.ts';
import type { MeteredPrice, Plan, PriceTier } from './plan-catalogue.ts';
import type { PriceBook } from './price-book.ts';

/** All that is wrong with price books, in words; none where they can be sold by. */
export function faultsOfBooks(books: readonly PriceBook[]): string[] {
  const lookupKeys = books.flatMap(({ plans }) => plans.flatMap(({ lookupKey, meteredPrices }) => [lookupKey, ...meteredPrices.map((price) => price.lookupKey)])).filter((key) => key !== null);
  return [
    ...(books.length === 0 ? ['there is none'] : []),
    ...duplicatesOf(books.map(({ key }) => key)).map((key) => `two books are called ${key}`),
    ...duplicatesOf(lookupKeys).map((key) => `two prices share the lookup key ${key}`),
    ...books.flatMap(({ key, from }, index) => (index > 0 && !(from > (books[index - 1]?.from ?? from)) ? [`${key}: begins no later than the book before it`] : [])),
    ...books.flatMap((book) => faultsOfBook(book).map((fault) => `${book.key}: ${fault}`)),
  ];
}

function faultsOfBook({ from, plans }: PriceBook): string[] {
  const keys = plans.map(({ key }) => key);
  const currencies = new Set(plans.flatMap(({ price, listPrice }) => [price?.currency, listPrice?.currency]).filter((currency) => currency !== undefined));
  return [
    ...(Number.isNaN(from.getTime()) ? ['begins at no time'] : []),
    ...PLAN_KEYS.filter((key) => !keys.includes(key)).map((key) => `has no plan ${key}`),
    ...duplicatesOf(keys).map((key) => `has two plans ${key}`),
    ...(currencies.size > 1 ? ['has several currencies'] : []),
    ...plans.flatMap((plan) => faultsOfPlan(plan).map((fault) => `${plan.key}: ${fault}`)),
  ];
}

function faultsOfPlan({ price, listPrice, lookupKey, meteredPrices, entitlements }: Plan): string[] {
  const amounts = [price, listPrice].filter((money) => money !== null).map(({ amount }) => amount);
  return [
    ...(amounts.length === 1 ? [] : ['has a price or a list price, not both and not none']),
    ...(amounts.every(isCount) ? [] : ['its price is no amount']),
    ...(lookupKey !== null && price === null ? ['is sold at Stripe without a price'] : []),
    ...duplicatesOf(meteredPrices.map(({ meter }) => meter)).map((meter) => `has two prices for ${meter}`),
    ...meteredPrices.flatMap((metered) => faultsOfPrice(metered, entitlements.included[metered.meter]).map((fault) => `${metered.meter}: ${fault}`)),
  ];
}

function faultsOfPrice(price: MeteredPrice, included: number | null | undefined): string[] {
  const { model, tiers, quantityPerUnit } = price;
  const isStair = model === 'GRADUATED' || model === 'VOLUME';
  return [
    ...(isPositive(quantityPerUnit) ? [] : ['a unit is a whole quantity from 1 on']),
    ...(isStair || tiers.length === 1 ? [] : [`${model} has one tier`]),
    ...(tiers.at(-1)?.upTo === null ? [] : ['the last tier has an end']),
    ...tiers.flatMap((tier, index) => faultsOfTier(tier, model, tiers[index - 1], index === tiers.length - 1).map((fault) => `tier ${index + 1} ${fault}`)),
    ...(includedBy(price) === included ? [] : [`includes ${includedBy(price)} by its tiers and ${included ?? 'no bounded quantity'} by its entitlements`]),
  ];
}

/** In the meter's own unit. Only the free first step of a graduated price includes anything: all else charges from the first unit on, or charges it after all. */
function includedBy({ model, tiers, quantityPerUnit }: MeteredPrice): number {
  const [first] = tiers;
  const isFree = model === 'GRADUATED' && first !== undefined && first.upTo !== null && /^0+(\.0+)?$/.test(first.unitAmountDecimal) && (first.flatAmount ?? 0) === 0;
  return isFree ? (first.upTo ?? 0) * quantityPerUnit : 0;
}

function faultsOfTier({ upTo, unitAmountDecimal, flatAmount, packageSize }: PriceTier, model: MeteredPrice['model'], before: PriceTier | undefined, isLast: boolean): string[] {
  return [
    ...(upTo === null ? (isLast ? [] : ['has no end, and others follow']) : isPositive(upTo) && upTo > (before?.upTo ?? 0) ? [] : ['ends no later than the one before it']),
    ...(isPrice(unitAmountDecimal) ? [] : ['has no price']),
    ...(flatAmount === null || isCount(flatAmount) ? [] : ['has a flat amount that is none']),
    ...((model === 'PACKAGE') === (packageSize !== null && isPositive(packageSize)) ? [] : ['has a package where there is none, or none where there is one']),
  ];
}

function isPrice(text: string): boolean {
  try {
    return parseDecimal(text).digits >= 0n;
  } catch {
    return false;
  }
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isPositive = (value: number): boolean => isCount(value) && value > 0;

function duplicatesOf<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
