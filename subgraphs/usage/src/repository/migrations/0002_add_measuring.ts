import { type Kysely, sql } from 'kysely';

/** What billing is told of: whose usage changed, what was said last, and the period before the present one. */
export const m0002 = {
  async up(db: Kysely<unknown>): Promise<void> {
    // Only ever appended by those who report, so that they wait for nobody; what was measured is deleted.
    await sql`
      create table changed_customers (
        position bigint generated always as identity primary key,
        customer_id text collate "C" not null
      )`.execute(db);
    await sql`
      create table measured_periods (
        customer_id text collate "C" not null,
        period_start timestamptz not null,
        period_end timestamptz not null,
        revision bigint not null,
        quantities jsonb not null,
        measured_at timestamptz not null,
        primary key (customer_id, period_start)
      )`.execute(db);
    await sql`alter table subscription_periods add column previous_start timestamptz, add column previous_end timestamptz`.execute(db);
  },
};
