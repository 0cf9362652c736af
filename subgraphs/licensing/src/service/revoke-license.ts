import { publish } from '@iotistic/chassis/outbox';
import { actorOf, type Caller } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { LicensingApp } from '../app.ts';
import { parseReason } from '../domain/reason.ts';
import { saveRevocation } from '../repository/entitlements.ts';
import type { LicenseRow } from '../repository/licenses.ts';
import { holdEntitlement, waitForEntitlement } from './hold-entitlement.ts';
import { revokeAll, tellRevoked } from './revoke-licenses.ts';
import { writeAudit } from './write-audit.ts';

/**
 * Takes a customer's license back: every one that counts, and no new one until it is reinstated. Instances fall onto their
 * degradation calendar, which runs from now.
 * @throws AppError CUSTOMER_NOT_FOUND, CUSTOMER_DEACTIVATED, ALREADY_REVOKED, NO_LICENSE, INVALID_TEXT
 */
export async function revokeLicense(app: Pick<LicensingApp, 'db' | 'clock' | 'live'>, caller: Caller, input: { customerId: string; reason: string }): Promise<LicenseRow> {
  const { customerId } = input;
  const [reason, actor] = [parseReason(input.reason), actorOf(caller)];
  await waitForEntitlement(app.db, customerId);
  const revoked = await app.db.transaction().execute(async (tx) => {
    const entitlement = await holdEntitlement(tx, customerId);
    if (entitlement.revokedAt !== null) throw new AppError('CONFLICT', 'ALREADY_REVOKED');
    const now = app.clock.now();
    const result = await revokeAll(tx, { customerId, actor, reason }, now);
    if (result === null || result.tokens.length === 0) throw new AppError('CONFLICT', 'NO_LICENSE');
    await saveRevocation(tx, customerId, now);
    await publish(tx, 'licensing', 'license.revoked', { customerId, licenseId: result.license.id, reason, actor, at: now.toISOString() }, now);
    await writeAudit(tx, { customerId, actor, action: 'license.revoked', target: result.license.id, detail: reason }, now);
    return result;
  });
  await tellRevoked(app, revoked);
  return revoked.license;
}
