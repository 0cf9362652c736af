import type { EventPayload } from '@iotistic/contracts/events';
import type { LicensingApp } from '../app.ts';
import { toEntitlement } from '../domain/entitlement.ts';
import { actionOf } from '../domain/license-action.ts';
import { findEntitlement, isDeactivated, lockCustomer, saveEntitlement } from '../repository/entitlements.ts';
import { findLicenseInForce } from '../repository/licenses.ts';
import { signLicense } from './sign-license.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';

/**
 * Keeps what billing grants and signs it. A version that is stored, or older than that, changes nothing; a customer that
 * was deactivated gets no license any more.
 */
export async function issueLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer'>, change: EventPayload<'subscription.changed'>): Promise<void> {
  const entitlement = toEntitlement(change);
  const license = await signLicense(app, entitlement);
  const issued = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, entitlement.customerId);
    const previous = await findEntitlement(tx, entitlement.customerId);
    if (previous !== null && previous.version >= entitlement.version) return null;
    await saveEntitlement(tx, entitlement);
    if (await isDeactivated(tx, entitlement.customerId)) return null;
    const replaced = await findLicenseInForce(tx, entitlement.customerId);
    const action = actionOf(previous !== null && replaced !== null ? { ...previous, expiresAt: replaced.expiresAt } : null, { ...entitlement, expiresAt: license.expiresAt });
    await storeLicense(tx, { license, maxDevices: entitlement.limits['maxDevices'] ?? null, action, actor: change.actor, reason: change.reason }, app.clock.now());
    return license;
  });
  await tellLicenseChanged(app, issued);
}
