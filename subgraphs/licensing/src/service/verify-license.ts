import { type LicenseVerdict, verifyLicense as verifyToken } from '@iotistic/contracts/license';
import type { LicensingApp } from '../app.ts';

/** Checks a license as an instance would, and against every revocation. What is wrong with it is the answer, never an error. */
export async function verifyLicense(app: Pick<LicensingApp, 'clock' | 'verificationKeys' | 'loaders'>, token: string): Promise<LicenseVerdict> {
  const verify = (): Promise<LicenseVerdict> => verifyToken(token, { findKey: app.verificationKeys.find, now: app.clock.now() });
  let verdict = await verify();
  if (verdict.state === 'UNKNOWN_KEY') {
    await app.verificationKeys.refresh();
    verdict = await verify();
  }
  if (verdict.claims === null || !(await app.loaders.revoked.load(verdict.claims.jti))) return verdict;
  return { ...verdict, state: 'REVOKED', valid: false };
}
