import type { Tx } from '@iotistic/chassis/database';
import type { Selectable } from 'kysely';
import type { BillingTables, CustomersTable } from './tables.ts';

export interface KnownCustomer {
  id: string;
  licenseName: string | null;
  updatedAt: Date | null;
  deactivatedAt: Date | null;
}

export function toKnownCustomer(row: Selectable<CustomersTable>): KnownCustomer {
  return { id: row.id, licenseName: row.license_name, updatedAt: row.updated_at, deactivatedAt: row.deactivated_at };
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
