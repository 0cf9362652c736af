import { type Kysely, sql } from 'kysely';

/** Which invoice billed which period, what it counted, and what is billed beside a later one since it came too late. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table billing_periods (
      customer_id text not null,
      period_start timestamptz not null,
      period_end timestamptz,
      plan text not null,
      book text not null,
      is_trial boolean not null,
      stripe_subscription_id text,
      invoice_id text,
      settled_at timestamptz,
      primary key (customer_id, period_start)
    )`.execute(db);
  await sql`
    insert into billing_periods (customer_id, period_start, period_end, plan, book, is_trial, stripe_subscription_id)
    select customer_id, current_period_start, billing_period_ends_at, plan, book, status = 'TRIALING', stripe_subscription_id
    from subscriptions where current_period_start is not null`.execute(db);
  await sql`create index billing_periods_open on billing_periods (period_end) where settled_at is null`.execute(db);
  await sql`alter table metered_quantities add column billed_units bigint`.execute(db);
  await sql`alter table invoices add column billing_reason text`.execute(db);
  await sql`alter table invoice_lines add column period_start timestamptz, add column true_up_id text`.execute(db);
  await sql`create index invoice_lines_of_true_up on invoice_lines (true_up_id) where true_up_id is not null`.execute(db);
  await sql`
    create table true_ups (
      id text primary key,
      customer_id text not null,
      meter text not null,
      period_start timestamptz not null,
      from_units bigint not null,
      to_units bigint not null,
      amount bigint not null,
      currency text not null,
      description text not null,
      status text not null,
      stripe_item_id text,
      created_at timestamptz not null,
      attempted_at timestamptz,
      error text
    )`.execute(db);
  await sql`create index true_ups_of_period on true_ups (customer_id, meter, period_start)`.execute(db);
  await sql`create index true_ups_unsent on true_ups (customer_id) where status = 'PENDING'`.execute(db);
}
