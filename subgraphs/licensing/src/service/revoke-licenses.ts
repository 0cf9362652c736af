import type { Tx } from '@iotistic/chassis/database';
import type { EventPayload } from '@iotistic/contracts/events';
import { derivedId } from '@iotistic/contracts/ids';
import type { LicensingApp } from '../app.ts';
import { findEntitlement, lockCustomer, saveDeactivation } from '../repository/entitlements.ts';
import { addHistoryEntry } from '../repository/license-history.ts';
import { findLicenseInForce, type LicenseRow } from '../repository/licenses.ts';
import { revokeLicensesOf } from '../repository/revocations.ts';
import type { LicensingTables } from '../repository/tables.ts';
import { tokenHashOf } from './sign-license.ts';
import { tellLicenseChanged } from './store-license.ts';

/** What was revoked: the license in force, and the tokens of all that counted until now. */
export interface Revoked {
  license: LicenseRow;
  tokens: string[];
}

/**
 * A deactivated customer has no license that counts, those that were replaced but still run included, and gets no new
 * one. Heard of before the first license, it is remembered.
 */
export async function revokeLicenses(app: Pick<LicensingApp, 'db' | 'clock' | 'live'>, deactivation: EventPayload<'customer.deactivated'>): Promise<void> {
  const { customerId, actor, reason } = deactivation;
  const revoked = await app.db.transaction().execute(async (tx) => {
    await lockCustomer(tx, customerId);
    if (!(await saveDeactivation(tx, customerId, new Date(deactivation.at)))) return null;
    return revokeAll(tx, { customerId, actor, reason }, app.clock.now());
  });
  if (revoked !== null) await tellRevoked(app, revoked);
}

/** Revokes whatever of this customer still counts, with one entry in its history; null where it has no license. The customer is locked. */
export async function revokeAll(tx: Tx<LicensingTables>, cause: { customerId: string; actor: string; reason: string }, now: Date): Promise<Revoked | null> {
  const { customerId, actor, reason } = cause;
  const [entitlement, license] = [await findEntitlement(tx, customerId), await findLicenseInForce(tx, customerId)];
  if (entitlement === null || license === null) return null;
  const tokens = await revokeLicensesOf(tx, customerId, now);
  const maxDevices = entitlement.limits['maxDevices'] ?? null;
  await addHistoryEntry(tx, { id: derivedId('hist', license.id, 'revoked'), customerId, at: now, action: 'REVOKED', plan: license.plan, maxDevices, tokenHash: tokenHashOf(license.token), actor, reason });
  return { license: { ...license, revokedAt: license.revokedAt ?? now }, tokens };
}

/** After the commit: instances that are connected hear of it, and the gateway takes the licenses for credentials no more. */
export async function tellRevoked(app: Pick<LicensingApp, 'live'>, { license, tokens }: Revoked): Promise<void> {
  await tellLicenseChanged(app, license);
  for (const token of tokens) await app.live.publish('credential', tokenHashOf(token));
}
