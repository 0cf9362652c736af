import { derivedId } from '@iotistic/contracts/ids';
import { degradationOf, LICENSE_AUDIENCE, LICENSE_ISSUER, type LicenseClaims, UNLIMITED } from '@iotistic/contracts/license';
import type { Entitlement } from './entitlement.ts';
import type { Lease } from './lease.ts';

/** Limits that the product's guards look for among the features. */
const LIMITS_AMONG_FEATURES = new Set(['maxDevices', 'dataRetentionDays']);

/** The id of the license of this customer, entitlement version, lease and key; after a revocation that was taken back it is another. */
export function licenseIdOf(entitlement: Pick<Entitlement, 'customerId' | 'version' | 'reinstatements'>, lease: Pick<Lease, 'issuedAt' | 'airGapDays'>, kid: string): string {
  const { customerId, version, reinstatements } = entitlement;
  const more = [...(reinstatements > 0 ? [`reinstated ${reinstatements}`] : []), ...(lease.airGapDays === undefined ? [] : [`air gap ${lease.airGapDays}`])];
  return derivedId('lic', customerId, String(version), String(lease.issuedAt.getTime() / 1000), kid, ...more);
}

/**
 * What the license says, in one order of names whatever order they came in: the same facts give the same bytes, and
 * RS256 signs the same bytes the same way.
 */
export function claimsOf(entitlement: Entitlement, lease: Lease, kid: string): LicenseClaims {
  const iat = lease.issuedAt.getTime() / 1000;
  const exp = lease.expiresAt.getTime() / 1000;
  const { graceUntil, readOnlyFrom, unlicensedFrom } = degradationOf(lease.expiresAt);
  const limits = sorted(entitlement.limits).map(([name, value]) => [name, value ?? UNLIMITED] as const);
  const isTrialMode = entitlement.status === 'TRIALING';
  return {
    iss: LICENSE_ISSUER,
    sub: entitlement.customerId,
    aud: LICENSE_AUDIENCE,
    iat,
    nbf: iat,
    exp,
    jti: licenseIdOf(entitlement, lease, kid),
    customerId: entitlement.customerId,
    customerName: entitlement.customerName,
    plan: entitlement.plan.toLowerCase(),
    features: Object.fromEntries<number | boolean>([...limits.filter(([name]) => LIMITS_AMONG_FEATURES.has(name)), ...sorted(entitlement.features)]),
    limits: Object.fromEntries(limits.filter(([name]) => !LIMITS_AMONG_FEATURES.has(name))),
    trial: { isTrialMode, ...(isTrialMode && entitlement.trialEndsAt !== null ? { trialEndsAt: entitlement.trialEndsAt.toISOString() } : {}) },
    subscription: { status: entitlement.status.toLowerCase(), currentPeriodEndsAt: entitlement.periodEndsAt?.toISOString() ?? null },
    degradation: { graceUntil: graceUntil.toISOString(), readOnlyFrom: readOnlyFrom.toISOString(), unlicensedFrom: unlicensedFrom.toISOString() },
    ...(lease.airGapDays === undefined ? {} : { airGap: true as const }),
    ...(entitlement.reinstatements > 0 ? { reinstatement: entitlement.reinstatements } : {}),
    version: entitlement.version,
    issuedAt: iat,
    expiresAt: exp,
  };
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
