import type { EventPayload } from '@iotistic/contracts/events';
import { derivedId } from '@iotistic/contracts/ids';
import type { LicensingApp } from '../app.ts';
import { findEntitlement, lockCustomer, saveDeactivation } from '../repository/entitlements.ts';
import { addHistoryEntry } from '../repository/license-history.ts';
import { findLicenseInForce } from '../repository/licenses.ts';
import { revokeLicensesOf } from '../repository/revocations.ts';
import { tokenHashOf } from './sign-license.ts';
import { tellLicenseChanged } from './store-license.ts';

/**
 * A deactivated customer has no license that counts, those that were replaced but still run included, and gets no new
 * one. Heard of before the first license, it is remembered.
 */
export async function revokeLicenses(app: Pick<LicensingApp, 'db' | 'clock' | 'live'>, deactivation: EventPayload<'customer.deactivated'>): Promise<void> {
  const { customerId } = deactivation;
  const { license, tokens } = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    if (!(await saveDeactivation(tx, customerId, new Date(deactivation.at)))) return { license: null, tokens: [] };
    const [entitlement, inForce] = [await findEntitlement(tx, customerId), await findLicenseInForce(tx, customerId)];
    if (entitlement === null || inForce === null) return { license: null, tokens: [] };
    const revoked = await revokeLicensesOf(tx, customerId, app.clock.now());
    await addHistoryEntry(tx, {
      id: derivedId('hist', inForce.id, 'revoked'),
      customerId,
      at: app.clock.now(),
      action: 'REVOKED',
      plan: inForce.plan,
      maxDevices: entitlement.limits['maxDevices'] ?? null,
      tokenHash: tokenHashOf(inForce.token),
      actor: deactivation.actor,
      reason: deactivation.reason,
    });
    return { license: inForce, tokens: revoked };
  });
  await tellLicenseChanged(app, license);
  for (const token of tokens) await app.live.publish('credential', tokenHashOf(token));
}
