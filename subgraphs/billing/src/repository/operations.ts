import type { Db, Tx } from '@iotistic/chassis/database';
import { newId } from '@iotistic/contracts/ids';
import { sql } from 'kysely';
import type { BillingTables } from './tables.ts';

export type OperationKind = 'checkout' | 'change_plan' | 'cancel' | 'resume';
export type OperationOutcome = 'done' | 'failed' | 'superseded' | 'healed';

export interface Operation {
  id: string;
  customerId: string;
  kind: OperationKind;
  fingerprint: string;
}

/**
 * What is about to be asked of Stripe. One that was begun with the same fingerprint and never finished is taken up again,
 * so that its idempotency keys are used once more; one with another is superseded.
 */
export async function beginOperation(tx: Tx<BillingTables>, begun: Omit<Operation, 'id'>, now: Date): Promise<Operation> {
  const open = await tx.selectFrom('operations').selectAll().where('customer_id', '=', begun.customerId).where('kind', '=', begun.kind).where('finished_at', 'is', null).forUpdate().executeTakeFirst();
  if (open?.fingerprint === begun.fingerprint) return { ...begun, id: open.id };
  if (open !== undefined) await finishOperation(tx, open.id, 'superseded', now);
  const operation = { ...begun, id: newId('oper') };
  await tx.insertInto('operations').values({ id: operation.id, customer_id: operation.customerId, kind: operation.kind, fingerprint: operation.fingerprint, started_at: now, finished_at: null, outcome: null }).execute();
  return operation;
}

export async function finishOperation(tx: Tx<BillingTables>, id: string, outcome: OperationOutcome, now: Date): Promise<void> {
  await tx.updateTable('operations').set({ finished_at: now, outcome }).where('id', '=', id).where('finished_at', 'is', null).execute();
}

/** Begun before then and not finished: their process died, or their caller never came back. @param except those that are left out */
export async function listAbandonedOperations(db: Db<BillingTables>, before: Date, except: readonly string[], limit: number): Promise<Operation[]> {
  const rows = await db.selectFrom('operations').selectAll().where('finished_at', 'is', null).where('started_at', '<', before).where(sql<boolean>`id <> all(${except}::text[])`).orderBy('started_at').limit(limit).execute();
  return rows.map((row) => ({ id: row.id, customerId: row.customer_id, kind: row.kind as OperationKind, fingerprint: row.fingerprint }));
}
