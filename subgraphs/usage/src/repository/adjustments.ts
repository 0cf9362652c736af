import type { Db, Tx } from '@iotistic/chassis/database';
import type { Meter } from '@iotistic/contracts/events';
import { type Selectable, sql } from 'kysely';
import type { Adjustments } from '../domain/measurement.ts';
import { arrayLiteral } from './array-literal.ts';
import type { UsageTables } from './tables.ts';

export interface UsageAdjustment {
  id: string;
  customerId: string;
  meter: Meter;
  periodStart: Date;
  /** To be added; below 0 it is taken off. */
  quantity: number;
  reason: string;
  reference: string;
  signedOffBy: string;
  signedOffAt: Date;
}

function toAdjustment(row: Selectable<UsageTables['usage_adjustments']>): UsageAdjustment {
  return { id: row.id, customerId: row.customer_id, meter: row.meter, periodStart: row.period_start, quantity: row.quantity, reason: row.reason, reference: row.reference, signedOffBy: row.signed_off_by, signedOffAt: row.signed_off_at };
}

/** @returns false where the customer has one of this reference already: it stays as it is. */
export async function insertAdjustment(tx: Tx<UsageTables>, adjustment: UsageAdjustment): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('usage_adjustments')
    .values({ id: adjustment.id, customer_id: adjustment.customerId, meter: adjustment.meter, period_start: adjustment.periodStart, quantity: adjustment.quantity, reason: adjustment.reason, reference: adjustment.reference, signed_off_by: adjustment.signedOffBy, signed_off_at: adjustment.signedOffAt })
    .onConflict((conflict) => conflict.columns(['customer_id', 'reference']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows > 0n;
}

export async function findAdjustment(db: Db<UsageTables>, customerId: string, reference: string): Promise<UsageAdjustment | null> {
  const row = await db.selectFrom('usage_adjustments').selectAll().where('customer_id', '=', customerId).where('reference', '=', reference).executeTakeFirst();
  return row === undefined ? null : toAdjustment(row);
}

/** Of one meter in one period, oldest first. */
export async function listAdjustments(db: Db<UsageTables>, of: { customerId: string; meter: Meter; periodStart: Date }): Promise<UsageAdjustment[]> {
  const rows = await db.selectFrom('usage_adjustments').selectAll().where('customer_id', '=', of.customerId).where('meter', '=', of.meter).where('period_start', '=', of.periodStart).orderBy('signed_off_at').orderBy('id').execute();
  return rows.map(toAdjustment);
}

/** Of all periods, newest first. */
export async function listAdjustmentsOfCustomer(db: Db<UsageTables>, customerId: string, after: { at: Date; id: string } | null, limit: number): Promise<UsageAdjustment[]> {
  let query = db.selectFrom('usage_adjustments').selectAll().where('customer_id', '=', customerId);
  if (after !== null) query = query.where(sql<boolean>`(signed_off_at, id) < (${after.at}::timestamptz, ${after.id})`);
  return (await query.orderBy('signed_off_at', 'desc').orderBy('id', 'desc').limit(limit).execute()).map(toAdjustment);
}

/** What was added to each period's meters, in the order of the periods. */
export async function listAdjustmentSums(db: Db<UsageTables>, periods: readonly { customerId: string; startMs: number }[]): Promise<Adjustments[]> {
  const { rows } = await sql<{ query: number; meter: Meter; quantity: number }>`
    select q.query, a.meter, sum(a.quantity)::bigint as quantity
    from unnest(${periods.map(({ customerId }) => customerId)}::text[], ${arrayLiteral(periods.map(({ startMs }) => startMs))}::bigint[]) with ordinality as q (customer_id, start_ms, query)
    join usage_adjustments a on a.customer_id = q.customer_id and a.period_start = to_timestamp(q.start_ms / 1000.0)
    group by 1, 2`.execute(db);
  const sums = periods.map((): Adjustments => ({}));
  for (const { query, meter, quantity } of rows) {
    const sum = sums[query - 1];
    if (sum !== undefined) sum[meter] = quantity;
  }
  return sums;
}
