import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table metered_quantities
      add column repairs integer not null default 0,
      add column looked_at timestamptz`.execute(db);
  await sql`create index metered_quantities_unconfirmed on metered_quantities (sent_at) where status = 'SENT'`.execute(db);
  await sql`
    create table reconciliations (
      customer_id text not null,
      period_start timestamptz not null,
      period_end timestamptz not null,
      checked_at timestamptz not null,
      cause text,
      meters json not null,
      differs_since timestamptz,
      next_check_at timestamptz,
      alerted text[] not null default '{}',
      primary key (customer_id, period_start)
    )`.execute(db);
  await sql`create index reconciliations_due on reconciliations (next_check_at)`.execute(db);
  await sql`create index reconciliations_differing on reconciliations (differs_since desc, customer_id desc, period_start desc) where cause is not null`.execute(db);
}
