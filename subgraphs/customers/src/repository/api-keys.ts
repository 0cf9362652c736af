import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { CustomersTables } from './tables.ts';

export interface ApiKeyRow {
  id: string;
  customerId: string;
  name: string;
  prefix: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

const COLUMNS = ['id', 'customer_id as customerId', 'name', 'prefix', 'created_at as createdAt', 'last_used_at as lastUsedAt', 'revoked_at as revokedAt'] as const;

/** An account has no more in force. */
export const MAX_KEYS_IN_FORCE = 100;
/** Keys in force are few by rule; of those revoked, a list shows so many. */
const MAX_LISTED_KEYS = 300;

export function findApiKey(db: Db<CustomersTables>, id: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('api_keys').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

/** The keys of these customers: those in force before the others, and then the newest first. */
export async function listApiKeysOf(db: Db<CustomersTables>, customerIds: readonly string[]): Promise<ApiKeyRow[]> {
  const { rows } = await sql<ApiKeyRow>`
    select k.* from unnest(${[...customerIds]}::text[]) as c (id) cross join lateral (
      select id, customer_id as "customerId", name, prefix, created_at as "createdAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"
      from api_keys where customer_id = c.id
      order by (revoked_at is null) desc, created_at desc, id desc limit ${MAX_LISTED_KEYS}
    ) as k`.execute(db);
  return rows;
}

export async function countKeysInForce(tx: Tx<CustomersTables>, customerId: string): Promise<number> {
  const row = await tx
    .selectFrom('api_keys')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('customer_id', '=', customerId)
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** @throws a unique violation of api_keys_name_taken */
export async function insertApiKey(tx: Tx<CustomersTables>, key: ApiKeyRow, secretSha256: string, deploymentId: string | null = null): Promise<void> {
  await tx
    .insertInto('api_keys')
    .values({ id: key.id, customer_id: key.customerId, name: key.name, prefix: key.prefix, secret_sha256: secretSha256, created_at: key.createdAt, last_used_at: null, revoked_at: null, deployment_id: deploymentId })
    .execute();
}

/** Revokes the key; answers the hash of its secret, undefined when it was revoked before. */
export async function revokeKey(tx: Tx<CustomersTables>, id: string, at: Date): Promise<string | undefined> {
  const row = await tx.updateTable('api_keys').set({ revoked_at: at }).where('id', '=', id).where('revoked_at', 'is', null).returning('secret_sha256').executeTakeFirst();
  return row?.secret_sha256;
}

/** Revokes what is in force of a customer's keys; answers the hashes of their secrets. */
export async function revokeKeysOf(tx: Tx<CustomersTables>, customerId: string, at: Date): Promise<string[]> {
  const rows = await tx.updateTable('api_keys').set({ revoked_at: at }).where('customer_id', '=', customerId).where('revoked_at', 'is', null).returning('secret_sha256').execute();
  return rows.map((row) => row.secret_sha256);
}

/** Revokes the keys that were made for a deployment, but for this one; answers the hashes of their secrets. */
export async function revokeKeysOfDeployment(tx: Tx<CustomersTables>, deploymentId: string, keep: string | null, at: Date): Promise<string[]> {
  let query = tx.updateTable('api_keys').set({ revoked_at: at }).where('deployment_id', '=', deploymentId).where('revoked_at', 'is', null);
  if (keep !== null) query = query.where('id', '<>', keep);
  const rows = await query.returning('secret_sha256').execute();
  return rows.map((row) => row.secret_sha256);
}

/** Writes down that these keys were used, unless that was written since `unlessSince`. Rows that somebody else is writing are left to him. */
export async function saveKeyUse(tx: Tx<CustomersTables>, ids: readonly string[], at: Date, unlessSince: Date): Promise<void> {
  await sql`
    update api_keys set last_used_at = ${at} where id in (
      select id from api_keys where id = any(${[...ids]}::text[]) and (last_used_at is null or last_used_at <= ${unlessSince}) order by id for update skip locked
    )`.execute(tx);
}
