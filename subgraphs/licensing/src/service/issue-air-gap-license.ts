import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { MAX_AIR_GAP_DAYS } from '@iotistic/contracts/license';
import type { LicensingApp } from '../app.ts';
import { airGapLease } from '../domain/lease.ts';
import { licenseIdOf } from '../domain/license-claims.ts';
import { parseReason } from '../domain/reason.ts';
import { type LicenseRow, listLicenses } from '../repository/licenses.ts';
import { holdEntitlement, waitForEntitlement } from './hold-entitlement.ts';
import { storeLicense } from './store-license.ts';
import { writeAudit } from './write-audit.ts';

/**
 * A license for an instance without a network, beside the one in force: what the subscription grants now, for as many days
 * as are asked for, whatever becomes of the subscription in between. Only its revocation ends it early.
 * @throws AppError INVALID_DAYS, CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, ALREADY_REVOKED, INVALID_TEXT
 */
export async function issueAirGapLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'signing'>, caller: Caller, input: { customerId: string; days: number; reason: string }): Promise<LicenseRow> {
  const { customerId, days } = input;
  if (!Number.isInteger(days) || days < 1 || days > MAX_AIR_GAP_DAYS) throw new AppError('INVALID_INPUT', 'INVALID_DAYS');
  const [reason, actor] = [parseReason(input.reason), actorOf(caller)];
  await waitForEntitlement(app.db, customerId);
  return app.db.transaction().execute(async (tx) => {
    const entitlement = await holdEntitlement(tx, customerId);
    if (entitlement.revokedAt !== null) throw new AppError('CONFLICT', 'ALREADY_REVOKED');
    const lease = airGapLease(days, app.clock.now());
    const known = (await listLicenses(tx, [licenseIdOf(entitlement, lease, (await app.signing.holdCurrent(tx)).keyId)]))[0] ?? null;
    // The same request twice within a second is one license.
    if (known !== null) return known;
    const issued = await storeLicense(app, tx, { entitlement, lease, cause: { action: 'GENERATED', actor, reason: `air gap, ${days} days: ${reason}` } });
    await writeAudit(tx, { customerId, actor, action: 'license.air_gap_issued', target: issued.id, detail: reason }, app.clock.now());
    return { ...issued, supersededAt: null, revokedAt: null };
  });
}
