import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import { type UsageNotice, usageNoticeSchema } from '../domain/usage-notices.ts';
import type { BillingTables } from './tables.ts';

/** A second delivery of the same changes nothing. */
export async function saveUsageNotice(tx: Tx<BillingTables>, notice: UsageNotice, cause: string, at: Date): Promise<void> {
  await tx
    .insertInto('usage_notices')
    .values({ id: notice.id, customer_id: notice.customerId, cause, notice: JSON.stringify(notice), noticed_at: at, settled_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Customers whose oldest notice that waits came before then, longest first. @param except who is left out */
export async function listCustomersWithNotices(db: Db<BillingTables>, before: Date, except: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql<{ customer_id: string }>`
    select customer_id from usage_notices where settled_at is null and noticed_at <= ${before} and customer_id <> all(${[...except]}::text[])
    group by customer_id order by min(noticed_at), customer_id limit ${limit}`.execute(db);
  return rows.map((row) => row.customer_id);
}

/** Those of one customer that wait, oldest first, and of which causes a mail went out since then. Whoever looks has locked the customer. */
export async function listWaitingNotices(tx: Tx<BillingTables>, customerId: string, mailedSince: Date, limit: number): Promise<{ notice: UsageNotice; goesOn: boolean }[]> {
  const { rows } = await sql<{ notice: unknown; goes_on: boolean }>`
    select n.notice, exists (select from usage_notices m where m.customer_id = n.customer_id and m.cause = n.cause and m.mailed and m.settled_at >= ${mailedSince}) as goes_on
    from usage_notices n where n.customer_id = ${customerId} and n.settled_at is null order by n.noticed_at, n.id limit ${limit}`.execute(tx);
  return rows.map((row) => ({ notice: usageNoticeSchema.parse(row.notice), goesOn: row.goes_on }));
}

export async function settleNotices(tx: Tx<BillingTables>, ids: readonly string[], mailed: boolean, at: Date): Promise<void> {
  if (ids.length === 0) return;
  await tx.updateTable('usage_notices').set({ settled_at: at, mailed }).where('id', 'in', [...ids]).execute();
}

/** Settled ones of before then are of no use any more. @returns how many were deleted, at most the limit. */
export async function deleteSettledNotices(tx: Tx<BillingTables>, before: Date, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from usage_notices where id in (select id from usage_notices where settled_at < ${before} order by settled_at limit ${limit})`.execute(tx);
  return Number(numAffectedRows);
}
