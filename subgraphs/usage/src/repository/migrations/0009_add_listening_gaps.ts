import { type Kysely, sql } from 'kysely';

/**
 * When nobody could report because the plane was down, and when its clock jumped. `beat_at` is of the database's own clock, which no
 * simulation moves: beside `looked_at` it says whether time passed or was set.
 */
export const m0009 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table anomaly_watch add column beat_at timestamptz`.execute(db);
    await sql`
      create table listening_gaps (
        gap_from timestamptz not null,
        gap_until timestamptz not null,
        is_outage boolean not null,
        primary key (gap_until, is_outage)
      )`.execute(db);
    await sql`create index instances_reported on instances (customer_id, last_reported_at) where last_reported_at is not null`.execute(db);
  },
};
