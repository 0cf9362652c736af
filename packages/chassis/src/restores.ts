import { type Kysely, sql } from 'kysely';
import { roleOf, type Tx } from './database.ts';
import type { EventTables } from './outbox.ts';
import { connectSession } from './pg-session.ts';

/** One time that the database was put back to what it was. */
export interface Restore {
  id: string;
  /** What was written later is lost, but to those who remember it. */
  backedUpAt: Date;
  restoredAt: Date;
}

/** By so much numbers rise that others have seen higher than the restored database knows: no plane writes as many between two backups. */
export const RESTORE_STRIDE = 1_000_000;

/** Below it no number begins that somebody outside may have seen before a restore. */
export function floorAfter(restores: readonly Restore[]): number {
  return restores.length * RESTORE_STRIDE;
}

/**
 * Notes in these schemas, where they exist, that the database was restored: whoever serves them goes on accordingly at its next
 * start. Before that nobody may be at work on it.
 * @returns the schemas.
 */
export async function markRestored(url: string, schemas: readonly string[], restore: Restore): Promise<string[]> {
  const client = await connectSession(url);
  try {
    const { rows } = await client.query<{ nspname: string }>('select nspname from pg_namespace where nspname = any($1)', [schemas]);
    const found = schemas.filter((schema) => rows.some(({ nspname }) => nspname === schema));
    await client.query('begin');
    for (const schema of found) {
      await client.query(`set local role ${roleOf(schema)}`);
      await client.query(`create table if not exists ${schema}.restores (id text primary key, backed_up_at timestamptz not null, restored_at timestamptz not null, handled_at timestamptz)`);
      await client.query(`insert into ${schema}.restores (id, backed_up_at, restored_at) values ($1, $2, $3)`, [restore.id, restore.backedUpAt, restore.restoredAt]);
      await client.query('set local role none');
    }
    await client.query('commit');
    return found;
  } finally {
    await client.end();
  }
}

interface RestoreRow {
  id: string;
  backed_up_at: Date;
  restored_at: Date;
}

/**
 * All restores of a schema, oldest first. Of one that was not handled yet, here and once: what the schema has to change, and
 * the relay asks every reader which events it misses, since the queues are not part of a backup.
 */
export async function openRestores<T extends EventTables>(db: Kysely<T>, schema: string, now: Date, goOn: (tx: Tx<T>) => Promise<unknown>): Promise<Restore[]> {
  const { rows: tables } = await sql<{ known: boolean }>`select to_regclass(${`${schema}.restores`}) is not null as known`.execute(db);
  if (tables[0]?.known !== true) return [];
  await db.transaction().execute(async (tx) => {
    const { rows: open } = await sql<RestoreRow>`select id from restores where handled_at is null for update`.execute(tx);
    if (open.length === 0) return;
    await goOn(tx);
    await sql`update relay_state set epoch = null`.execute(tx);
    await sql`update restores set handled_at = ${now} where handled_at is null`.execute(tx);
  });
  const { rows } = await sql<RestoreRow>`select id, backed_up_at, restored_at from restores order by restored_at, id`.execute(db);
  return rows.map((row) => ({ id: row.id, backedUpAt: row.backed_up_at, restoredAt: row.restored_at }));
}
