import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { LicensingApp } from '../app.ts';
import { parseReason } from '../domain/reason.ts';
import { saveReinstatement } from '../repository/entitlements.ts';
import type { LicenseRow } from '../repository/licenses.ts';
import { holdEntitlement, waitForEntitlement } from './hold-entitlement.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';
import { writeAudit } from './write-audit.ts';

/**
 * Takes a revocation back by issuing anew what the subscription grants now. What was revoked stays revoked.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, NOT_REVOKED, INVALID_TEXT
 */
export async function reinstateLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing'>, caller: Caller, input: { customerId: string; reason: string }): Promise<LicenseRow> {
  const { customerId } = input;
  const [reason, actor] = [parseReason(input.reason), actorOf(caller)];
  await waitForEntitlement(app.db, customerId);
  const license = await app.db.transaction().execute(async (tx) => {
    const entitlement = await holdEntitlement(tx, customerId);
    if (entitlement.revokedAt === null) throw new AppError('CONFLICT', 'NOT_REVOKED');
    await saveReinstatement(tx, customerId);
    const issued = await storeLicense(app, tx, { entitlement: { ...entitlement, reinstatements: entitlement.reinstatements + 1 }, cause: { action: 'REINSTATED', actor, reason } });
    await writeAudit(tx, { customerId, actor, action: 'license.reinstated', target: issued.id, detail: reason }, app.clock.now());
    return { ...issued, supersededAt: null, revokedAt: null };
  });
  await tellLicenseChanged(app, license);
  return license;
}
