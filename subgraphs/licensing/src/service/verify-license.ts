import { calendarOf, type LicenseCalendar, type LicenseVerdict, MAX_LICENSE_CHARACTERS, verifyLicense as verifyToken } from '@iotistic/contracts/license';
import { unwrapToken } from '@iotistic/contracts/wrapped-token';
import type { LicensingApp } from '../app.ts';

/** With its calendar, where the signature is good: from the revocation on the one that began there. */
export type LicenseAnswer = LicenseVerdict & { calendar: LicenseCalendar | null; revokedAt: Date | null };

/** With all that wraps it. Longer texts are not looked through for a license. */
const MAX_WRAPPED_CHARACTERS = 2 * MAX_LICENSE_CHARACTERS;

/**
 * Checks a license as an instance would, and against every revocation. What is wrong with it is the answer, never an error.
 * @param text the license as it was carried here: in a file, wrapped, in quotes.
 */
export async function verifyLicense(app: Pick<LicensingApp, 'clock' | 'verificationKeys' | 'loaders'>, text: string): Promise<LicenseAnswer> {
  const token = text.length > MAX_WRAPPED_CHARACTERS ? text : unwrapToken(text);
  const verify = (): LicenseVerdict => verifyToken(token, { findKey: app.verificationKeys.find, now: app.clock.now() });
  let verdict = verify();
  if (verdict.state === 'UNKNOWN_KEY') {
    await app.verificationKeys.refresh();
    verdict = verify();
  }
  if (verdict.claims === null) return { ...verdict, calendar: null, revokedAt: null };
  const revokedAt = await app.loaders.revocations.load(verdict.claims.jti);
  const calendar = calendarOf(verdict.claims, revokedAt);
  return revokedAt === null ? { ...verdict, calendar, revokedAt } : { ...verdict, state: 'REVOKED', valid: false, calendar, revokedAt };
}
