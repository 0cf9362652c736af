import { type Kysely, sql } from 'kysely';

/**
 * All periods of a customer, and which of them are invoiced: what comes late finds its own. `terms_version` rises with
 * whatever decides where and how a report counts; each instance's row has it, so that who holds the row sees whether what
 * it read beside it is stale.
 */
export const m0005 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table billing_periods (
        customer_id text collate "C" not null,
        period_start timestamptz not null,
        period_end timestamptz not null,
        version bigint not null,
        invoice_id text,
        invoiced_at timestamptz,
        primary key (customer_id, period_start)
      )`.execute(db);
    await sql`
      insert into billing_periods (customer_id, period_start, period_end, version)
      select customer_id, period_start, period_end, version from subscription_periods where period_start < period_end
      union all
      select customer_id, previous_start, previous_end, 0 from subscription_periods where previous_start < previous_end`.execute(db);
    await sql`
      alter table subscription_periods
        drop column previous_start,
        drop column previous_end,
        add column retention_days bigint,
        add column terms_version bigint not null default 1,
        add column boundaries timestamptz[] not null default '{}',
        add column invoiced_from timestamptz,
        add column invoiced_until timestamptz`.execute(db);
    await sql`update subscription_periods p set boundaries = array(select b.period_start from billing_periods b where b.customer_id = p.customer_id and b.period_start <> date_trunc('hour', b.period_start))`.execute(db);
    await sql`alter table instances add column terms_version bigint not null default 0`.execute(db);
    await sql`alter table changed_customers add column since timestamptz`.execute(db);
    await sql`alter table usage_reports add column previous_hash uuid`.execute(db);
    await sql`
      create table usage_adjustments (
        id text primary key,
        customer_id text collate "C" not null,
        meter text not null,
        period_start timestamptz not null,
        quantity bigint not null,
        reason text not null,
        reference text not null,
        signed_off_by text not null,
        signed_off_at timestamptz not null,
        unique (customer_id, reference)
      )`.execute(db);
  },
};
