import { METERS } from '@iotistic/contracts/events';
import { describe, expect, it } from 'vitest';
import { BYTES_PER_GB, PLAN_CATALOGUE, planOf } from './plan-catalogue.ts';

/** By plan: Trial, Starter, Professional, Enterprise. null is unlimited. */
const LIMITS: [limit: string, ...values: (number | null)[]][] = [
  ['maxInstances', 1_000, 1_000, 1_000, 1_000],
  ['maxDevices', 10, 10, 50, null],
  ['dataRetentionDays', 30, 30, 365, null],
  ['maxUsers', 2, 5, 15, null],
  ['maxAlertRules', 10, 25, 100, null],
  ['maxDashboards', 5, 10, 20, null],
  ['maxJobTemplates', 5, 10, 50, null],
];
const FEATURES: [feature: string, ...granted: boolean[]][] = [
  ['canExportData', true, true, true, true],
  ['canExecuteJobs', true, true, true, true],
  ['hasRemoteAccess', true, true, true, true],
  ['hasApiAccess', true, true, true, true],
  ['hasMqttAccess', true, true, true, true],
  ['hasAdvancedAlerts', false, false, true, true],
  ['canScheduleJobs', false, false, true, true],
  ['hasOtaUpdates', false, false, true, true],
  ['hasCustomDashboards', false, false, true, true],
  ['hasCustomBranding', false, false, false, true],
];
const INCLUDED: [meter: string, ...quantities: (number | null)[]][] = [
  ['DEVICES', 10, 5, 20, null],
  ['MQTT_MESSAGES', null, null, 1_000_000, null],
  ['STORAGE_BYTES', null, 5 * BYTES_PER_GB, 50 * BYTES_PER_GB, null],
];

describe('the price list', () => {
  it('is sorted cheapest first, and what is sold by contract comes last without a price', () => {
    expect(PLAN_CATALOGUE.map(({ key, name, price }) => [key, name, price?.amount ?? null])).toEqual([
      ['TRIAL', 'Trial', 0],
      ['STARTER', 'Starter', 2_900],
      ['PROFESSIONAL', 'Professional', 9_900],
      ['ENTERPRISE', 'Enterprise', null],
    ]);
  });

  it.each(LIMITS)('%s', (limit, ...values) => {
    expect(PLAN_CATALOGUE.map(({ entitlements }) => entitlements.limits[limit])).toEqual(values);
  });

  it.each(FEATURES)('%s', (feature, ...granted) => {
    expect(PLAN_CATALOGUE.map(({ entitlements }) => entitlements.features[feature])).toEqual(granted);
  });

  it.each(INCLUDED)('includes %s', (meter, ...quantities) => {
    expect(PLAN_CATALOGUE.map(({ entitlements }) => entitlements.included[meter as 'DEVICES'])).toEqual(quantities);
  });

  it('knows no other limit, feature or included quantity', () => {
    for (const { entitlements } of PLAN_CATALOGUE) {
      expect(Object.keys(entitlements.limits).toSorted()).toEqual(LIMITS.map(([limit]) => limit).toSorted());
      expect(Object.keys(entitlements.features).toSorted()).toEqual(FEATURES.map(([feature]) => feature).toSorted());
      expect(Object.keys(entitlements.included)).toEqual(INCLUDED.map(([meter]) => meter));
    }
  });
});

describe('metered prices', () => {
  it.each(PLAN_CATALOGUE.map((plan) => [plan.key, plan] as const))('%s: the free first tier is exactly what is included', (_key, { meteredPrices, entitlements }) => {
    for (const { meter, tiers, quantityPerUnit } of meteredPrices) {
      expect(tiers[0]?.unitAmountDecimal).toBe('0');
      expect((tiers[0]?.upTo ?? 0) * quantityPerUnit).toBe(entitlements.included[meter]);
      expect(tiers.at(-1)?.upTo).toBeNull();
    }
  });

  it('every bounded included quantity of a paid plan has a price beyond it', () => {
    for (const key of ['STARTER', 'PROFESSIONAL'] as const) {
      const { meteredPrices, entitlements } = planOf(key);
      const bounded = METERS.filter((meter) => typeof entitlements.included[meter] === 'number');
      expect(meteredPrices.map(({ meter }) => meter)).toEqual(bounded);
    }
  });

  it('no two prices share a lookup key', () => {
    const keys = PLAN_CATALOGUE.flatMap(({ meteredPrices }) => meteredPrices.map(({ lookupKey }) => lookupKey));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['STARTER', 'DEVICES', '500'],
    ['STARTER', 'STORAGE_BYTES', '50'],
    ['PROFESSIONAL', 'DEVICES', '400'],
    ['PROFESSIONAL', 'MQTT_MESSAGES', '10'],
    ['PROFESSIONAL', 'STORAGE_BYTES', '50'],
  ] as const)('%s: each further unit of %s costs %s cents', (key, meter, cents) => {
    expect(planOf(key).meteredPrices.find((price) => price.meter === meter)?.tiers.at(-1)?.unitAmountDecimal).toBe(cents);
  });
});
