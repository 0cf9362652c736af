import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@iotistic/chassis/log';
import { type Migrations, migrateSchema } from '@iotistic/chassis/migrate';
import pg from 'pg';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { createTestDatabase, newTestRun, startTestPostgres } from './database.ts';

const log = createLog({ level: 'silent', name: 'test' });

async function query<R extends object>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
}

test('the template is migrated once however many ask at the same time, and each gets a database of its own', async () => {
  let migrations = 0;
  const migrate = async (url: string): Promise<void> => {
    migrations += 1;
    await query(url, 'create table things (n int)');
  };
  const databases = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase({ template: 'kit_once', migrate })));
  expect(migrations).toBe(1);
  expect(new Set(databases.map((database) => database.url)).size).toBe(4);
  await query(databases[0]?.url ?? '', 'insert into things values (1)');
  expect(await query(databases[1]?.url ?? '', 'select * from things')).toEqual([]);
  await Promise.all(databases.map((database) => database.drop()));
});

test('a dropped database is gone, with whoever was still connected', async () => {
  const database = await createTestDatabase({ template: 'kit_empty', migrate: () => Promise.resolve() });
  const client = new pg.Client({ connectionString: database.url });
  const lost = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await database.drop();
  await lost;
  await expect(query(database.url, 'select 1')).rejects.toThrow('does not exist');
  await database.drop();
});

test('migrations that fail leave no template behind that looks finished', async () => {
  const options = { template: 'kit_fails', migrate: () => Promise.reject(new Error('broken migration')) };
  await expect(createTestDatabase(options)).rejects.toThrow('broken migration');
  const database = await createTestDatabase({ ...options, migrate: (url) => query(url, 'create table mended ()').then(() => undefined) });
  expect(await query(database.url, 'select * from mended')).toEqual([]);
  await database.drop();
});

test('sets of migrations that make the same roles do not collide', async () => {
  const migrations: Migrations = { '0001_create_things': { up: (db) => db.schema.createTable('things').addColumn('n', 'integer').execute() } };
  const migrate = (url: string): Promise<void> => migrateSchema({ url, schema: 'kit_roles', migrations, log });
  const databases = await Promise.all(['kit_roles_a', 'kit_roles_b'].map((template) => createTestDatabase({ template, migrate })));
  for (const database of databases) {
    expect(await query(database.url, 'select * from kit_roles.things')).toEqual([]);
    await database.drop();
  }
});

test('the words for runs differ, and a template has to be a plain word', async () => {
  expect(newTestRun()).not.toBe(newTestRun());
  await expect(createTestDatabase({ template: 'x; drop', migrate: () => Promise.resolve() })).rejects.toThrow('not a word');
});

test('a given server is used, and left without the databases of the run, but with those of others', async () => {
  const { url } = inject('testServer');
  const server = await startTestPostgres('kitrun', { TEST_DATABASE_URL: url });
  expect(server.url).toBe(url);
  const of = (run: string) => createTestDatabase({ template: 'kit', migrate: () => Promise.resolve(), server: { url, run } });
  const [ours, others] = [await of('kitrun'), await of('kitrunother')];
  await server.stop();
  await expect(query(ours.url, 'select 1')).rejects.toThrow('does not exist');
  expect(await query(others.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await (await startTestPostgres('kitrunother', { TEST_DATABASE_URL: url })).stop();
});

test('an embedded server leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-kit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711);
  vi.stubEnv('TMPDIR', folder);
  const server = await startTestPostgres('kitown', {});
  expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await server.stop();
  expect(await readdir(folder)).toEqual([]);
});
