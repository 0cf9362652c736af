import { type Kysely, type Migration, Migrator, sql } from 'kysely';

/** What forgetting and counting look things up by. Events that wait are not in it, so that publishing one writes nothing here. */
const INDEXES = [
  { name: 'outbox_relayed', table: 'outbox', on: '(relayed_at) where relayed_at is not null' },
  { name: 'inbox_handled', table: 'inbox', on: '(handled_at)' },
] as const;
/** Up to here an index is made in the blink of an eye, during which nothing is written. */
const SMALL_TABLE_BYTES = 64 * 1024 * 1024;

/** What became of the event tables since a subgraph's first migration made them. Forward only. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001_add_traceparent_to_outbox': {
    up: async (db) => {
      await sql`alter table if exists outbox add column if not exists traceparent text`.execute(db);
    },
  },
  '0002_add_relay_state': {
    up: async (db) => {
      await sql`
        create table relay_state (
          one boolean primary key default true check (one),
          epoch text,
          count bigint not null default 0
        )`.execute(db);
      await sql`
        create table relay_catch_ups (
          reader text primary key,
          position bigint not null,
          until bigint not null,
          ask text,
          ask_until bigint
        )`.execute(db);
    },
  },
  '0003_index_when_events_were_done': {
    up: async (db) => {
      for (const { name, table, on } of INDEXES) {
        const { rows } = await sql<{ isSmall: boolean }>`select coalesce(pg_table_size(to_regclass(${table})) < ${SMALL_TABLE_BYTES}, false) as "isSmall"`.execute(db);
        if (rows[0]?.isSmall === true) await sql`create index if not exists ${sql.id(name)} on ${sql.id(table)} ${sql.raw(on)}`.execute(db);
      }
    },
  },
};

/** The event tables are the chassis' in every schema: what changes of them is kept apart from the subgraph's own migrations. */
export async function migrateEventTables(db: Kysely<unknown>, schema: string): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) }, migrationTableSchema: schema, migrationTableName: 'event_table_migrations', migrationLockTableName: 'event_table_migrations_lock' });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw new Error(`the migrations of the event tables of schema ${schema} failed`, { cause: error });
}

/**
 * Makes the indexes that a migration left out since their table was large: beside whatever is written meanwhile, which
 * takes minutes there. One that was broken off is made again. To be called by one process at a time.
 */
export async function buildMissingIndexes<T>(db: Kysely<T>): Promise<void> {
  for (const { name, table, on } of INDEXES) {
    const { rows } = await sql<{ isValid: boolean }>`select indisvalid as "isValid" from pg_index where indexrelid = to_regclass(${name})`.execute(db);
    if (rows[0]?.isValid === true) continue;
    await db.connection().execute(async (connection) => {
      await sql`set statement_timeout = 0`.execute(connection);
      try {
        if (rows[0] !== undefined) await sql`drop index concurrently if exists ${sql.id(name)}`.execute(connection);
        await sql`create index concurrently if not exists ${sql.id(name)} on ${sql.id(table)} ${sql.raw(on)}`.execute(connection);
      } finally {
        await sql`reset statement_timeout`.execute(connection);
      }
    });
  }
}
