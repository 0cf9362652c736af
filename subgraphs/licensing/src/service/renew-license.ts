import type { LicensingApp } from '../app.ts';
import { findEntitlement, isDeactivated, lockCustomer } from '../repository/entitlements.ts';
import { findLicenseInForce, listCustomersToRenew } from '../repository/licenses.ts';
import { signLicense } from './sign-license.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';

const BATCH = 100;

/** Begins the customer's next lease where one is due. Several who do so at once issue one license. */
export async function renewLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer'>, customerId: string): Promise<void> {
  const entitlement = await findEntitlement(app.db, customerId);
  if (entitlement === null) return;
  const license = await signLicense(app, entitlement);
  const renewed = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const [current, inForce, deactivated] = [await findEntitlement(tx, customerId), await findLicenseInForce(tx, customerId), await isDeactivated(tx, customerId)];
    if (deactivated || current?.version !== entitlement.version || inForce === null || inForce.issuedAt >= license.issuedAt) return null;
    await storeLicense(tx, { license, maxDevices: entitlement.limits['maxDevices'] ?? null, action: 'RENEWED', actor: 'licensing', reason: 'lease renewed' }, app.clock.now());
    return license;
  });
  await tellLicenseChanged(app, renewed);
}

/** Renews all that is due, whether or not anybody asks for it: a query finds the license in force and never writes one. Ends early when told to. */
export async function renewDueLicenses(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer'>, signal: AbortSignal): Promise<void> {
  let found = BATCH;
  while (found > 0 && !signal.aborted) found = await renewBatch(app, signal);
}

async function renewBatch(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signer'>, signal: AbortSignal): Promise<number> {
  const customerIds = await listCustomersToRenew(app.db, app.clock.now(), BATCH);
  for (const customerId of customerIds) if (!signal.aborted) await renewLicense(app, customerId);
  return customerIds.length;
}
