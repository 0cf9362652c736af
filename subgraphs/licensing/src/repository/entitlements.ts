import type { Db, Tx } from '@iotistic/chassis/database';
import { entitlementsSchema } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { Entitlement } from '../domain/entitlement.ts';
import type { EntitlementsTable, LicensingTables } from './tables.ts';

const valuesSchema = entitlementsSchema.pick({ features: true, limits: true });

/** With what an operator did to it. */
export type StandingEntitlement = Entitlement & { revokedAt: Date | null };

function toEntitlement(row: Selectable<EntitlementsTable>): StandingEntitlement {
  return {
    customerId: row.customer_id,
    customerName: row.customer_name,
    plan: row.plan,
    status: row.status,
    trialEndsAt: row.trial_ends_at,
    periodEndsAt: row.period_ends_at,
    endsAt: row.ends_at,
    ...valuesSchema.parse({ features: row.features, limits: row.limits }),
    version: row.version,
    updatedAt: row.updated_at,
    reinstatements: row.reinstatements,
    revokedAt: row.revoked_at,
  };
}

/** Until the transaction ends nobody else issues or revokes for this customer, whether it is known or not. */
export async function lockCustomer(tx: Tx<LicensingTables>, customerId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${customerId}, 0))`.execute(tx);
}

export async function findEntitlement(db: Db<LicensingTables>, customerId: string): Promise<StandingEntitlement | null> {
  const row = await db.selectFrom('entitlements').selectAll().where('customer_id', '=', customerId).executeTakeFirst();
  return row === undefined ? null : toEntitlement(row);
}

/** What billing grants; what an operator did to it stays. */
export async function saveEntitlement(tx: Tx<LicensingTables>, entitlement: Omit<Entitlement, 'reinstatements'>): Promise<void> {
  const values = {
    customer_name: entitlement.customerName,
    plan: entitlement.plan,
    status: entitlement.status,
    trial_ends_at: entitlement.trialEndsAt,
    period_ends_at: entitlement.periodEndsAt,
    ends_at: entitlement.endsAt,
    features: JSON.stringify(entitlement.features),
    limits: JSON.stringify(entitlement.limits),
    version: entitlement.version,
    updated_at: entitlement.updatedAt,
  };
  await tx
    .insertInto('entitlements')
    .values({ customer_id: entitlement.customerId, ...values })
    .onConflict((conflict) => conflict.column('customer_id').doUpdateSet(values))
    .execute();
}

export async function isDeactivated(tx: Tx<LicensingTables>, customerId: string): Promise<boolean> {
  return (await tx.selectFrom('deactivations').select('at').where('customer_id', '=', customerId).executeTakeFirst()) !== undefined;
}

/** Answers false when it was known. */
export async function saveDeactivation(tx: Tx<LicensingTables>, customerId: string, at: Date): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('deactivations')
    .values({ customer_id: customerId, at })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Until it is taken back this customer gets no license. */
export async function saveRevocation(tx: Tx<LicensingTables>, customerId: string, at: Date): Promise<void> {
  await tx.updateTable('entitlements').set({ revoked_at: at }).where('customer_id', '=', customerId).execute();
}

export async function saveReinstatement(tx: Tx<LicensingTables>, customerId: string): Promise<void> {
  await tx
    .updateTable('entitlements')
    .set((eb) => ({ revoked_at: null, reinstatements: eb('reinstatements', '+', 1) }))
    .where('customer_id', '=', customerId)
    .execute();
}
