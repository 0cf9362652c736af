import { type Kysely, sql } from 'kysely';

async function createAlerts(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table usage_alerts (
      position bigint generated always as identity primary key,
      id text collate "C" not null unique,
      customer_id text collate "C" not null,
      kind text not null,
      meter text not null,
      threshold int not null,
      used bigint not null,
      included bigint not null,
      period_start timestamptz not null,
      raised_at timestamptz not null,
      unique (customer_id, period_start, kind, meter, threshold, included)
    )`.execute(db);
  await sql`create index usage_alerts_of_customer on usage_alerts (customer_id, position)`.execute(db);
  await sql`
    create table period_allowances (
      customer_id text collate "C" not null,
      period_start timestamptz not null,
      version bigint not null,
      included jsonb not null,
      max_devices bigint,
      primary key (customer_id, period_start)
    )`.execute(db);
  await sql`insert into period_allowances select customer_id, period_start, version, included, max_devices from subscription_periods where period_start is not null`.execute(db);
}

async function createAnomalies(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table usage_anomalies (
      position bigint generated always as identity primary key,
      id text collate "C" not null unique,
      customer_id text collate "C" not null,
      instance_id text collate "C",
      kind text not null,
      meter text,
      subject text collate "C" not null,
      detail text not null,
      raised_at timestamptz not null,
      seen_at timestamptz not null,
      resolved_at timestamptz
    )`.execute(db);
  await sql`create index usage_anomalies_of_customer on usage_anomalies (customer_id, position)`.execute(db);
  await sql`create index usage_anomalies_open on usage_anomalies (position) where resolved_at is null`.execute(db);
  // One of a kind at a time; a day above its trend is told once, though it is resolved by then.
  await sql`create unique index usage_anomalies_once on usage_anomalies (kind, subject) where resolved_at is null or kind = 'ABOVE_TREND'`.execute(db);
}

async function createWatch(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table anomaly_watch (
      only_one boolean primary key default true check (only_one),
      received_until timestamptz,
      looked_at timestamptz,
      awake_since timestamptz
    )`.execute(db);
  await sql`insert into anomaly_watch default values`.execute(db);
  await sql`create table watched_instances (instance_no bigint primary key, due_at timestamptz)`.execute(db);
  await sql`create index watched_instances_due on watched_instances (due_at) where due_at is not null`.execute(db);
  await sql`insert into watched_instances select no, to_timestamp(0) from instances where first_reported_at is not null`.execute(db);
  await sql`
    create table daily_counters (
      customer_id text collate "C" not null,
      day timestamptz not null,
      mqtt_messages bigint not null,
      mqtt_bytes bigint not null,
      http_bytes bigint not null,
      api_calls bigint not null,
      primary key (customer_id, day)
    )`.execute(db);
  await sql`create table subscription_standings (customer_id text collate "C" primary key, version bigint not null, is_over boolean not null)`.execute(db);
}

/** Thresholds that were crossed, what looks wrong, and what the look for that keeps. */
export const m0006 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createAlerts(db);
    await createAnomalies(db);
    await createWatch(db);
    // Pages that are full are summarized soon, and not when a fifth of the table is new: until then each look reads them all.
    await sql`drop index usage_reports_received`.execute(db);
    await sql`create index usage_reports_received on usage_reports using brin (received_at) with (autosummarize = on)`.execute(db);
  },
};
