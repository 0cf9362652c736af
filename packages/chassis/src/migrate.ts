import { Kysely, type Migration, Migrator, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import { roleOf } from './database.ts';
import { migrateEventTables } from './event-table-migrations.ts';
import type { Log } from './log.ts';
import { connectSession, createSessionPool } from './pg-session.ts';

/** `0001_create_customers` → what it does. Forward only. */
export type Migrations = Readonly<Record<string, Pick<Migration, 'up'>>>;

/** Any number, the same for all of ours: one process at a time creates schemas and roles. */
const SCHEMA_LOCK = 7_302_114;

/**
 * Brings one subgraph's schema up to date: creates the schema and the role that owns it where they are missing, then
 * runs what has not run, as that role. Processes that start together wait for one another.
 * @param options.url a login that may create roles and schemas, or that finds both there.
 */
export async function migrateSchema(options: { url: string; schema: string; migrations: Migrations; log: Log }): Promise<void> {
  await createSchemaAndRole(options.url, options.schema);
  const pool = createSessionPool({ url: options.url, applicationName: 'iotistic-migrations', maxConnections: 1, searchPath: options.schema, role: roleOf(options.schema) });
  pool.on('error', () => undefined);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(options.migrations as Record<string, Migration>) }, migrationTableSchema: options.schema });
    const { error, results } = await migrator.migrateToLatest();
    for (const result of results ?? []) options.log.debug({ schema: options.schema, migration: result.migrationName, status: result.status }, 'migration');
    if (error !== undefined) throw new Error(`the migrations of schema ${options.schema} failed`, { cause: error });
    await migrateEventTables(db, options.schema);
  } finally {
    await db.destroy();
  }
}

function createSchemaAndRole(url: string, schema: string): Promise<void> {
  return withRole(url, schema, (client, role) => client.query(`create schema if not exists ${schema} authorization ${role}`));
}

/** Creates the role that owns a schema where it is missing, so that the schema can be restored as its. */
export function createRole(url: string, schema: string): Promise<void> {
  return withRole(url, schema, () => Promise.resolve());
}

async function withRole(url: string, schema: string, work: (client: pg.Client, role: string) => Promise<unknown>): Promise<void> {
  const client = await connectSession(url, { applicationName: 'iotistic-migrations' });
  const role = roleOf(schema);
  try {
    await client.query('select pg_advisory_lock($1)', [SCHEMA_LOCK]);
    // Roles are the whole server's: another database may be making the same one right now.
    await client.query(`do $$ begin if to_regrole('${role}') is null then create role ${role} nologin; end if; exception when duplicate_object or unique_violation then null; end $$`);
    await client.query(becomeRole(role));
    await work(client, role);
  } finally {
    await client.end();
  }
}

/** Lets the login become the role, where it may not yet: a superuser may be every role, and who made a role may let itself in (from PostgreSQL 16 on it has to). */
function becomeRole(role: string): string {
  return `do $$
    begin
      if not pg_has_role(current_user, '${role}', case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then
        execute format('grant ${role} to %I', current_user);
      end if;
    exception when insufficient_privilege then
      raise exception 'the login % may not become the role ${role}, which exists: grant ${role} to %', current_user, current_user using errcode = 'insufficient_privilege';
    end $$`;
}

/** The tables that every subgraph has (outbox and inbox), for its first migration. */
export async function createEventTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table outbox (
      position bigint generated always as identity primary key,
      id text not null unique,
      name text not null,
      payload jsonb not null,
      request_id text not null,
      created_at timestamptz not null,
      relayed_at timestamptz
    )`.execute(db);
  await sql`create index outbox_unrelayed on outbox (position) where relayed_at is null`.execute(db);
  await sql`
    create table inbox (
      event_id text primary key,
      handled_at timestamptz not null
    )`.execute(db);
}
