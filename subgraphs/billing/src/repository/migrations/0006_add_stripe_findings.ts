import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table stripe_findings (
      customer_id text not null,
      kind text not null,
      object_id text not null,
      detail text not null,
      found_at timestamptz not null,
      primary key (customer_id, kind, object_id)
    )`.execute(db);
  await sql`create index stripe_findings_newest on stripe_findings (found_at desc, customer_id desc, kind desc, object_id desc)`.execute(db);
}
