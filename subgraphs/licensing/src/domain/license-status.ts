export type LicenseStatus = 'ACTIVE' | 'SUPERSEDED' | 'REVOKED' | 'EXPIRED';

export interface LicenseDates {
  expiresAt: Date;
  supersededAt: Date | null;
  revokedAt: Date | null;
}

/** Revocation outweighs replacement, replacement the end of the lease. ACTIVE and EXPIRED is the one in force: its calendar runs on from there. */
export function statusOf(license: LicenseDates, now: Date): LicenseStatus {
  if (license.revokedAt !== null) return 'REVOKED';
  if (license.supersededAt !== null) return 'SUPERSEDED';
  return now < license.expiresAt ? 'ACTIVE' : 'EXPIRED';
}
