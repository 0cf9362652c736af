import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import type { BillingTables } from './tables.ts';

/** The kinds that each customer stopped, in the order of the ids; none of one that is not known. */
export async function listStoppedMails(db: Db<BillingTables>, customerIds: readonly string[]): Promise<string[][]> {
  const rows = await db.selectFrom('customers').select(['id', 'stopped_mails']).where(sql<boolean>`id = any(${customerIds})`).execute();
  const byId = new Map(rows.map((row) => [row.id, row.stopped_mails]));
  return customerIds.map((id) => byId.get(id) ?? []);
}

export async function saveStoppedMails(tx: Tx<BillingTables>, customerId: string, stopped: readonly string[]): Promise<void> {
  await tx.updateTable('customers').set({ stopped_mails: [...stopped] }).where('id', '=', customerId).execute();
}

/** The customer's token, made of this one where it has none yet. */
export async function keepMailToken(tx: Tx<BillingTables>, customerId: string, token: string): Promise<string> {
  const { rows } = await sql<{ mail_token: string }>`
    update customers set mail_token = coalesce(mail_token, ${token}) where id = ${customerId} returning mail_token`.execute(tx);
  return rows[0]?.mail_token ?? token;
}

/** null where nobody has this token. */
export async function findCustomerByMailToken(db: Db<BillingTables>, token: string): Promise<{ id: string; stopped: string[] } | null> {
  const row = await db.selectFrom('customers').select(['id', 'stopped_mails']).where('mail_token', '=', token).executeTakeFirst();
  return row === undefined ? null : { id: row.id, stopped: row.stopped_mails };
}
