import type { Db, Tx } from '@iotistic/chassis/database';
import { sql } from 'kysely';
import { type Page, type PageRequest, toPage } from '@iotistic/chassis/page';
import { byCustomer } from './by-customer.ts';
import type { CustomersTables } from './tables.ts';

export interface AuditRow {
  id: string;
  customerId: string;
  at: Date;
  actor: string;
  action: string;
  target: string;
  detail: string | null;
  requestId: string | null;
}

/** Where an entry stands in its customer's log: as it was written. */
export type AuditKey = [position: number];

export async function insertAuditEntry(tx: Tx<CustomersTables>, entry: AuditRow): Promise<void> {
  await tx.insertInto('audit_entries').values(toRow(entry)).execute();
}

/** Inserts an entry that another made, unless it is there already. */
export async function insertAuditEntryOnce(tx: Tx<CustomersTables>, entry: AuditRow): Promise<void> {
  await tx
    .insertInto('audit_entries')
    .values(toRow(entry))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

function toRow(entry: AuditRow): Omit<CustomersTables['audit_entries'], 'position'> {
  return { id: entry.id, customer_id: entry.customerId, at: entry.at, actor: entry.actor, action: entry.action, target: entry.target, detail: entry.detail, request_id: entry.requestId };
}

/** The same page of the log of each of these customers, in their order, newest first. */
export async function listAuditPages(db: Db<CustomersTables>, customerIds: readonly string[], request: PageRequest<AuditKey>): Promise<Page<AuditRow>[]> {
  const before = request.after?.[0] ?? null;
  const { rows } = await sql<AuditRow & { position: number }>`
    select e.* from unnest(${[...customerIds]}::text[]) as c (id) cross join lateral (
      select position, id, customer_id as "customerId", at, actor, action, target, detail, request_id as "requestId" from audit_entries
      where customer_id = c.id and (${before}::bigint is null or position < ${before}::bigint) order by position desc limit ${request.first + 1}
    ) as e`.execute(db);
  const groups = byCustomer(rows);
  return customerIds.map((customerId) => toPage(groups.get(customerId) ?? [], request, (row): AuditKey => [row.position]));
}
