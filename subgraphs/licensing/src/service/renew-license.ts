import { FairRounds } from '@iotistic/chassis/fair-rounds';
import type { LicensingApp } from '../app.ts';
import { leaseAt } from '../domain/lease.ts';
import { findEntitlement, isDeactivated, lockCustomer } from '../repository/entitlements.ts';
import { findLicenseInForce, listCustomersToRenew } from '../repository/licenses.ts';
import { storeLicense, tellLicenseChanged } from './store-license.ts';

const BATCH = 100;
/** In one run: others of the schedule have their turn, and the next run goes on. */
const MAX_BATCHES = 50;

/** Begins the customer's next lease where one is due. Several who do so at once issue one license. */
export async function renewLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'signing'>, customerId: string): Promise<void> {
  const renewed = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    const [entitlement, inForce, deactivated] = [await findEntitlement(tx, customerId), await findLicenseInForce(tx, customerId), await isDeactivated(tx, customerId)];
    if (entitlement === null || entitlement.revokedAt !== null || deactivated || inForce === null) return null;
    const lease = leaseAt(entitlement, app.clock.now());
    // A process whose clock is behind begins no earlier one.
    if (inForce.version !== entitlement.version || inForce.issuedAt >= lease.issuedAt) return null;
    return storeLicense(app, tx, { entitlement, lease, cause: { action: 'RENEWED', actor: 'licensing', reason: 'lease renewed' } });
  });
  await tellLicenseChanged(app, renewed);
}

/** Renews all that is due, whether or not anybody asks for it: a query finds the license in force and never writes one. Ends early when told to. */
export async function renewDueLicenses(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'log' | 'signing'>, signal: AbortSignal, rounds = new FairRounds()): Promise<void> {
  for (let batch = 0, tried = BATCH; batch < MAX_BATCHES && tried === BATCH; batch += 1) {
    tried = await rounds.run({
      limit: BATCH,
      list: (except, limit) => listCustomersToRenew(app.db, app.clock.now(), except, limit),
      keyOf: (customerId) => customerId,
      // One whose lease does not go on stays due.
      each: (customerId) => renewLicense(app, customerId).then(() => 'stays'),
      failed: (err, customerId) => app.log.warn({ err, customerId }, 'a license waits to be renewed'),
      signal,
    });
  }
}
