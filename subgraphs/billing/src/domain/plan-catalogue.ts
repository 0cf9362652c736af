import { type EntitlementValues, type Meter, PLAN_KEYS, type PlanKey } from '@iotistic/contracts/events';
import type { Money } from './money.ts';

/** One step of a price; a price that is no stair has one. */
export interface PriceTier {
  /** Last unit of this step, counted from the first of the period; null has no end. */
  upTo: number | null;
  /** Minor units per unit, or per package, as text: no floats for money. */
  unitAmountDecimal: string;
  /** Minor units, once where the step is reached; the first step is reached by no units too. */
  flatAmount: number | null;
  /** PACKAGE: how many units one package holds; a started one counts. */
  packageSize: number | null;
}

/** PER_UNIT: each unit the same. GRADUATED: each unit at the price of its own step. VOLUME: all at the price of the last one's. PACKAGE: by the started package. */
export type PricingModel = 'PER_UNIT' | 'GRADUATED' | 'VOLUME' | 'PACKAGE';

/** What a meter costs beyond the base price. What is included is the free first tier, so that an invoice explains itself. */
export interface MeteredPrice {
  meter: Meter;
  /** Stripe's price is found by it. */
  lookupKey: string;
  /** What one unit of a tier is, in words. */
  unit: string;
  /** How much of the meter makes one unit; a started unit counts as one. */
  quantityPerUnit: number;
  model: PricingModel;
  tiers: readonly PriceTier[];
}

export interface Plan {
  key: PlanKey;
  name: string;
  /** Per month; null where the price is by contract. */
  price: Money | null;
  /** Per month, where the price is by contract: what plans are compared with. */
  listPrice: Money | null;
  /** Stripe's base price is found by it; null where nothing is bought at Stripe. */
  lookupKey: string | null;
  /**
   * `included` names the meters that some plan bills. null there: without bound, because the plan says so or because it
   * does not bill this meter. Meters that no plan bills (traffic, API calls) are absent.
   */
  entitlements: EntitlementValues;
  meteredPrices: readonly MeteredPrice[];
}

const CURRENCY = 'USD';
/** A gigabyte is the decimal one, as price lists mean it. */
export const BYTES_PER_GB = 1_000_000_000;
const MESSAGES_PER_UNIT = 1_000;

const EVERY_PLAN = { canExportData: true, canExecuteJobs: true, hasRemoteAccess: true, hasApiAccess: true, hasMqttAccess: true };
const NO_EXTRAS = { hasAdvancedAlerts: false, canScheduleJobs: false, hasOtaUpdates: false, hasCustomDashboards: false, hasCustomBranding: false };
const PROFESSIONAL_EXTRAS = { hasAdvancedAlerts: true, canScheduleJobs: true, hasOtaUpdates: true, hasCustomDashboards: true, hasCustomBranding: false };

/** Free up to `included` units, then so many cents for each further one. */
function graduated(included: number, unitAmountDecimal: string): readonly PriceTier[] {
  const tier = { flatAmount: null, packageSize: null };
  return [
    { ...tier, upTo: included, unitAmountDecimal: '0' },
    { ...tier, upTo: null, unitAmountDecimal },
  ];
}

function devicePrice(plan: string, included: number, unitAmountDecimal: string): MeteredPrice {
  return { meter: 'DEVICES', lookupKey: `device_usage_${plan}`, unit: 'device', quantityPerUnit: 1, model: 'GRADUATED', tiers: graduated(included, unitAmountDecimal) };
}

function messagePrice(plan: string, includedThousands: number, unitAmountDecimal: string): MeteredPrice {
  return { meter: 'MQTT_MESSAGES', lookupKey: `mqtt_messages_${plan}`, unit: '1,000 messages', quantityPerUnit: MESSAGES_PER_UNIT, model: 'GRADUATED', tiers: graduated(includedThousands, unitAmountDecimal) };
}

function storagePrice(plan: string, includedGigabytes: number, unitAmountDecimal: string): MeteredPrice {
  return { meter: 'STORAGE_BYTES', lookupKey: `storage_gb_${plan}`, unit: 'GB', quantityPerUnit: BYTES_PER_GB, model: 'GRADUATED', tiers: graduated(includedGigabytes, unitAmountDecimal) };
}

const PLANS: Readonly<Record<PlanKey, Plan>> = {
  TRIAL: {
    key: 'TRIAL',
    name: 'Trial',
    price: { amount: 0, currency: CURRENCY },
    listPrice: null,
    lookupKey: null,
    entitlements: {
      features: { ...EVERY_PLAN, ...NO_EXTRAS },
      limits: { maxInstances: 1_000, maxDevices: 10, dataRetentionDays: 30, maxUsers: 2, maxAlertRules: 10, maxDashboards: 5, maxJobTemplates: 5 },
      included: { DEVICES: 10, MQTT_MESSAGES: null, STORAGE_BYTES: null },
    },
    meteredPrices: [],
  },
  STARTER: {
    key: 'STARTER',
    name: 'Starter',
    price: { amount: 2_900, currency: CURRENCY },
    listPrice: null,
    lookupKey: 'starter_monthly',
    entitlements: {
      features: { ...EVERY_PLAN, ...NO_EXTRAS },
      limits: { maxInstances: 1_000, maxDevices: 10, dataRetentionDays: 30, maxUsers: 5, maxAlertRules: 25, maxDashboards: 10, maxJobTemplates: 10 },
      included: { DEVICES: 5, MQTT_MESSAGES: null, STORAGE_BYTES: 5 * BYTES_PER_GB },
    },
    meteredPrices: [devicePrice('starter', 5, '500'), storagePrice('starter', 5, '50')],
  },
  PROFESSIONAL: {
    key: 'PROFESSIONAL',
    name: 'Professional',
    price: { amount: 9_900, currency: CURRENCY },
    listPrice: null,
    lookupKey: 'professional_monthly',
    entitlements: {
      features: { ...EVERY_PLAN, ...PROFESSIONAL_EXTRAS },
      limits: { maxInstances: 1_000, maxDevices: 50, dataRetentionDays: 365, maxUsers: 15, maxAlertRules: 100, maxDashboards: 20, maxJobTemplates: 50 },
      included: { DEVICES: 20, MQTT_MESSAGES: 1_000_000, STORAGE_BYTES: 50 * BYTES_PER_GB },
    },
    meteredPrices: [devicePrice('professional', 20, '400'), messagePrice('professional', 1_000, '10'), storagePrice('professional', 50, '50')],
  },
  ENTERPRISE: {
    key: 'ENTERPRISE',
    name: 'Enterprise',
    price: null,
    listPrice: { amount: 29_900, currency: CURRENCY },
    lookupKey: null,
    entitlements: {
      features: { ...EVERY_PLAN, ...PROFESSIONAL_EXTRAS, hasCustomBranding: true },
      limits: { maxInstances: 1_000, maxDevices: null, dataRetentionDays: null, maxUsers: null, maxAlertRules: null, maxDashboards: null, maxJobTemplates: null },
      included: { DEVICES: null, MQTT_MESSAGES: null, STORAGE_BYTES: null },
    },
    meteredPrices: [],
  },
};

/** The price list of the first price book, cheapest first, and last what is sold by contract. */
export const PLAN_CATALOGUE: readonly Plan[] = PLAN_KEYS.map((key) => PLANS[key]).sort((a, b) => (a.price?.amount ?? Infinity) - (b.price?.amount ?? Infinity));

export function planOf(key: PlanKey): Plan {
  return PLANS[key];
}
