import type { LicensingApp } from '../app.ts';
import { countByStatus } from '../repository/fleet-licenses.ts';
import { countExpiring, countRenewalsDue } from '../repository/licenses.ts';
import { listSigningKeys } from '../repository/signing-keys.ts';

const DAY_MS = 86_400_000;
const WITHIN_DAYS = [1, 7, 30];
/** The schedule renews every five seconds. */
const RENEWED_WITHIN_MS = 15 * 60_000;
const LICENSE_STATUSES = ['ACTIVE', 'GRACE', 'READ_ONLY', 'EXPIRED', 'REVOKED'] as const;
const KEY_STATUSES = ['ANNOUNCED', 'CURRENT', 'VERIFYING', 'RETIRED'] as const;

/** Shows what runs out: licenses, and the age of the key that signs them. @returns what ends it. */
export function watchLicenses(app: Pick<LicensingApp, 'db' | 'clock' | 'metrics'>): () => void {
  const { db, clock, metrics } = app;
  const expiring = metrics.gauge('iotistic_licensing_licenses_expiring', 'Licenses in force that expire within so many days, by whether a renewal should have replaced them', ['within_days', 'renewed']);
  const licenses = metrics.gauge('iotistic_licensing_licenses', 'Licenses in force by status; a customer whose license is EXPIRED is unlicensed', ['status']);
  const overdue = metrics.gauge('iotistic_licensing_renewals_overdue', 'Licenses whose renewal was due more than 15 minutes ago', []);
  const age = metrics.gauge('iotistic_licensing_signing_key_age_seconds', 'Since when the key that signs licenses signs them', []);
  const keys = metrics.gauge('iotistic_licensing_signing_keys', 'Signing keys by status', ['status']);
  const showExpiring = async (nowMs: number): Promise<void> => {
    const counts = await countExpiring(db, new Date(nowMs), WITHIN_DAYS.map((days) => new Date(nowMs + days * DAY_MS)));
    WITHIN_DAYS.forEach((days, index) => {
      expiring.set({ within_days: String(days), renewed: 'true' }, counts[index]?.renewed ?? 0);
      expiring.set({ within_days: String(days), renewed: 'false' }, counts[index]?.ending ?? 0);
    });
  };
  return metrics.onScrape('licenses', async () => {
    const nowMs = clock.now().getTime();
    await showExpiring(nowMs);
    const counts = await countByStatus(db, new Date(nowMs));
    for (const status of LICENSE_STATUSES) licenses.set({ status }, counts.get(status) ?? 0);
    overdue.set(await countRenewalsDue(db, new Date(nowMs - RENEWED_WITHIN_MS)));
    const known = await listSigningKeys(db);
    for (const status of KEY_STATUSES) keys.set({ status }, known.filter((key) => key.status === status).length);
    const current = known.find(({ status }) => status === 'CURRENT');
    age.set(current === undefined ? 0 : Math.max(0, (nowMs - (current.currentSince ?? current.createdAt).getTime()) / 1000));
  });
}
