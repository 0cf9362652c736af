import { type Kysely, sql } from 'kysely';

/** Keys are announced before they sign; a customer's license is revoked and reinstated by an operator; some licenses are for instances without a network. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [
    sql`alter table signing_keys drop constraint signing_keys_status_check`,
    sql`alter table signing_keys
      add constraint signing_keys_status_check check (status in ('ANNOUNCED', 'CURRENT', 'VERIFYING', 'RETIRED')),
      add column sealed_private_key text,
      add column announcement text,
      add column current_since timestamptz,
      add column compromised_at timestamptz`,
    sql`update signing_keys set current_since = created_at`,
    sql`create unique index one_announced_signing_key on signing_keys (status) where status = 'ANNOUNCED'`,
    sql`create table signing_key_events (
      position bigint generated always as identity primary key,
      id text not null unique,
      at timestamptz not null,
      action text not null,
      key_id text not null references signing_keys (id),
      actor text not null,
      request_id text
    )`,
    sql`alter table licenses add column air_gap boolean not null default false`,
    sql`drop index one_license_in_force`,
    sql`create unique index one_license_in_force on licenses (customer_id) where superseded_at is null and not air_gap`,
    sql`drop index licenses_to_renew`,
    sql`create index licenses_to_renew on licenses (renew_at) where renew_at is not null and superseded_at is null and revoked_at is null and not air_gap`,
    sql`create index licenses_of_key on licenses (key_id, unlicensed_from)`,
    sql`alter table entitlements add column revoked_at timestamptz, add column reinstatements integer not null default 0`,
    sql`alter table instances
      add column run_id text,
      add column earlier_run_ids text[] not null default '{}',
      add column duplicate_seen_at timestamptz,
      add column health json`,
    sql`create table license_reissues (
      id text primary key,
      actor text not null,
      reason text not null,
      total integer not null,
      remaining integer not null,
      after_customer_id text not null default '',
      started_at timestamptz not null,
      finished_at timestamptz
    )`,
  ])
    await statement.execute(db);
}
