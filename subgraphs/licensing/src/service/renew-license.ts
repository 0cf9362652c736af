import type { LicensingApp } from '../app.ts';
import { leaseAt } from '../domain/lease.ts';
import { findEntitlement, isDeactivated, lockCustomer } from '../repository/entitlements.ts';
import { findLicenseInForce, listCustomersToRenew } from '../repository/licenses.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';

const BATCH = 100;

/** Begins the customer's next lease where one is due. Several who do so at once issue one license. */
export async function renewLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing'>, customerId: string): Promise<void> {
  const renewed = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const [entitlement, inForce, deactivated] = [await findEntitlement(tx, customerId), await findLicenseInForce(tx, customerId), await isDeactivated(tx, customerId)];
    if (entitlement === null || entitlement.revokedAt !== null || deactivated || inForce === null) return null;
    const lease = leaseAt(entitlement, app.clock.now());
    if (inForce.version !== entitlement.version || inForce.issuedAt >= lease.issuedAt) return null;
    return storeLicense(app, tx, { entitlement, lease, cause: { action: 'RENEWED', actor: 'licensing', reason: 'lease renewed' } });
  });
  await tellLicenseChanged(app, renewed);
}

/** Renews all that is due, whether or not anybody asks for it: a query finds the license in force and never writes one. Ends early when told to. */
export async function renewDueLicenses(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing'>, signal: AbortSignal): Promise<void> {
  let found = BATCH;
  while (found > 0 && !signal.aborted) found = await renewBatch(app, signal);
}

async function renewBatch(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing'>, signal: AbortSignal): Promise<number> {
  const customerIds = await listCustomersToRenew(app.db, app.clock.now(), BATCH);
  for (const customerId of customerIds) if (!signal.aborted) await renewLicense(app, customerId);
  return customerIds.length;
}
