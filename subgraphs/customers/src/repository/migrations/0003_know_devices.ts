import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What was counted before this migration is over within a quarter of an hour.
  sql`delete from login_failures`,
  sql`alter table login_failures add column mark_sha256 text not null, add column is_stranger boolean not null`,
  sql`drop index login_failures_of_account`,
  sql`create index login_failures_of_place on login_failures (account_sha256, mark_sha256, failed_at desc)`,
  sql`create index login_failures_of_strangers on login_failures (account_sha256, failed_at desc) where is_stranger`,

  // Devices and addresses from which an account was entered: strangers' failures do not close it to them.
  sql`create table known_devices (
    account_sha256 text not null,
    mark_sha256 text not null,
    last_used_at timestamptz not null,
    primary key (account_sha256, mark_sha256)
  )`,
  sql`create index known_devices_age on known_devices (last_used_at)`,

  // Instances that a customer may have; null is unlimited. What was granted before this column had the default.
  sql`alter table subscriptions add column max_instances bigint default 1000`,
];

export const m0003 = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await statement.execute(db);
  },
};
