import { type Kysely, sql } from 'kysely';

/** What is owed of an invoice and who tries to be paid, what was given back of it, and payments that banks took back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table invoices
      add column subtotal bigint not null default 0,
      add column amount_due bigint not null default 0,
      add column due_at timestamptz,
      add column attempts integer not null default 0,
      add column next_attempt_at timestamptz,
      add column refunded bigint not null default 0,
      add column collections integer not null default 0,
      add column collect_at timestamptz`.execute(db);
  // Whatever is not paid is copied again with the next reading; of what was paid, the lines say what it was before discounts.
  await sql`
    update invoices i set
      subtotal = coalesce((select sum(l.amount) from invoice_lines l where l.invoice_id = i.id and not (l.description = 'Discount' and l.quantity is null)), i.total),
      amount_due = case when i.status in ('DRAFT', 'OPEN', 'UNCOLLECTIBLE') then greatest(i.total, 0) else 0 end`.execute(db);
  await sql`create index invoices_owed on invoices (currency, customer_id) where status in ('OPEN', 'UNCOLLECTIBLE')`.execute(db);
  await sql`
    create table disputes (
      id text primary key,
      customer_id text not null,
      invoice_id text,
      amount bigint not null,
      currency text not null,
      reason text not null,
      status text not null,
      respond_by timestamptz,
      created_at timestamptz not null
    )`.execute(db);
  await sql`create index disputes_of_customer on disputes (customer_id, created_at desc, id desc)`.execute(db);
  await sql`create index disputes_of_invoice on disputes (invoice_id) where invoice_id is not null`.execute(db);
  await sql`create index disputes_open on disputes (respond_by) where status in ('NEEDS_RESPONSE', 'UNDER_REVIEW')`.execute(db);
}
