import type { Db, Tx } from '@iotistic/chassis/database';
import { type Selectable, sql } from 'kysely';
import type { LicensingTables, SigningKeysTable } from './tables.ts';

/** The public half: the private one is never in the database. */
export interface SigningKeyRow {
  id: string;
  publicKeyPem: string;
  status: SigningKeysTable['status'];
  createdAt: Date;
  retiredAt: Date | null;
}

/** Any number: one process at a time says which key is current. */
const SIGNING_KEYS_LOCK = 4_410_087;

function toSigningKey(row: Selectable<SigningKeysTable>): SigningKeyRow {
  return { id: row.id, publicKeyPem: row.public_key_pem, status: row.status, createdAt: row.created_at, retiredAt: row.retired_at };
}

/** Newest first. */
export async function listSigningKeys(db: Db<LicensingTables>): Promise<SigningKeyRow[]> {
  return (await db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').orderBy('id').execute()).map(toSigningKey);
}

export async function lockSigningKeys(tx: Tx<LicensingTables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${SIGNING_KEYS_LOCK})`.execute(tx);
}

/** Makes it the key that licenses are signed with; the one before keeps verifying. */
export async function saveCurrentKey(tx: Tx<LicensingTables>, key: { id: string; publicKeyPem: string }, now: Date): Promise<void> {
  await tx.updateTable('signing_keys').set({ status: 'VERIFYING' }).where('status', '=', 'CURRENT').execute();
  await tx.insertInto('signing_keys').values({ id: key.id, public_key_pem: key.publicKeyPem, status: 'CURRENT', created_at: now, retired_at: null }).execute();
}
