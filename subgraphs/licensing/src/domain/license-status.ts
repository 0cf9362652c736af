import { calendarState, degradationOf } from '@iotistic/contracts/license';

export type LicenseStatus = 'ACTIVE' | 'GRACE' | 'READ_ONLY' | 'EXPIRED' | 'SUPERSEDED' | 'REVOKED';

export interface LicenseDates {
  expiresAt: Date;
  supersededAt: Date | null;
  revokedAt: Date | null;
}

/** Revocation outweighs replacement, replacement the calendar. */
export function statusOf(license: LicenseDates, now: Date): LicenseStatus {
  if (license.revokedAt !== null) return 'REVOKED';
  if (license.supersededAt !== null) return 'SUPERSEDED';
  const state = calendarState({ expiresAt: license.expiresAt, ...degradationOf(license.expiresAt) }, now);
  return state === 'VALID' ? 'ACTIVE' : state;
}
