import { describe, expect, it } from 'vitest';
import { applyOverride, changeOverride, entitlementOverrideSchema } from './entitlement-override.ts';
import { planOf } from './plan-catalogue.ts';

const starter = planOf('STARTER').entitlements;
const refusal = (override: Parameters<typeof applyOverride>[1]): unknown => {
  try {
    return applyOverride(starter, override);
  } catch (error) {
    return (error as { reason?: unknown }).reason;
  }
};

describe('an override', () => {
  it('lies over the plan, both ways, and leaves the rest', () => {
    const granted = applyOverride(starter, { features: { hasOtaUpdates: true, canExportData: false }, limits: { maxDevices: null, maxUsers: 0 } });
    expect(granted).toEqual({ features: { ...starter.features, hasOtaUpdates: true, canExportData: false }, limits: { ...starter.limits, maxDevices: null, maxUsers: 0 }, included: starter.included });
  });

  it('keeps the order in which people see features', () => {
    expect(Object.keys(applyOverride(starter, { features: { canExportData: false }, limits: {} }).features)).toEqual(Object.keys(starter.features));
  });

  it('none: the plan’s own', () => {
    expect(applyOverride(starter, null)).toBe(starter);
  });

  it.each([
    [{ features: { canFly: true }, limits: {} }, 'UNKNOWN_FEATURE'],
    [{ features: { toString: true }, limits: {} }, 'UNKNOWN_FEATURE'],
    [{ features: {}, limits: { maxMoons: 1 } }, 'UNKNOWN_LIMIT'],
    [{ features: {}, limits: { constructor: 1 } }, 'UNKNOWN_LIMIT'],
    [{ features: {}, limits: { maxDevices: -1 } }, 'INVALID_LIMIT'],
    [{ features: {}, limits: { maxDevices: 1.5 } }, 'INVALID_LIMIT'],
    [{ features: {}, limits: { maxDevices: Number.NaN } }, 'INVALID_LIMIT'],
  ] as [Parameters<typeof applyOverride>[1], string][])('%j is refused: %s', (override, reason) => {
    expect(refusal(override)).toBe(reason);
  });

  it('comes back from JSON as it went', () => {
    const override = { features: { hasOtaUpdates: true }, limits: { maxDevices: null, maxUsers: 7 }, reason: 'contract 12' };
    expect(entitlementOverrideSchema.parse(JSON.parse(JSON.stringify(override)))).toEqual(override);
  });
});

describe('a change of it', () => {
  const before = { features: { hasOtaUpdates: true }, limits: { maxDevices: 100 }, reason: 'contract 12' };

  it.each([
    ['features given replace features; limits stay', { features: { canScheduleJobs: true } }, { features: { canScheduleJobs: true }, limits: { maxDevices: 100 } }],
    ['limits given empty take them back', { limits: {} }, { features: { hasOtaUpdates: true }, limits: {} }],
    ['nothing given changes the reason only', {}, { features: { hasOtaUpdates: true }, limits: { maxDevices: 100 } }],
  ])('%s', (_name, change, after) => {
    expect(changeOverride(before, { ...change, reason: 'contract 13' })).toEqual({ ...after, reason: 'contract 13' });
  });

  it('is gone where nothing is left of it, and never was where nothing is given', () => {
    expect(changeOverride(before, { features: {}, limits: {}, reason: 'over' })).toBeNull();
    expect(changeOverride(null, { reason: 'nothing' })).toBeNull();
  });

  it('begins where there was none', () => {
    expect(changeOverride(null, { limits: { maxUsers: 7 }, features: null, reason: 'new' })).toEqual({ features: {}, limits: { maxUsers: 7 }, reason: 'new' });
  });
});
