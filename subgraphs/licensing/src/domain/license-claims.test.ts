import { licenseClaimsSchema, UNLIMITED } from '@iotistic/contracts/license';
import { describe, expect, it } from 'vitest';
import type { Entitlement } from './entitlement.ts';
import { claimsOf, licenseIdOf } from './license-claims.ts';
import { leaseAt } from './lease.ts';

const START = new Date('2026-11-20T00:00:00.000Z');
const PERIOD_END = new Date('2026-12-21T00:00:00.000Z');
const professional: Entitlement = {
  customerId: 'cust_a',
  customerName: 'Acme Corp',
  plan: 'PROFESSIONAL',
  status: 'ACTIVE',
  trialEndsAt: null,
  periodEndsAt: PERIOD_END,
  endsAt: PERIOD_END,
  features: { canExportData: true, hasCustomBranding: false },
  limits: { maxDevices: 50, dataRetentionDays: 365, maxUsers: 15, maxAlertRules: 100, maxDashboards: 20, maxJobTemplates: 50 },
  version: 7,
  updatedAt: START,
  reinstatements: 0,
};
const lease = leaseAt(professional, START);

describe('the claims of a license', () => {
  it('are these, in this order', () => {
    const claims = claimsOf(professional, lease, 'kid-1');
    const iat = START.getTime() / 1000;
    const exp = PERIOD_END.getTime() / 1000;
    expect(JSON.stringify(claims)).toBe(
      JSON.stringify({
        iss: 'iotistic-control-plane',
        sub: 'cust_a',
        aud: 'iotistic-instance',
        iat,
        nbf: iat,
        exp,
        jti: licenseIdOf(professional, lease, 'kid-1'),
        customerId: 'cust_a',
        customerName: 'Acme Corp',
        plan: 'professional',
        features: { dataRetentionDays: 365, maxDevices: 50, canExportData: true, hasCustomBranding: false },
        limits: { maxAlertRules: 100, maxDashboards: 20, maxJobTemplates: 50, maxUsers: 15 },
        trial: { isTrialMode: false },
        subscription: { status: 'active', currentPeriodEndsAt: '2026-12-21T00:00:00.000Z' },
        degradation: { graceUntil: '2026-12-28T00:00:00.000Z', readOnlyFrom: '2026-12-28T00:00:00.000Z', unlicensedFrom: '2027-01-11T00:00:00.000Z' },
        version: 7,
        issuedAt: iat,
        expiresAt: exp,
      }),
    );
    expect(licenseClaimsSchema.parse(claims)).toEqual(claims);
  });

  it('are the same text whatever order the grants came in', () => {
    const reversed = { ...professional, features: { hasCustomBranding: false, canExportData: true }, limits: Object.fromEntries(Object.entries(professional.limits).toReversed()) };
    expect(JSON.stringify(claimsOf(reversed, lease, 'kid-1'))).toBe(JSON.stringify(claimsOf(professional, lease, 'kid-1')));
  });

  it('say unlimited as the largest number that an older guard compares with', () => {
    const claims = claimsOf({ ...professional, limits: { maxDevices: null, dataRetentionDays: null, maxUsers: null } }, lease, 'kid-1');
    expect([claims.features['maxDevices'], claims.features['dataRetentionDays'], claims.limits['maxUsers']]).toEqual([UNLIMITED, UNLIMITED, UNLIMITED]);
  });

  it('name the end of a trial', () => {
    const trial = { ...professional, status: 'TRIALING' as const, trialEndsAt: PERIOD_END };
    expect(claimsOf(trial, lease, 'kid-1').trial).toEqual({ isTrialMode: true, trialEndsAt: '2026-12-21T00:00:00.000Z' });
  });

  it('have an id for each customer, version, lease and key', () => {
    const ids = [
      licenseIdOf(professional, lease, 'kid-1'),
      licenseIdOf({ ...professional, customerId: 'cust_b' }, lease, 'kid-1'),
      licenseIdOf({ ...professional, version: 8 }, lease, 'kid-1'),
      licenseIdOf(professional, { issuedAt: PERIOD_END }, 'kid-1'),
      licenseIdOf(professional, lease, 'kid-2'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(licenseIdOf(professional, lease, 'kid-1')).toBe(ids[0]);
  });
});
