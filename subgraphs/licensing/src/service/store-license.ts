import type { Tx } from '@iotistic/chassis/database';
import { failpoint } from '@iotistic/contracts/failpoints';
import { derivedId } from '@iotistic/contracts/ids';
import type { LicensingApp } from '../app.ts';
import type { Entitlement } from '../domain/entitlement.ts';
import { type Lease, leaseAt } from '../domain/lease.ts';
import type { LicenseAction } from '../domain/license-action.ts';
import { addHistoryEntry } from '../repository/license-history.ts';
import { replaceLicense } from '../repository/licenses.ts';
import type { LicensingTables } from '../repository/tables.ts';
import { type SignedLicense, signLicense, tokenHashOf } from './sign-license.ts';

/** Why a license is issued. */
export interface Cause {
  action: LicenseAction;
  actor: string;
  reason: string | null;
}

export type Issuing = Pick<LicensingApp, 'clock' | 'signing'>;

/** The lease that is due now, unless another is given. */
interface WhatIsIssued {
  entitlement: Entitlement;
  lease?: Lease;
  /** What the new license is called may depend on what it says. */
  cause: Cause | ((license: Pick<SignedLicense, 'expiresAt'>) => Cause);
}

/** Signs a license, puts it in force and notes its issue, in the transaction that decided it and with the key that is current until that ends. */
export async function storeLicense(app: Issuing, tx: Tx<LicensingTables>, { entitlement, lease, cause }: WhatIsIssued): Promise<SignedLicense> {
  const now = app.clock.now();
  const license = await signLicense(await app.signing.holdCurrent(tx), entitlement, lease ?? leaseAt(entitlement, now));
  const { action, actor, reason } = typeof cause === 'function' ? cause(license) : cause;
  await replaceLicense(tx, license, now);
  const maxDevices = entitlement.limits['maxDevices'] ?? null;
  await addHistoryEntry(tx, { id: derivedId('hist', license.id, 'issued'), customerId: license.customerId, at: now, action, plan: license.plan, maxDevices, tokenHash: tokenHashOf(license.token), actor, reason });
  await failpoint('licensing.signed');
  return license;
}

/** After the commit: those who watch read it again. */
export async function tellLicenseChanged(app: Pick<LicensingApp, 'live'>, license: { id: string; customerId: string } | null): Promise<void> {
  if (license === null) return;
  await failpoint('licensing.issued');
  await app.live.publish(`license:${license.customerId}`, license.id);
}
