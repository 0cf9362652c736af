import type { Tx } from '@iotistic/chassis/database';
import { derivedId } from '@iotistic/contracts/ids';
import type { LicensingApp } from '../app.ts';
import type { LicenseAction } from '../domain/license-action.ts';
import { addHistoryEntry } from '../repository/license-history.ts';
import { replaceLicense } from '../repository/licenses.ts';
import type { LicensingTables } from '../repository/tables.ts';
import { type SignedLicense, tokenHashOf } from './sign-license.ts';

export interface Issue {
  license: SignedLicense;
  /** null is unlimited. */
  maxDevices: number | null;
  action: LicenseAction;
  actor: string;
  reason: string | null;
}

/** Puts a license in force and notes its issue, in the transaction that decided it. */
export async function storeLicense(tx: Tx<LicensingTables>, issue: Issue, now: Date): Promise<void> {
  const { license, maxDevices, action, actor, reason } = issue;
  await replaceLicense(tx, license, now);
  await addHistoryEntry(tx, { id: derivedId('hist', license.id, 'issued'), customerId: license.customerId, at: now, action, plan: license.plan, maxDevices, tokenHash: tokenHashOf(license.token), actor, reason });
}

/** After the commit: those who watch read it again. */
export async function tellLicenseChanged(app: Pick<LicensingApp, 'live'>, license: { id: string; customerId: string } | null): Promise<void> {
  if (license !== null) await app.live.publish(`license:${license.customerId}`, license.id);
}
