import type { EventPayload } from '@iotistic/contracts/events';
import { failpoint } from '@iotistic/contracts/failpoints';
import type { LicensingApp } from '../app.ts';
import { toEntitlement } from '../domain/entitlement.ts';
import { actionOf } from '../domain/license-action.ts';
import { findEntitlement, isDeactivated, lockCustomer, saveEntitlement } from '../repository/entitlements.ts';
import { findLicenseInForce } from '../repository/licenses.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';

/**
 * Keeps what billing grants and signs it. A version that is stored, or older than that, changes nothing; a customer that
 * was deactivated, or whose license an operator revoked, gets no license.
 */
export async function issueLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing'>, change: EventPayload<'subscription.changed'>): Promise<void> {
  const granted = toEntitlement(change);
  const { customerId } = granted;
  const issued = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const previous = await findEntitlement(tx, customerId);
    await failpoint('licensing.issuing');
    if (previous !== null && previous.version >= granted.version) return null;
    await saveEntitlement(tx, granted);
    if ((previous?.revokedAt ?? null) !== null || (await isDeactivated(tx, customerId))) return null;
    const replaced = await findLicenseInForce(tx, customerId);
    const before = previous !== null && replaced !== null ? { ...previous, expiresAt: replaced.expiresAt } : null;
    return storeLicense(app, tx, {
      entitlement: { ...granted, reinstatements: previous?.reinstatements ?? 0 },
      cause: ({ expiresAt }) => ({ action: actionOf(before, { ...granted, expiresAt }), actor: change.actor, reason: change.reason }),
    });
  });
  await tellLicenseChanged(app, issued);
}
