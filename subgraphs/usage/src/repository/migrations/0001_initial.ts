import { createEventTables } from '@iotistic/chassis/migrate';
import { type Kysely, sql } from 'kysely';

async function createInstances(db: Kysely<unknown>): Promise<void> {
  // Updated by every call of the instance: room on the page keeps that from touching an index.
  await sql`
    create table instances (
      no bigint generated always as identity primary key,
      id text collate "C" not null unique,
      customer_id text collate "C" not null,
      name text not null,
      first_seen_at timestamptz not null,
      first_reported_at timestamptz,
      last_reported_at timestamptz,
      last_sequence bigint,
      latest_report_id text collate "C",
      accepted bigint not null default 0,
      late bigint not null default 0,
      duplicates bigint not null default 0,
      rejected bigint not null default 0
    ) with (fillfactor = 60)`.execute(db);
  await sql`create index instances_of_customer on instances (customer_id)`.execute(db);
}

async function createReports(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table report_keys (
      instance_no bigint not null,
      report_uuid uuid not null,
      digest bigint not null,
      primary key (instance_no, report_uuid)
    )`.execute(db);
  await sql`
    create table usage_reports (
      id text collate "C" not null,
      instance_no bigint not null,
      interval_start timestamptz not null,
      interval_end timestamptz not null,
      received_at timestamptz not null,
      late boolean not null,
      sequence bigint,
      active_devices bigint not null,
      total_devices bigint not null,
      mqtt_messages_published bigint not null,
      mqtt_messages_received bigint not null,
      mqtt_bytes_sent bigint not null,
      mqtt_bytes_received bigint not null,
      http_requests bigint not null,
      http_bytes_sent bigint not null,
      http_bytes_received bigint not null,
      storage_bytes bigint not null,
      storage_rows bigint not null,
      primary key (id, interval_end)
    ) partition by range (interval_end)`.execute(db);
  await sql`create index usage_reports_of_instance on usage_reports (instance_no, interval_end)`.execute(db);
  // Rows arrive in order of time, so that this one costs next to nothing to keep; it is for catching up after a gap.
  await sql`create index usage_reports_received on usage_reports using brin (received_at)`.execute(db);
}

async function createRollups(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table rollups_hourly (
      instance_no bigint not null,
      hour timestamptz not null,
      reports bigint not null,
      devices_peak bigint not null,
      mqtt_messages bigint not null,
      mqtt_bytes bigint not null,
      http_bytes bigint not null,
      api_calls bigint not null,
      storage_bytes_peak bigint not null,
      primary key (instance_no, hour)
    ) with (fillfactor = 70)`.execute(db);
  await sql`
    create table subscription_periods (
      customer_id text collate "C" primary key,
      version bigint not null,
      period_start timestamptz,
      period_end timestamptz,
      first_period_start timestamptz,
      included jsonb not null,
      max_devices bigint
    )`.execute(db);
}

/** Instances, reports with their keys, rollups, and what billing said of the periods. */
export const m0001 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createEventTables(db);
    await createInstances(db);
    await createReports(db);
    await createRollups(db);
  },
};
