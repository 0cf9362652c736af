import { createEventTables } from '@iotistic/chassis/migrate';
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  sql`create table customers (
    id text primary key,
    email text not null,
    company_name text,
    full_name text,
    status text not null check (status in ('ACTIVE', 'DEACTIVATED')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deactivated_at timestamptz,
    deactivation_reason text
  )`,
  sql`create unique index customers_email_taken on customers (lower(email))`,
  sql`create index customers_newest on customers (created_at desc, id desc)`,

  sql`create table users (
    id text primary key,
    customer_id text not null references customers,
    email text not null,
    full_name text,
    password_hash text not null,
    created_at timestamptz not null
  )`,
  sql`create unique index users_email_taken on users (lower(email))`,
  sql`create index users_of_customer on users (customer_id, created_at)`,

  sql`create table sessions (
    id text primary key,
    user_id text not null references users,
    customer_id text not null references customers,
    token_sha256 text not null unique,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz
  )`,
  sql`create index sessions_of_user on sessions (user_id, expires_at)`,
  sql`create index sessions_of_customer on sessions (customer_id) where ended_at is null`,

  sql`create table api_keys (
    id text primary key,
    customer_id text not null references customers,
    name text not null,
    prefix text not null,
    secret_sha256 text not null unique,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  sql`create index api_keys_of_customer on api_keys (customer_id, created_at desc)`,
  sql`create unique index api_keys_name_taken on api_keys (customer_id, lower(name)) where revoked_at is null`,

  // Sorted by bytes, so that pages and cursors do not depend on the server's locale.
  sql`create table instances (
    id text primary key,
    customer_id text not null references customers,
    name text collate "C" not null,
    created_at timestamptz not null,
    unique (customer_id, name)
  )`,

  sql`create table audit_entries (
    position bigint generated always as identity primary key,
    id text not null unique,
    customer_id text not null references customers,
    at timestamptz not null,
    actor text not null,
    action text not null,
    target text not null,
    detail text,
    request_id text
  )`,
  sql`create index audit_entries_of_customer on audit_entries (customer_id, position desc)`,

  // By the hash of what was typed: an address that has no account here is not kept.
  sql`create table login_failures (
    position bigint generated always as identity primary key,
    account_sha256 text not null,
    failed_at timestamptz not null
  )`,
  sql`create index login_failures_of_account on login_failures (account_sha256, failed_at desc)`,
  sql`create index login_failures_age on login_failures (failed_at)`,
];

export const m0001 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await createEventTables(db);
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
