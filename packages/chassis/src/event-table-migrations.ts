import { type Kysely, type Migration, Migrator, sql } from 'kysely';

/** What became of the event tables since a subgraph's first migration made them. Forward only. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001_add_traceparent_to_outbox': {
    up: async (db) => {
      await sql`alter table if exists outbox add column if not exists traceparent text`.execute(db);
    },
  },
};

/** The event tables are the chassis' in every schema: what changes of them is kept apart from the subgraph's own migrations. */
export async function migrateEventTables(db: Kysely<unknown>, schema: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) }, migrationTableSchema: schema, migrationTableName: 'event_table_migrations', migrationLockTableName: 'event_table_migrations_lock' });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error(`the migrations of the event tables of schema ${schema} failed`, { cause: error });
}
