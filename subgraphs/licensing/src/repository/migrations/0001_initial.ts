import { createEventTables } from '@iotistic/chassis/migrate';
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createEventTables(db);
  await sql`
    create table signing_keys (
      id text primary key,
      public_key_pem text not null,
      status text not null check (status in ('CURRENT', 'VERIFYING', 'RETIRED')),
      created_at timestamptz not null,
      retired_at timestamptz
    )`.execute(db);
  await sql`create unique index one_current_signing_key on signing_keys (status) where status = 'CURRENT'`.execute(db);
  await createLicenseTables(db);
  await createRevocationTables(db);
  await sql`
    create table instances (
      id text primary key,
      customer_id text not null,
      name text not null,
      activated_at timestamptz,
      last_seen_at timestamptz,
      license_id text,
      agent_version text,
      unique (customer_id, name)
    ) with (fillfactor = 80)`.execute(db);
}

async function createLicenseTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table licenses (
      id text primary key,
      customer_id text not null,
      version integer not null,
      plan text not null,
      key_id text not null references signing_keys (id),
      token text not null,
      issued_at timestamptz not null,
      expires_at timestamptz not null,
      unlicensed_from timestamptz not null,
      renew_at timestamptz,
      superseded_at timestamptz,
      revoked_at timestamptz
    )`.execute(db);
  await sql`create index licenses_of_customer on licenses (customer_id, unlicensed_from)`.execute(db);
  await sql`create unique index one_license_in_force on licenses (customer_id) where superseded_at is null`.execute(db);
  await sql`create index licenses_to_renew on licenses (renew_at) where renew_at is not null and superseded_at is null and revoked_at is null`.execute(db);
  await sql`
    create table entitlements (
      customer_id text primary key,
      customer_name text not null,
      plan text not null,
      status text not null,
      trial_ends_at timestamptz,
      period_ends_at timestamptz,
      features json not null,
      limits json not null,
      version integer not null,
      updated_at timestamptz not null
    )`.execute(db);
  await sql`
    create table license_history (
      position bigint generated always as identity primary key,
      id text not null unique,
      customer_id text not null,
      at timestamptz not null,
      action text not null,
      plan text not null,
      max_devices bigint,
      token_hash text not null,
      actor text not null,
      reason text
    )`.execute(db);
  await sql`create index license_history_of_customer on license_history (customer_id, position desc)`.execute(db);
}

async function createRevocationTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table deactivations (
      customer_id text primary key,
      at timestamptz not null
    )`.execute(db);
  await sql`
    create table revocations (
      license_id text primary key references licenses (id),
      revoked_at timestamptz not null,
      unlicensed_from timestamptz not null
    )`.execute(db);
  await sql`create index revocations_in_force on revocations (unlicensed_from)`.execute(db);
  await sql`create table revocation_epochs (epoch bigint not null)`.execute(db);
  await sql`create unique index one_revocation_epoch on revocation_epochs ((true))`.execute(db);
  await sql`insert into revocation_epochs values (0)`.execute(db);
}
