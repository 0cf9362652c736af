import type { Seconds } from '../simulation.ts';
import type { StripeObject } from '../store.ts';

export const PRODUCTS = 'product';
export const PRICES = 'price';
export const PRODUCT_FEATURES = 'product_feature';
export const FEATURES = 'entitlements.feature';

export interface ProductRecord extends StripeObject {
  object: 'product';
  active: boolean;
  created: Seconds;
  default_price: string | null;
  description: string | null;
  metadata: Record<string, string>;
  name: string;
  unit_label: string | null;
  updated: Seconds;
}

export interface Tier {
  flat_amount: number | null;
  flat_amount_decimal: string | null;
  unit_amount: number | null;
  unit_amount_decimal: string | null;
  /** The last unit that it holds; null for the last tier, which has no end. */
  up_to: number | null;
}

export interface Recurring {
  interval: 'day' | 'month' | 'week' | 'year';
  interval_count: number;
  meter: string | null;
  trial_period_days: number | null;
  usage_type: 'licensed' | 'metered';
}

export interface PriceRecord extends StripeObject {
  object: 'price';
  active: boolean;
  billing_scheme: 'per_unit' | 'tiered';
  created: Seconds;
  currency: string;
  lookup_key: string | null;
  metadata: Record<string, string>;
  nickname: string | null;
  product: string;
  recurring: Recurring | null;
  /** Kept with the price, shown only when it is expanded. */
  tiers: Tier[] | null;
  tiers_mode: 'graduated' | 'volume' | null;
  transform_quantity: { divide_by: number; round: 'down' | 'up' } | null;
  type: 'one_time' | 'recurring';
  /** Null where the decimal is no whole number. */
  unit_amount: number | null;
  unit_amount_decimal: string | null;
}

/** A feature that a product has. */
export interface ProductFeatureRecord extends StripeObject {
  object: 'product_feature';
  entitlement_feature: FeatureRecord;
  internal: { product: string };
}

export interface FeatureRecord extends StripeObject {
  object: 'entitlements.feature';
  active: boolean;
  lookup_key: string;
  metadata: Record<string, string>;
  name: string;
}
