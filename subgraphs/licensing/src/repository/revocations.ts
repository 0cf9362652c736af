import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { LicensingTables } from './tables.ts';

/** Revokes every license of the customer whose calendar still runs, the replaced ones too; answers their tokens. */
export async function revokeLicensesOf(tx: Tx<LicensingTables>, customerId: string, now: Date): Promise<string[]> {
  const revoked = await tx.updateTable('licenses').set({ revoked_at: now }).where('customer_id', '=', customerId).where('unlicensed_from', '>', now).where('revoked_at', 'is', null).returning(['id', 'token', 'unlicensed_from']).execute();
  if (revoked.length === 0) return [];
  await tx
    .insertInto('revocations')
    .values(revoked.map((license) => ({ license_id: license.id, revoked_at: now, unlicensed_from: license.unlicensed_from })))
    .execute();
  await raiseEpoch(tx, revoked.length);
  return revoked.map(({ token }) => token);
}

/** When each was revoked, in the order of the ids; null for one that was not. */
export async function listRevocations(db: Db<LicensingTables>, licenseIds: readonly string[]): Promise<(Date | null)[]> {
  const rows = await db.selectFrom('revocations').select(['license_id', 'revoked_at']).where(sql<boolean>`license_id = any(${licenseIds})`).execute();
  const revoked = new Map(rows.map((row) => [row.license_id, row.revoked_at]));
  return licenseIds.map((id) => revoked.get(id) ?? null);
}

/** How many revocations there were, of whomever. */
export async function getEpoch(db: Db<LicensingTables>): Promise<number> {
  return (await db.selectFrom('revocation_epochs').select('epoch').executeTakeFirstOrThrow()).epoch;
}

export interface Revocations {
  epoch: number;
  /** Sorted by id. */
  licenses: { id: string; revokedAt: Date }[];
  keys: { id: string; compromisedAt: Date }[];
}

/** The epoch, the revoked licenses whose calendar still ran then, and the keys that are not to be trusted: one statement, so that all are of one moment. */
export async function getRevocations(db: Db<LicensingTables>, asOf: Date): Promise<Revocations> {
  const { rows } = await sql<{ epoch: number; ids: string[]; at: Date[]; key_ids: string[]; key_at: Date[] }>`
    select epoch, listed.ids, listed.at, bad.key_ids, bad.key_at from revocation_epochs,
      (select coalesce(array_agg(license_id order by license_id collate "C"), '{}') as ids, coalesce(array_agg(revoked_at order by license_id collate "C"), '{}') as at from revocations where unlicensed_from > ${asOf}) as listed,
      (select coalesce(array_agg(id order by id collate "C"), '{}') as key_ids, coalesce(array_agg(compromised_at order by id collate "C"), '{}') as key_at from signing_keys where compromised_at is not null) as bad`.execute(db);
  const [row] = rows;
  return {
    epoch: row?.epoch ?? 0,
    licenses: (row?.ids ?? []).map((id, index) => ({ id, revokedAt: row?.at[index] ?? asOf })),
    keys: (row?.key_ids ?? []).map((id, index) => ({ id, compromisedAt: row?.key_at[index] ?? asOf })),
  };
}

/** What instances hold offline is older than this from now on. */
export async function raiseEpoch(tx: Tx<LicensingTables>, by: number): Promise<void> {
  await tx.updateTable('revocation_epochs').set({ epoch: sql<number>`epoch + ${by}` }).execute();
}
