import { createEventTables } from '@iotistic/chassis/migrate';
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createEventTables(db);
  await sql`
    create table customers (
      id text primary key,
      email text,
      license_name text,
      updated_at timestamptz,
      deactivated_at timestamptz
    )`.execute(db);
  await sql`
    create table subscriptions (
      id text primary key,
      customer_id text not null unique references customers (id),
      plan text not null,
      status text not null,
      trial_ends_at timestamptz,
      current_period_start timestamptz,
      current_period_ends_at timestamptz,
      cancel_at_period_end boolean not null,
      entitlements json not null,
      version integer not null,
      updated_at timestamptz not null
    )`.execute(db);
}
