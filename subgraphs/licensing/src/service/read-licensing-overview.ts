import type { LicensingApp } from '../app.ts';
import { countExpiring, countRenewalsDue } from '../repository/licenses.ts';

const SOON_MS = 7 * 86_400_000;
/** The schedule renews every five seconds. */
const RENEWED_WITHIN_MS = 15 * 60_000;

/** What runs out within a week, and renewals that should have been done. */
export async function readLicensingOverview({ db, clock }: Pick<LicensingApp, 'db' | 'clock'>): Promise<{ endingSoon: number; renewalsLate: number }> {
  const now = clock.now();
  const [[soon], renewalsLate] = await Promise.all([countExpiring(db, now, [new Date(now.getTime() + SOON_MS)]), countRenewalsDue(db, new Date(now.getTime() - RENEWED_WITHIN_MS))]);
  return { endingSoon: soon?.ending ?? 0, renewalsLate };
}
