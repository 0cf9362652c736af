import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { LicensingTables } from './tables.ts';

/** Revokes every license of the customer whose calendar still runs, the replaced ones too; answers their tokens. */
export async function revokeLicensesOf(tx: Tx<LicensingTables>, customerId: string, now: Date): Promise<string[]> {
  const revoked = await tx.updateTable('licenses').set({ revoked_at: now }).where('customer_id', '=', customerId).where('unlicensed_from', '>', now).where('revoked_at', 'is', null).returning(['id', 'token', 'unlicensed_from']).execute();
  if (revoked.length === 0) return [];
  await sql`
    insert into revocations (license_id, revoked_at, unlicensed_from)
    select id, ${now}, unlicensed_from from unnest(${revoked.map(({ id }) => id)}::text[], ${revoked.map((license) => license.unlicensed_from)}::timestamptz[]) as revoked (id, unlicensed_from)`.execute(tx);
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

const PAGE = 5_000;

/** The epoch, the revoked licenses whose calendar still ran then, and the keys that are not to be trusted: read a page at a time, so the transaction has to see one moment. */
export async function getRevocations(tx: Tx<LicensingTables>, asOf: Date): Promise<Revocations> {
  const epoch = await getEpoch(tx);
  const keys = await sql<{ id: string; compromisedAt: Date }>`select id, compromised_at as "compromisedAt" from signing_keys where compromised_at is not null order by id collate "C"`.execute(tx);
  await sql`declare revoked no scroll cursor for select license_id as id, revoked_at as "revokedAt" from revocations where unlicensed_from > ${asOf}::timestamptz order by license_id collate "C"`.execute(tx);
  const licenses: Revocations['licenses'] = [];
  for (let isMore = true; isMore; ) {
    const { rows } = await sql<{ id: string; revokedAt: Date }>`fetch ${sql.lit(PAGE)} from revoked`.execute(tx);
    for (const row of rows) licenses.push(row);
    isMore = rows.length === PAGE;
  }
  return { epoch, licenses, keys: keys.rows };
}

/** What instances hold offline is older than this from now on. */
export async function raiseEpoch(tx: Tx<LicensingTables>, by: number): Promise<void> {
  await tx.updateTable('revocation_epochs').set({ epoch: sql<number>`epoch + ${by}` }).execute();
}
