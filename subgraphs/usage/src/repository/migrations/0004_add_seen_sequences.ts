import { type Kysely, sql } from 'kysely';

/** Which sequence numbers of each instance arrived; of those that are known already, all up to the highest count as seen. */
export const m0004 = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table instances add column seen_sequences int8multirange not null default '{}'`.execute(db);
    await sql`update instances set seen_sequences = int8multirange(int8range(1, last_sequence, '[]')) where last_sequence >= 1`.execute(db);
  },
};
