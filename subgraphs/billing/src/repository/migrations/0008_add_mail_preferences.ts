import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // In a new database the table of mails has the column already.
  await sql`alter table mails add column if not exists unsubscribe_url text`.execute(db);
  await sql`
    alter table customers
      add column stopped_mails text[] not null default '{}',
      add column mail_token text unique`.execute(db);
  await sql`
    create table usage_notices (
      id text primary key,
      customer_id text not null,
      cause text not null,
      notice json not null,
      noticed_at timestamptz not null,
      settled_at timestamptz,
      mailed boolean not null default false
    )`.execute(db);
  await sql`create index usage_notices_waiting on usage_notices (noticed_at) where settled_at is null`.execute(db);
  await sql`create index usage_notices_of_customer on usage_notices (customer_id, cause, settled_at)`.execute(db);
  await sql`create index usage_notices_settled on usage_notices (settled_at) where settled_at is not null`.execute(db);
  // Few are not sent, or not paid: who counts them does not read the others.
  await sql`create index mails_not_sent on mails (created_at) where status <> 'SENT'`.execute(db);
  await sql`create index invoices_unpaid on invoices (created_at) where status in ('OPEN', 'UNCOLLECTIBLE')`.execute(db);
}
