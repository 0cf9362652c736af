import type { Db, Tx } from '@iotistic/chassis/database';
import { type Selectable, sql } from 'kysely';
import type { Dispute } from '../domain/dispute.ts';
import type { BillingTables, DisputesTable } from './tables.ts';

/** A customer has few; who has more is known well. */
const MAX_SHOWN = 100;

function toDispute(row: Selectable<DisputesTable>): Dispute {
  return { id: row.id, customerId: row.customer_id, invoiceId: row.invoice_id, amount: row.amount, currency: row.currency, reason: row.reason, status: row.status, respondBy: row.respond_by, createdAt: row.created_at };
}

/** As Stripe has it now. */
export async function saveDispute(tx: Tx<BillingTables>, dispute: Dispute): Promise<void> {
  const row = { customer_id: dispute.customerId, invoice_id: dispute.invoiceId, amount: dispute.amount, currency: dispute.currency, reason: dispute.reason, status: dispute.status, respond_by: dispute.respondBy, created_at: dispute.createdAt };
  await tx
    .insertInto('disputes')
    .values({ id: dispute.id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

export async function saveRefunded(tx: Tx<BillingTables>, invoiceId: string, amount: number): Promise<void> {
  await tx.updateTable('invoices').set({ refunded: amount }).where('id', '=', invoiceId).execute();
}

export async function findInvoiceNumber(db: Db<BillingTables>, invoiceId: string): Promise<string | null> {
  return (await db.selectFrom('invoices').select('number').where('id', '=', invoiceId).executeTakeFirst())?.number ?? null;
}

/** Of each of these customers, the newest first. */
export async function listDisputes(db: Db<BillingTables>, customerIds: readonly string[]): Promise<Dispute[][]> {
  const { rows } = await sql<Selectable<DisputesTable>>`
    select d.* from unnest(${[...customerIds]}::text[]) as c (id) cross join lateral (
      select * from disputes where customer_id = c.id order by created_at desc, id desc limit ${MAX_SHOWN}
    ) as d`.execute(db);
  const byCustomer = new Map<string, Dispute[]>();
  for (const row of rows) byCustomer.set(row.customer_id, [...(byCustomer.get(row.customer_id) ?? []), toDispute(row)]);
  return customerIds.map((id) => byCustomer.get(id) ?? []);
}

export interface OpenDisputes {
  open: number;
  needResponse: number;
  /** The earliest until when a bank takes an answer. */
  respondBy: Date | null;
}

export async function countOpenDisputes(db: Db<BillingTables>): Promise<OpenDisputes> {
  const { rows } = await sql<{ open: number; need_response: number; respond_by: Date | null }>`
    select count(*) as open, count(*) filter (where status = 'NEEDS_RESPONSE') as need_response, min(respond_by) filter (where status = 'NEEDS_RESPONSE') as respond_by
    from disputes where status in ('NEEDS_RESPONSE', 'UNDER_REVIEW')`.execute(db);
  return { open: rows[0]?.open ?? 0, needResponse: rows[0]?.need_response ?? 0, respondBy: rows[0]?.respond_by ?? null };
}
