import { createHash } from 'node:crypto';
import { degradationOf, LICENSE_TYPE } from '@iotistic/contracts/license';
import type { Signer } from '../clients/signer.ts';
import type { Entitlement } from '../domain/entitlement.ts';
import { claimsOf } from '../domain/license-claims.ts';
import type { Lease } from '../domain/lease.ts';
import type { LicenseRow } from '../repository/licenses.ts';

export type SignedLicense = Omit<LicenseRow, 'supersededAt' | 'revokedAt'>;

/** The license of this entitlement over this lease. Whoever signs it with the same key gets the same bytes. */
export async function signLicense(signer: Signer, entitlement: Entitlement, lease: Lease): Promise<SignedLicense> {
  const claims = claimsOf(entitlement, lease, signer.keyId);
  return {
    id: claims.jti,
    customerId: entitlement.customerId,
    version: entitlement.version,
    plan: entitlement.plan,
    keyId: signer.keyId,
    token: await signer.sign(LICENSE_TYPE, claims),
    issuedAt: lease.issuedAt,
    expiresAt: lease.expiresAt,
    renewAt: lease.renewAt,
    unlicensedFrom: degradationOf(lease.expiresAt).unlicensedFrom,
    airGap: lease.airGapDays !== undefined,
  };
}

/** How history and the gateway name a token without having it. */
export function tokenHashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
