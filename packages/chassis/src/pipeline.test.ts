import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { migrateSchema } from './migrate.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { prepared } from './prepared.ts';

const log = createLog({ level: 'silent', name: 'test' });
const metrics = createMetrics();
let test: TestDatabase;
let admin: pg.Pool;
let database: Database<unknown>;
let pipeline: Pipeline;

beforeAll(async () => {
  test = await createTestDatabase({ template: 'pipeline', migrate: (url) => migrateSchema({ url, schema: 'usage', migrations: { '0001': { up: async (db) => void (await sql`create table counted (n int primary key)`.execute(db)) } }, log }) });
  admin = new pg.Pool({ connectionString: test.url, max: 1, options: '-c search_path=usage' });
  database = openDatabase({ url: test.url, schema: 'usage', log });
  pipeline = openPipeline(database, { url: test.url, schema: 'usage', log, metrics, maxConnections: 1 });
});
beforeEach(async () => {
  await admin.query('truncate counted');
});
afterAll(async () => {
  await pipeline.close();
  await database.close();
  await admin.end();
  await test.drop();
});

const ALL = sql<{ n: number }>`select n from counted order by n`;
const insert = (...numbers: number[]) => numbers.map((n) => sql`insert into counted values (${n})`);
const counted = async (): Promise<number[]> => (await admin.query<{ n: number }>('select n from counted order by n')).rows.map(({ n }) => n);

describe('a pipelined transaction', () => {
  it('answers what it read in the order that it was asked, writes what was decided, and answers that', async () => {
    await admin.query('insert into counted values (1), (2)');
    const result = await pipeline.transaction([ALL, sql<{ one: number }>`select 1 as one`], ([numbers, [row]]) => ({ result: [numbers.map(({ n }) => n), row?.one], writes: insert(3, 4) }));
    expect(result).toEqual([[1, 2], 1]);
    expect(await counted()).toEqual([1, 2, 3, 4]);
  });

  it('of one statement is committed with it, or fails with it, and the connection serves the next', async () => {
    await pipeline.statement(sql`insert into counted values (1), (2)`);
    await expect(pipeline.statement(sql`with written as (insert into counted values (3)) insert into counted values (2)`)).rejects.toMatchObject({ code: '23505' });
    await pipeline.statement(prepared(sql`insert into counted values (${4})`));
    expect(await counted()).toEqual([1, 2, 4]);
  });

  it('writes nothing where nothing was decided, or deciding fails, and holds nothing any more', async () => {
    const lock = sql<{ n: number }>`select n from counted where n = 1 for update`;
    await admin.query('insert into counted values (1)');
    expect(await pipeline.transaction([lock], () => null)).toBeNull();
    const deciding = pipeline.transaction([lock], () => {
      throw new Error('undecided');
    });
    await expect(deciding).rejects.toThrow('undecided');
    const { rowCount } = await admin.query('select n from counted for update nowait');
    expect(rowCount).toBe(1);
  });

  it('writes all or nothing, says which statement failed, and leaves the connection as it was', async () => {
    await admin.query('insert into counted values (5)');
    await expect(pipeline.transaction([], () => ({ result: 1, writes: insert(4, 5, 6) }))).rejects.toMatchObject({ code: '23505' });
    expect(await counted()).toEqual([5]);
    await expect(pipeline.transaction([sql<{ n: number }>`select n from nothing`, ALL], () => ({ result: 1, writes: insert(7) }))).rejects.toMatchObject({ code: '42P01' });
    expect(await pipeline.transaction([ALL], ([rows]) => ({ result: rows.length, writes: insert(8) }))).toBe(1);
    expect(await counted()).toEqual([5, 8]);
  });

  it('sees what was committed while it waited for a lock', async () => {
    await admin.query('insert into counted values (1)');
    const holder = await admin.connect();
    await holder.query('begin');
    await holder.query('select n from counted where n = 1 for update');
    const waiting = pipeline.transaction([sql<{ n: number }>`select n from counted where n = 1 for update`, ALL], ([, rows]) => ({ result: rows.map(({ n }) => n), writes: [] }));
    await holder.query('insert into counted values (2)');
    while ((await holder.query("select 1 from pg_locks where not granted")).rowCount === 0) await holder.query('select 1');
    await holder.query('commit');
    holder.release();
    expect(await waiting).toEqual([1, 2]);
  });

  it('fails where its connection is lost, and the next one has another', async () => {
    const terminate = (): Promise<unknown> => admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'iotistic-usage' and state <> 'idle'");
    const lost = pipeline.transaction([sql<{ n: number }>`select 1 as n from pg_sleep(30)`], () => ({ result: 1, writes: insert(1) }));
    const outcome = lost.catch((error: { code?: string }) => error.code);
    while ((await admin.query<{ n: number }>("select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()")).rows[0]?.n === 0) await admin.query('select 1');
    await terminate();
    expect(await outcome).toBe('57P01');
    expect(await pipeline.transaction([ALL], ([rows]) => ({ result: rows.length, writes: insert(9) }))).toBe(0);
    expect(await counted()).toEqual([9]);
  });

  it('is counted, by its round trips', async () => {
    expect(await metrics.text()).toMatch(/iotistic_db_query_seconds_count{pool="usage-pipeline"} [1-9]/);
  });
});

describe('a prepared statement', () => {
  const statement = (n: number) => prepared(sql<{ n: number; prepared: number }>`select ${n}::int as n, (select count(*)::int from pg_prepared_statements where statement like '%as n, (select%') as prepared`);

  it('is read once by each connection, whatever its values', async () => {
    const answers = await database.db.connection().execute(async (db) => [await statement(1).execute(db), await statement(2).execute(db), await statement(3).execute(db)]);
    expect(answers.map(({ rows }) => rows[0])).toEqual([1, 2, 3].map((n) => ({ n, prepared: 1 })));
  });

  it('goes through a pipeline alike', async () => {
    const asked = (n: number) => pipeline.transaction([statement(n)], ([rows]) => ({ result: rows[0], writes: [] }));
    expect([await asked(1), await asked(2)]).toEqual([{ n: 1, prepared: 1 }, { n: 2, prepared: 1 }]);
  });
});
