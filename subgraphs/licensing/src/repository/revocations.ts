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
  await tx.updateTable('revocation_epochs').set({ epoch: sql<number>`epoch + ${revoked.length}` }).execute();
  return revoked.map(({ token }) => token);
}

/** In the order of the ids. */
export async function listRevoked(db: Db<LicensingTables>, licenseIds: readonly string[]): Promise<boolean[]> {
  const rows = await db.selectFrom('revocations').select('license_id').where(sql<boolean>`license_id = any(${licenseIds})`).execute();
  const revoked = new Set(rows.map((row) => row.license_id));
  return licenseIds.map((id) => revoked.has(id));
}

/** The epoch and the revoked licenses whose calendar still ran then, sorted: one statement, so that both are of one moment. */
export async function getRevocations(db: Db<LicensingTables>, asOf: Date): Promise<{ epoch: number; licenseIds: string[] }> {
  const { rows } = await sql<{ epoch: number; license_ids: string[] }>`
    select epoch, array(select license_id from revocations where unlicensed_from > ${asOf} order by license_id collate "C") as license_ids from revocation_epochs`.execute(db);
  return { epoch: rows[0]?.epoch ?? 0, licenseIds: rows[0]?.license_ids ?? [] };
}
