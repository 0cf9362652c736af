import type { Meter } from '@iotistic/contracts/events';
import type Stripe from 'stripe';
import type { MeteredPrice, Plan } from '../domain/plan-catalogue.ts';
import { recognisePrice } from '../domain/stripe-items.ts';
import { METER_EVENT_NAMES, METER_PRODUCTS } from '../domain/stripe-meters.ts';
import { callStripe, type StripeAccess, stripeCodeOf, unlessMissing } from './stripe.ts';
import { listMeterIds } from './stripe-meter-ids.ts';

/** What was done to have one thing at Stripe. */
export interface SyncedThing {
  kind: 'METER' | 'PRODUCT' | 'PRICE' | 'PORTAL';
  key: string;
  action: 'CREATED' | 'KEPT' | 'REPLACED' | 'UPDATED';
}

/** A dry run reads, and tells what it would do; what is not there yet has an empty id then. */
export interface SyncOptions {
  dryRun: boolean;
}

const FOR_REAL: SyncOptions = { dryRun: false };

const PORTAL_KEY = 'iotistic_portal';

/** A thing that stands on an invoice, under its name. The id is ours: made twice at once, it is one. */
export interface SoldProduct {
  id: string;
  name: string;
  unitLabel: string | null;
  metadata: Readonly<Record<string, string>>;
}

/** A plan's base price. */
export function baseProductOf(plan: Pick<Plan, 'key' | 'name'>): SoldProduct {
  return { id: `iotistic_${plan.key.toLowerCase()}`, name: plan.name, unitLabel: null, metadata: { plan: plan.key } };
}

/** What a meter measures, whatever the plan. @throws Error for a meter that no plan bills */
export function meterProductOf(meter: Meter): SoldProduct {
  const product = METER_PRODUCTS[meter];
  if (product === undefined) throw new Error(`${meter} is not billed`);
  return { ...product, metadata: { meter } };
}

/** @returns the meter's id, found by its event name, which is unique among active meters. */
export async function ensureMeter(access: StripeAccess | null, meter: Meter, { dryRun } = FOR_REAL): Promise<{ id: string; action: SyncedThing['action'] }> {
  const eventName = METER_EVENT_NAMES[meter];
  if (eventName === undefined) throw new Error(`${meter} is not billed`);
  const found = await findMeter(access, eventName, 'active');
  if (found !== null) return { id: found, action: 'KEPT' };
  // One that somebody deactivated: the prices that are sold are of it.
  const asleep = await findMeter(access, eventName, 'inactive');
  if (asleep !== null && !dryRun) await callStripe(access, (stripe) => stripe.billing.meters.reactivate(asleep));
  if (asleep !== null) return { id: asleep, action: 'UPDATED' };
  if (dryRun) return { id: '', action: 'CREATED' };
  try {
    const created = await callStripe(access, (stripe) =>
      stripe.billing.meters.create({ display_name: eventName.replaceAll('_', ' '), event_name: eventName, default_aggregation: { formula: 'last' }, customer_mapping: { type: 'by_id', event_payload_key: 'stripe_customer_id' }, value_settings: { event_payload_key: 'value' } }),
    );
    return { id: created.id, action: 'CREATED' };
  } catch (error) {
    // Somebody made it at the same time.
    const other = await findMeter(access, eventName, 'active');
    if (other === null) throw error;
    return { id: other, action: 'KEPT' };
  }
}

async function findMeter(access: StripeAccess | null, eventName: string, status: 'active' | 'inactive'): Promise<string | null> {
  return callStripe(access, async (stripe) => {
    for await (const meter of stripe.billing.meters.list({ status, limit: 100 })) if (meter.event_name === eventName) return meter.id;
    return null;
  });
}

export async function ensureProduct(access: StripeAccess | null, { id, name, unitLabel, metadata }: SoldProduct, { dryRun } = FOR_REAL): Promise<SyncedThing['action']> {
  const wanted = { name, ...(unitLabel === null ? {} : { unit_label: unitLabel }) };
  const product = await unlessMissing(callStripe(access, (stripe) => stripe.products.retrieve(id)));
  if (product !== null) {
    if (product.name === name && product.active && (unitLabel === null || product.unit_label === unitLabel)) return 'KEPT';
    if (!dryRun) await callStripe(access, (stripe) => stripe.products.update(id, { ...wanted, active: true }));
    return 'UPDATED';
  }
  if (dryRun) return 'CREATED';
  try {
    await callStripe(access, (stripe) => stripe.products.create({ id, ...wanted, metadata: { ...metadata } }));
    return 'CREATED';
  } catch (error) {
    if (stripeCodeOf(error) === 'resource_already_exists') return 'KEPT';
    throw error;
  }
}

/** Active prices by lookup key, with their tiers and products. */
export async function findPrices(access: StripeAccess | null, lookupKeys: readonly string[]): Promise<Map<string, Stripe.Price>> {
  const found = new Map<string, Stripe.Price>();
  // Stripe takes ten keys at a time.
  for (let first = 0; first < lookupKeys.length; first += 10) {
    const keys = lookupKeys.slice(first, first + 10);
    const { data } = await callStripe(access, (stripe) => stripe.prices.list({ lookup_keys: [...keys], active: true, limit: 100, expand: ['data.tiers', 'data.product'] }));
    for (const price of data) if (price.lookup_key !== null) found.set(price.lookup_key, price);
  }
  return found;
}

/**
 * Those of them that can be sold now, by lookup key: a price that was archived, whose product was, or whose meter was
 * deactivated, is left out.
 */
export async function findSellablePrices(access: StripeAccess | null, lookupKeys: readonly string[]): Promise<Map<string, string>> {
  const meterIds = new Set((await listMeterIds(access)).values());
  const isSellable = ({ product, recurring }: Stripe.Price): boolean => typeof product === 'object' && product.deleted !== true && product.active && (recurring === null || recurring.meter === null || meterIds.has(recurring.meter));
  return new Map([...(await findPrices(access, lookupKeys))].flatMap(([key, price]): [string, string][] => (isSellable(price) ? [[key, price.id]] : [])));
}

/** null for a price that no meter measures, that is none of ours, or that is gone. */
export async function findMeterOfPrice(access: StripeAccess | null, priceId: string): Promise<Meter | null> {
  const price = await unlessMissing(callStripe(access, (stripe) => stripe.prices.retrieve(priceId)));
  return price === null ? null : (recognisePrice({ lookupKey: price.lookup_key, metadata: price.metadata }).sold?.meter ?? null);
}

/** What a price must be; an amount cannot be changed, so that another amount is another price, to which the lookup key moves. */
export type PriceTerms = Omit<Stripe.PriceCreateParams, 'lookup_key' | 'transfer_lookup_key'>;

export function baseTerms(plan: Plan, book: string): PriceTerms {
  if (plan.price === null) throw new Error(`${plan.key} has no price`);
  return { product: baseProductOf(plan).id, currency: plan.price.currency.toLowerCase(), unit_amount: plan.price.amount, recurring: { interval: 'month' }, nickname: plan.name, metadata: { plan: plan.key, book } };
}

export function meteredTerms(plan: Plan, price: MeteredPrice, meterId: string, book: string): PriceTerms {
  const shared = { product: meterProductOf(price.meter).id, currency: plan.price?.currency.toLowerCase() ?? 'usd', recurring: { interval: 'month' as const, usage_type: 'metered' as const, meter: meterId }, nickname: `${plan.name}: ${price.unit}`, metadata: { plan: plan.key, meter: price.meter, book } };
  const [first] = price.tiers;
  if (price.model === 'PER_UNIT' && first !== undefined) return { ...shared, billing_scheme: 'per_unit', unit_amount_decimal: first.unitAmountDecimal as never };
  if (price.model === 'PACKAGE' && first !== undefined) return { ...shared, billing_scheme: 'per_unit', unit_amount_decimal: first.unitAmountDecimal as never, transform_quantity: { divide_by: first.packageSize ?? 1, round: 'up' } };
  return {
    ...shared,
    billing_scheme: 'tiered',
    tiers_mode: price.model === 'VOLUME' ? 'volume' : 'graduated',
    tiers: price.tiers.map((tier) => ({ up_to: tier.upTo ?? ('inf' as const), unit_amount_decimal: tier.unitAmountDecimal as never, ...(tier.flatAmount === null ? {} : { flat_amount: tier.flatAmount }) })),
  };
}

/** Whether a price that is there is what it must be. */
export function meetsTerms(price: Stripe.Price, terms: PriceTerms): boolean {
  // Decimals are objects in the SDK and texts in our terms; both say their number.
  const textOf = (value: unknown): string => (value === null || value === undefined ? '' : typeof value === 'object' && 'id' in value ? String(value.id) : String(value as string | number));
  const same = (one: unknown, other: unknown): boolean => textOf(one) === textOf(other);
  if (!price.active || !same(price.product, terms.product) || price.currency !== terms.currency) return false;
  if (!same(price.recurring?.meter, terms.recurring?.meter) || !same(price.metadata['book'], (terms.metadata as Record<string, string>)['book'])) return false;
  if (terms.tiers === undefined) return same(price.unit_amount_decimal, terms.unit_amount_decimal ?? terms.unit_amount) && same(price.transform_quantity?.divide_by, terms.transform_quantity?.divide_by);
  if (price.tiers_mode !== terms.tiers_mode || price.tiers?.length !== terms.tiers.length) return false;
  return price.tiers.every((tier, index) => {
    const wanted = terms.tiers?.[index];
    return same(tier.up_to ?? 'inf', wanted?.up_to) && same(tier.unit_amount_decimal ?? tier.unit_amount, wanted?.unit_amount_decimal) && same(tier.flat_amount, wanted?.flat_amount);
  });
}

export async function createPrice(access: StripeAccess | null, lookupKey: string, terms: PriceTerms): Promise<Stripe.Price> {
  return callStripe(access, (stripe) => stripe.prices.create({ ...terms, lookup_key: lookupKey, transfer_lookup_key: true }));
}

/** The portal as our customers get it: cards, invoices and the end of the subscription. Plans are changed here, not there: it cannot restart a metered period. */
export async function ensurePortal(access: StripeAccess | null, { dryRun } = FOR_REAL): Promise<{ id: string; action: SyncedThing['action'] }> {
  const found = await callStripe(access, async (stripe) => {
    for await (const configuration of stripe.billingPortal.configurations.list({ active: true, limit: 100 })) if (configuration.metadata?.['key'] === PORTAL_KEY) return configuration.id;
    return null;
  });
  if (found !== null) return { id: found, action: 'KEPT' };
  if (dryRun) return { id: '', action: 'CREATED' };
  const created = await callStripe(access, (stripe) =>
    stripe.billingPortal.configurations.create({
      business_profile: { headline: 'Iotistic' },
      features: { customer_update: { enabled: true, allowed_updates: ['email', 'address', 'tax_id'] }, invoice_history: { enabled: true }, payment_method_update: { enabled: true }, subscription_cancel: { enabled: true, mode: 'at_period_end' } },
      metadata: { key: PORTAL_KEY },
    }),
  );
  return { id: created.id, action: 'CREATED' };
}
