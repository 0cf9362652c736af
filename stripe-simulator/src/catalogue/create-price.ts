import { needObject } from '../find-object.ts';
import type { MeterRecord } from '../meters/meter-records.ts';
import { METERS } from '../meters/meter-records.ts';
import { array, boolean, currency, decimal, type Given, given, hash, integer, metadata, oneOf, text, unsettable, withMetadata } from '../params.ts';
import type { Simulation } from '../simulation.ts';
import { StripeError } from '../stripe-error.ts';
import type { z } from 'zod';
import { changeObject } from '../change-object.ts';
import { PRICES, type PriceRecord, PRODUCTS, type Recurring, type Tier } from './catalogue-records.ts';
import { createProduct } from './create-product.ts';

const MAX_AMOUNT = 99_999_999_999;
const interval = oneOf('day', 'month', 'week', 'year');
/** Three years. */
const MAX_COUNT = { day: 1_095, week: 156, month: 36, year: 3 } as const;

const amounts = { unit_amount: integer({ min: 0, max: MAX_AMOUNT }).optional(), unit_amount_decimal: decimal({ min: 0 }).optional() };

const tierParams = hash({
  ...amounts,
  flat_amount: integer({ min: 0, max: MAX_AMOUNT }).optional(),
  flat_amount_decimal: decimal({ min: 0 }).optional(),
  up_to: oneOf('inf').or(integer({ min: 1 })),
});

/** `product_data` */
const productData = hash({ active: boolean().optional(), id: text().optional(), metadata: metadata().optional(), name: text(), statement_descriptor: text(22).optional(), tax_code: text().optional(), unit_label: text(12).optional() });

export const priceFields = {
  currency: currency(),
  active: boolean().optional(),
  billing_scheme: oneOf('per_unit', 'tiered').optional(),
  lookup_key: text(200).optional(),
  metadata: metadata().optional(),
  nickname: unsettable(text(5_000)).optional(),
  product: text().optional(),
  product_data: productData.optional(),
  recurring: hash({ interval, interval_count: integer({ min: 1 }).optional(), meter: text().optional(), trial_period_days: integer({ min: 0, max: 730 }).optional(), usage_type: oneOf('licensed', 'metered').optional() }).optional(),
  tax_behavior: oneOf('exclusive', 'inclusive', 'unspecified').optional(),
  tiers: array(tierParams, { max: 100 }).optional(),
  tiers_mode: oneOf('graduated', 'volume').optional(),
  transfer_lookup_key: boolean().optional(),
  transform_quantity: hash({ divide_by: integer({ min: 1 }), round: oneOf('down', 'up') }).optional(),
  ...amounts,
};

/** A price that is made where it is used: of a product, for a period. */
export const inlinePriceParams = hash({ currency: currency(), metadata: metadata().optional(), recurring: hash({ interval, interval_count: integer({ min: 1 }).optional() }).optional(), tax_behavior: priceFields.tax_behavior, ...amounts });

const newPrice = hash(priceFields);
export type NewPrice = Given<z.infer<typeof newPrice>> & { currency: string };

/** @throws StripeError when its parts do not go together, as Stripe refuses them. */
export function createPrice(simulation: Simulation, wanted: NewPrice): PriceRecord {
  const scheme = wanted.billing_scheme ?? 'per_unit';
  if (scheme === 'tiered') checkTiered(wanted);
  else checkPerUnit(wanted);
  const recurring = recurringOf(simulation, wanted.recurring);
  const product = productOf(simulation, wanted);
  if (wanted.lookup_key !== undefined) freeLookupKey(simulation, wanted.lookup_key, null, wanted.transfer_lookup_key ?? false);
  const price = simulation.store.put<PriceRecord>(PRICES, {
    id: simulation.newId('price'),
    object: 'price',
    active: wanted.active ?? true,
    billing_scheme: scheme,
    created: simulation.now(),
    currency: wanted.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: wanted.lookup_key ?? null,
    metadata: withMetadata({}, wanted.metadata),
    nickname: wanted.nickname ?? null,
    product,
    recurring,
    tax_behavior: wanted.tax_behavior ?? 'unspecified',
    tiers: scheme === 'tiered' ? (wanted.tiers ?? []).map(tierOf) : null,
    tiers_mode: wanted.tiers_mode ?? null,
    transform_quantity: wanted.transform_quantity ?? null,
    type: recurring === null ? 'one_time' : 'recurring',
    ...amountPair(scheme === 'tiered' ? {} : wanted),
  });
  simulation.emit('price.created', price);
  return price;
}

/** Takes a lookup key from the price that has it. @throws StripeError when one has it and it is not to be transferred. */
export function freeLookupKey(simulation: Simulation, key: string, taker: string | null, isTransferred: boolean): void {
  for (const holder of simulation.store.by<PriceRecord>(PRICES, 'lookup_key', key)) {
    if (holder.id === taker) continue;
    if (!isTransferred) throw StripeError.invalid(`A price (\`${holder.id}\`) already uses that lookup key.`, { param: 'lookup_key' });
    changeObject(simulation, PRICES, holder, { lookup_key: null }, 'price.updated');
  }
}

function checkPerUnit(wanted: NewPrice): void {
  if (wanted.tiers !== undefined) throw StripeError.invalid('You may only specify `tiers` when `billing_scheme=tiered`.', { param: 'tiers' });
  if (wanted.tiers_mode !== undefined) throw StripeError.invalid('You may only specify `tiers_mode` when `billing_scheme=tiered`.', { param: 'tiers_mode' });
  if (wanted.unit_amount === undefined && wanted.unit_amount_decimal === undefined) throw StripeError.invalid('Prices require an `unit_amount` or `unit_amount_decimal` parameter to be set.', { code: 'parameter_missing', param: 'unit_amount' });
  onlyOne(wanted, 'unit_amount', '');
}

function checkTiered(wanted: NewPrice): void {
  if (wanted.transform_quantity !== undefined) throw StripeError.invalid('You may not specify `transform_quantity` when `billing_scheme=tiered`.', { param: 'transform_quantity' });
  if (wanted.unit_amount !== undefined || wanted.unit_amount_decimal !== undefined) throw StripeError.invalid('You may not specify `unit_amount` when `billing_scheme=tiered`; set it in each of `tiers`.', { param: 'unit_amount' });
  const { tiers = [], tiers_mode } = wanted;
  if (tiers.length === 0) throw StripeError.invalid('Missing required param: tiers.', { code: 'parameter_missing', param: 'tiers' });
  if (tiers_mode === undefined) throw StripeError.invalid('Missing required param: tiers_mode.', { code: 'parameter_missing', param: 'tiers_mode' });
  let last = 0;
  for (const [index, tier] of tiers.entries()) {
    const isLast = index === tiers.length - 1;
    if (isLast !== (tier.up_to === 'inf')) throw StripeError.invalid(isLast ? 'The last tier must have `up_to` set to `inf`.' : 'Only the last tier may have `up_to` set to `inf`.', { param: `tiers[${index}][up_to]` });
    if (typeof tier.up_to === 'number' && tier.up_to <= last) throw StripeError.invalid('Each tier must reach further than the one before it (`up_to`).', { param: `tiers[${index}][up_to]` });
    if (tier.unit_amount === undefined && tier.unit_amount_decimal === undefined && tier.flat_amount === undefined && tier.flat_amount_decimal === undefined) {
      throw StripeError.invalid('Each tier requires at least one of `unit_amount`, `unit_amount_decimal`, `flat_amount` and `flat_amount_decimal`.', { code: 'parameter_missing', param: `tiers[${index}][unit_amount]` });
    }
    onlyOne(tier, 'unit_amount', `tiers[${index}]`);
    onlyOne(tier, 'flat_amount', `tiers[${index}]`);
    last = typeof tier.up_to === 'number' ? tier.up_to : last;
  }
}

function onlyOne(given: object, name: 'flat_amount' | 'unit_amount', within: string): void {
  const values = given as Record<string, unknown>;
  if (values[name] === undefined || values[`${name}_decimal`] === undefined) return;
  throw StripeError.invalid(`You may only specify one of these parameters: ${name}, ${name}_decimal.`, { param: within === '' ? name : `${within}[${name}]` });
}

function recurringOf(simulation: Simulation, wanted: NewPrice['recurring']): Recurring | null {
  if (wanted === undefined) return null;
  const { interval: every, interval_count = 1, meter = null, trial_period_days = null, usage_type = 'licensed' } = wanted;
  if (interval_count > MAX_COUNT[every]) throw StripeError.invalid('The maximum interval is three years.', { param: 'recurring[interval_count]' });
  if (usage_type === 'metered' && meter === null) throw StripeError.invalid('Prices with `recurring.usage_type=metered` must be backed by a meter: set `recurring[meter]`.', { code: 'parameter_missing', param: 'recurring[meter]' });
  if (usage_type === 'licensed' && meter !== null) throw StripeError.invalid('You may only specify `recurring[meter]` when `recurring[usage_type]=metered`.', { param: 'recurring[meter]' });
  if (meter !== null && needObject<MeterRecord>(simulation, METERS, meter, 'recurring[meter]').status !== 'active') throw StripeError.invalid(`The meter ${meter} is inactive: a price cannot be made for it.`, { param: 'recurring[meter]' });
  return { interval: every, interval_count, meter, trial_period_days, usage_type };
}

function productOf(simulation: Simulation, { product, product_data }: NewPrice): string {
  if (product !== undefined && product_data !== undefined) throw StripeError.invalid('You may only specify one of these parameters: product, product_data.', { param: 'product' });
  if (product_data !== undefined) return createProduct(simulation, { ...given(product_data), name: product_data.name }).id;
  if (product === undefined) throw StripeError.invalid('Missing required param: product.', { code: 'parameter_missing', param: 'product' });
  return needObject(simulation, PRODUCTS, product, 'product').id;
}

function tierOf({ up_to, unit_amount, unit_amount_decimal, flat_amount, flat_amount_decimal }: z.infer<typeof tierParams>): Tier {
  const flat = amountPair({ unit_amount: flat_amount, unit_amount_decimal: flat_amount_decimal });
  return { flat_amount: flat.unit_amount, flat_amount_decimal: flat.unit_amount_decimal, ...amountPair({ unit_amount, unit_amount_decimal }), up_to: up_to === 'inf' ? null : up_to };
}

/** An amount in both of its spellings: the integer is null where the decimal is no whole number. */
function amountPair({ unit_amount, unit_amount_decimal }: { unit_amount?: number | undefined; unit_amount_decimal?: string | undefined }): { unit_amount: number | null; unit_amount_decimal: string | null } {
  if (unit_amount !== undefined) return { unit_amount, unit_amount_decimal: String(unit_amount) };
  if (unit_amount_decimal === undefined) return { unit_amount: null, unit_amount_decimal: null };
  return { unit_amount: unit_amount_decimal.includes('.') ? null : Number(unit_amount_decimal), unit_amount_decimal };
}
