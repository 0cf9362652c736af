import { createHash } from 'node:crypto';
import { degradationOf, LICENSE_TYPE } from '@iotistic/contracts/license';
import type { LicensingApp } from '../app.ts';
import type { Entitlement } from '../domain/entitlement.ts';
import { claimsOf } from '../domain/license-claims.ts';
import { leaseAt } from '../domain/lease.ts';
import type { LicenseRow } from '../repository/licenses.ts';

export type SignedLicense = Omit<LicenseRow, 'supersededAt' | 'revokedAt'>;

/** The license due now for this entitlement. Whoever signs it gets the same bytes. */
export async function signLicense(app: Pick<LicensingApp, 'clock' | 'signer'>, entitlement: Entitlement): Promise<SignedLicense> {
  const lease = leaseAt(entitlement, app.clock.now());
  const claims = claimsOf(entitlement, lease, app.signer.keyId);
  return {
    id: claims.jti,
    customerId: entitlement.customerId,
    version: entitlement.version,
    plan: entitlement.plan,
    keyId: app.signer.keyId,
    token: await app.signer.sign(LICENSE_TYPE, claims),
    ...lease,
    unlicensedFrom: degradationOf(lease.expiresAt).unlicensedFrom,
  };
}

/** How history and the gateway name a token without having it. */
export function tokenHashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
