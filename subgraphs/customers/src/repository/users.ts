import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { CustomersTables } from './tables.ts';

export interface UserRow {
  id: string;
  customerId: string;
  email: string;
  fullName: string | null;
  createdAt: Date;
}

const COLUMNS = ['id', 'customer_id as customerId', 'email', 'full_name as fullName', 'created_at as createdAt'] as const;

export function findUsers(db: Db<CustomersTables>, ids: readonly string[]): Promise<UserRow[]> {
  return db.selectFrom('users').select(COLUMNS).where('id', 'in', ids).execute();
}

/** The users of these customers, the first of each first. */
export function listUsersOf(db: Db<CustomersTables>, customerIds: readonly string[]): Promise<UserRow[]> {
  return db.selectFrom('users').select(COLUMNS).where('customer_id', 'in', customerIds).orderBy('created_at').orderBy('id').execute();
}

/** @param emails the forms that the address may be stored in, the one that is stored now first */
export async function findLogin(db: Db<CustomersTables>, emails: readonly string[]): Promise<{ userId: string; customerId: string; passwordHash: string } | undefined> {
  return db
    .selectFrom('users')
    .select(['id as userId', 'customer_id as customerId', 'password_hash as passwordHash'])
    .where(sql<boolean>`lower(email) = any(select lower(form) from unnest(${emails}::text[]) as form)`)
    .orderBy(sql`lower(email) = lower(${emails[0] ?? ''})`, 'desc')
    .executeTakeFirst();
}

/** The same password in its present form. Nothing where it was changed meanwhile. */
export async function replacePasswordHash(tx: Tx<CustomersTables>, userId: string, from: string, to: string): Promise<void> {
  await tx.updateTable('users').set({ password_hash: to }).where('id', '=', userId).where('password_hash', '=', from).execute();
}

/** @throws a unique violation of users_email_taken */
export async function insertUser(tx: Tx<CustomersTables>, user: UserRow, passwordHash: string): Promise<void> {
  await tx
    .insertInto('users')
    .values({ id: user.id, customer_id: user.customerId, email: user.email, full_name: user.fullName, password_hash: passwordHash, created_at: user.createdAt })
    .execute();
}

/** The user who logs in with the account's address goes on doing so. @throws a unique violation of users_email_taken */
export async function moveLogin(tx: Tx<CustomersTables>, customerId: string, from: string, to: string): Promise<void> {
  await tx.updateTable('users').set({ email: to }).where('customer_id', '=', customerId).where('email', '=', from).execute();
}
