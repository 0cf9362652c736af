import { type Kysely, sql } from 'kysely';

/** The keys that instances without a network sign their files with: each instance's first file brings it. */
export const m0003 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table instance_keys (
      instance_id text primary key,
      customer_id text not null,
      public_key text not null,
      first_seen_at timestamptz not null
    )`.execute(db);
  },
};
