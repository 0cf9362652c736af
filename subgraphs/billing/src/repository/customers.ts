import type { Db, Tx } from '@iotistic/chassis/database';
import { type Selectable, sql } from 'kysely';
import type { BillingTables, CustomersTable } from './tables.ts';

export interface KnownCustomer {
  id: string;
  email: string | null;
  licenseName: string | null;
  updatedAt: Date | null;
  deactivatedAt: Date | null;
  stripeCustomerId: string | null;
  /** Of the reading of Stripe that is stored. */
  appliedTicket: number;
}

export function toKnownCustomer(row: Selectable<CustomersTable>): KnownCustomer {
  return { id: row.id, email: row.email, licenseName: row.license_name, updatedAt: row.updated_at, deactivatedAt: row.deactivated_at, stripeCustomerId: row.stripe_customer_id, appliedTicket: row.applied_ticket };
}

/** The customer, whether heard of before or not; until the transaction ends nobody else changes it or its subscription. */
export async function lockCustomer(tx: Tx<BillingTables>, id: string): Promise<KnownCustomer> {
  await tx
    .insertInto('customers')
    .values({ id, email: null, license_name: null, updated_at: null, deactivated_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return toKnownCustomer(await tx.selectFrom('customers').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow());
}

export async function saveCustomerNames(tx: Tx<BillingTables>, id: string, names: { email: string; licenseName: string; updatedAt: Date }): Promise<void> {
  await tx.updateTable('customers').set({ email: names.email, license_name: names.licenseName, updated_at: names.updatedAt }).where('id', '=', id).execute();
}

export async function saveDeactivation(tx: Tx<BillingTables>, id: string, at: Date): Promise<void> {
  await tx.updateTable('customers').set({ deactivated_at: at }).where('id', '=', id).execute();
}

/** null for one that was never heard of. */
export async function findCustomer(db: Db<BillingTables>, id: string): Promise<KnownCustomer | null> {
  const row = await db.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? null : toKnownCustomer(row);
}

export async function findCustomerByStripeId(db: Db<BillingTables>, stripeCustomerId: string): Promise<KnownCustomer | null> {
  const row = await db.selectFrom('customers').selectAll().where('stripe_customer_id', '=', stripeCustomerId).executeTakeFirst();
  return row === undefined ? null : toKnownCustomer(row);
}

/** Notes which of Stripe's customers it is, unless another is noted; answers the one that is. */
export async function linkStripeCustomer(tx: Tx<BillingTables>, id: string, stripeCustomerId: string): Promise<string> {
  const { rows } = await sql<{ stripe_customer_id: string }>`
    update customers set stripe_customer_id = coalesce(stripe_customer_id, ${stripeCustomerId}) where id = ${id} returning stripe_customer_id`.execute(tx);
  return rows[0]?.stripe_customer_id ?? stripeCustomerId;
}

/** Another takes the place of one that is gone, unless somebody else did that; answers the one that is noted. */
export async function replaceStripeCustomer(tx: Tx<BillingTables>, id: string, gone: string, stripeCustomerId: string): Promise<string> {
  await tx.updateTable('customers').set({ stripe_customer_id: stripeCustomerId }).where('id', '=', id).where('stripe_customer_id', '=', gone).execute();
  return linkStripeCustomer(tx, id, stripeCustomerId);
}

/** The turn of a reading of Stripe that is about to begin: who has a higher one began later. */
export async function drawReadTicket(tx: Tx<BillingTables>, id: string): Promise<{ ticket: number; stripeCustomerId: string | null }> {
  const { rows } = await sql<{ read_ticket: number; stripe_customer_id: string | null }>`
    update customers set read_ticket = read_ticket + 1 where id = ${id} returning read_ticket, stripe_customer_id`.execute(tx);
  const [row] = rows;
  return row === undefined ? { ticket: 0, stripeCustomerId: null } : { ticket: row.read_ticket, stripeCustomerId: row.stripe_customer_id };
}

export async function saveAppliedTicket(tx: Tx<BillingTables>, id: string, ticket: number): Promise<void> {
  await tx.updateTable('customers').set({ applied_ticket: ticket }).where('id', '=', id).execute();
}

/** Those who have a customer at Stripe, a page at a time by id. */
export async function listLinkedCustomers(db: Db<BillingTables>, after: string, limit: number): Promise<string[]> {
  const rows = await db.selectFrom('customers').select('id').where('stripe_customer_id', 'is not', null).where('id', '>', after).orderBy('id').limit(limit).execute();
  return rows.map(({ id }) => id);
}
