import { keyIdOf, verifyLicense as verifyToken, type LicenseVerdict } from '@iotistic/contracts/license';
import type { LicensingApp } from '../app.ts';

/** Checks a license as an instance would, and against every revocation. Answers what is wrong with it; never an error of the caller's. */
export async function verifyLicense(app: Pick<LicensingApp, 'clock' | 'verificationKeys' | 'loaders'>, token: string): Promise<LicenseVerdict> {
  const keyId = keyIdOf(token);
  const key = keyId === null ? null : await app.verificationKeys.find(keyId);
  const verdict = await verifyToken(token, { findKey: () => key, now: app.clock.now() });
  if (verdict.claims === null || !(await app.loaders.revoked.load(verdict.claims.jti))) return verdict;
  return { ...verdict, state: 'REVOKED', valid: false };
}
