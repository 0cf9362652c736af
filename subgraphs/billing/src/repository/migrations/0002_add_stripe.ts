import { createMailTables } from '@iotistic/chassis/mail-outbox';
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createMailTables(db);
  await extendCustomers(db);
  await createWebhookEvents(db);
  await createMeteredQuantities(db);
  await createInvoices(db);
}

async function extendCustomers(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table customers
      add column stripe_customer_id text unique,
      add column read_ticket bigint not null default 0,
      add column applied_ticket bigint not null default 0`.execute(db);
  await sql`
    alter table subscriptions
      add column book text not null default '2026-11',
      add column stripe_subscription_id text unique,
      add column discounts json not null default '[]',
      add column override json,
      add column is_contract boolean not null default false,
      add column billing_period_ends_at timestamptz`.execute(db);
  await sql`
    create table operations (
      id text primary key,
      customer_id text not null,
      kind text not null,
      fingerprint text not null,
      started_at timestamptz not null,
      finished_at timestamptz,
      outcome text
    )`.execute(db);
  await sql`create unique index operations_open on operations (customer_id, kind) where finished_at is null`.execute(db);
}

async function createWebhookEvents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table webhook_events (
      id text primary key,
      position bigint generated always as identity unique,
      type text not null,
      stripe_customer_id text,
      customer_id text,
      object_id text,
      status text not null,
      attempts integer not null default 0,
      error text,
      source text not null,
      created_at timestamptz not null,
      received_at timestamptz not null,
      handled_at timestamptz
    )`.execute(db);
  await sql`create index webhook_events_open on webhook_events (received_at) where status = 'RECEIVED'`.execute(db);
  await sql`create index webhook_events_failed on webhook_events (received_at) where status = 'FAILED'`.execute(db);
  await sql`create index webhook_events_by_status on webhook_events (status, position)`.execute(db);
  await sql`create table sweeps (name text primary key, swept_until timestamptz not null)`.execute(db);
  await sql`create table webhook_endpoints (name text primary key, stripe_endpoint_id text not null, secret text not null)`.execute(db);
}

async function createMeteredQuantities(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table metered_quantities (
      customer_id text not null,
      meter text not null,
      period_start timestamptz not null,
      period_end timestamptz not null,
      quantity bigint not null,
      revision bigint not null,
      measured_at timestamptz not null,
      status text not null,
      sent_quantity bigint,
      sent_revision bigint,
      sent_at timestamptz,
      identifier text,
      error text,
      primary key (customer_id, meter, period_start)
    )`.execute(db);
  await sql`create index metered_quantities_unsent on metered_quantities (customer_id) where status in ('PENDING', 'SENDING')`.execute(db);
  await sql`create index metered_quantities_by_identifier on metered_quantities (identifier)`.execute(db);
}

async function createInvoices(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table invoices (
      id text primary key,
      customer_id text not null,
      stripe_invoice_id text not null unique,
      number text,
      status text not null,
      currency text not null,
      total bigint not null,
      period_start timestamptz not null,
      period_end timestamptz not null,
      created_at timestamptz not null,
      hosted_url text,
      pdf_url text,
      ticket bigint not null
    )`.execute(db);
  await sql`create index invoices_by_customer on invoices (customer_id, created_at desc, id desc)`.execute(db);
  await sql`
    create table invoice_lines (
      invoice_id text not null references invoices (id) on delete cascade,
      position integer not null,
      description text not null,
      quantity bigint,
      amount bigint not null,
      currency text not null,
      meter text,
      primary key (invoice_id, position)
    )`.execute(db);
}
