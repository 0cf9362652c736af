import type { Db, Tx } from '@iotistic/chassis/database';
import { newId } from '@iotistic/contracts/ids';
import { type Selectable, sql } from 'kysely';
import type { LicensingTables, SigningKeyEventsTable, SigningKeysTable } from './tables.ts';

export type SigningKeyStatus = SigningKeysTable['status'];

/** The public half, and what is known of its life. */
export interface SigningKeyRow {
  id: string;
  publicKeyPem: string;
  status: SigningKeyStatus;
  createdAt: Date;
  currentSince: Date | null;
  retiredAt: Date | null;
  compromisedAt: Date | null;
  announcement: string | null;
}

export interface SigningKeyEvent {
  id: string;
  at: Date;
  action: SigningKeyEventsTable['action'];
  keyId: string;
  actor: string;
  requestId: string | null;
}

/** Any number: one process at a time says which key is current. */
const SIGNING_KEYS_LOCK = 4_410_087;
const MAX_EVENTS = 200;

function toSigningKey(row: Selectable<SigningKeysTable>): SigningKeyRow {
  return { id: row.id, publicKeyPem: row.public_key_pem, status: row.status, createdAt: row.created_at, currentSince: row.current_since, retiredAt: row.retired_at, compromisedAt: row.compromised_at, announcement: row.announcement };
}

/** Newest first. */
export async function listSigningKeys(db: Db<LicensingTables>): Promise<SigningKeyRow[]> {
  return (await db.selectFrom('signing_keys').selectAll().orderBy('created_at', 'desc').orderBy('id').execute()).map(toSigningKey);
}

export async function lockSigningKeys(tx: Tx<LicensingTables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${SIGNING_KEYS_LOCK})`.execute(tx);
}

/** The id of the key that signs, which stays so until the transaction ends. */
export async function holdCurrentKey(tx: Tx<LicensingTables>): Promise<string> {
  const { id } = await tx.selectFrom('signing_keys').select('id').where('status', '=', 'CURRENT').forShare().executeTakeFirstOrThrow();
  return id;
}

export async function findSealedKey(db: Db<LicensingTables>, id: string): Promise<string | null> {
  return (await db.selectFrom('signing_keys').select('sealed_private_key').where('id', '=', id).executeTakeFirst())?.sealed_private_key ?? null;
}

export async function saveSealedKey(tx: Tx<LicensingTables>, id: string, sealed: string): Promise<void> {
  await tx.updateTable('signing_keys').set({ sealed_private_key: sealed }).where('id', '=', id).execute();
}

/** Makes a key known before it signs anything. */
export async function saveAnnouncedKey(tx: Tx<LicensingTables>, key: { id: string; publicKeyPem: string; announcement: string | null }, now: Date): Promise<void> {
  await tx.insertInto('signing_keys').values({ id: key.id, public_key_pem: key.publicKeyPem, status: 'ANNOUNCED', created_at: now, retired_at: null, sealed_private_key: null, announcement: key.announcement, current_since: null, compromised_at: null }).execute();
}

/** Makes a known key the one that signs; the one before keeps verifying. */
export async function saveCurrentKey(tx: Tx<LicensingTables>, id: string, now: Date): Promise<void> {
  await tx.updateTable('signing_keys').set({ status: 'VERIFYING' }).where('status', '=', 'CURRENT').execute();
  await tx.updateTable('signing_keys').set({ status: 'CURRENT', current_since: now }).where('id', '=', id).execute();
}

/** From now on it verifies nothing. */
export async function saveRetiredKey(tx: Tx<LicensingTables>, id: string, now: Date, options: { compromised: boolean }): Promise<void> {
  await tx
    .updateTable('signing_keys')
    .set({ status: 'RETIRED', retired_at: now, ...(options.compromised ? { compromised_at: now } : {}) })
    .where('id', '=', id)
    .execute();
}

/** Keys that only verify, and that nothing depends on: no license of theirs has its calendar still running. */
export async function listKeysToRetire(tx: Tx<LicensingTables>, now: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select k.id from signing_keys k
    where k.status = 'VERIFYING' and not exists (select from licenses l where l.key_id = k.id and l.unlicensed_from > ${now})
    order by k.id`.execute(tx);
  return rows.map(({ id }) => id);
}

export async function addSigningKeyEvent(tx: Tx<LicensingTables>, event: Omit<SigningKeyEvent, 'id'>): Promise<void> {
  await tx.insertInto('signing_key_events').values({ id: newId('hist'), at: event.at, action: event.action, key_id: event.keyId, actor: event.actor, request_id: event.requestId }).execute();
}

/** Newest first. */
export async function listSigningKeyEvents(db: Db<LicensingTables>): Promise<SigningKeyEvent[]> {
  const rows = await db.selectFrom('signing_key_events').selectAll().orderBy('position', 'desc').limit(MAX_EVENTS).execute();
  return rows.map((row) => ({ id: row.id, at: row.at, action: row.action, keyId: row.key_id, actor: row.actor, requestId: row.request_id }));
}
