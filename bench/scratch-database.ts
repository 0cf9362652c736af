import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import { createLog } from '@iotistic/chassis/log';
import pg from 'pg';

export interface ScratchDatabase {
  url: string;
  version: string;
  /** Of the server's first process, whose children are the connections; null where that cannot be found out. */
  pid: number | null;
  folder: string;
  query<R extends pg.QueryResultRow>(text: string): Promise<R[]>;
  /** Ends the server and removes the folder. */
  remove(): Promise<void>;
}

/** A new, empty, durable PostgreSQL: the same launcher and settings for both sides. Its folder lies under TMPDIR. */
export async function createScratchDatabase(): Promise<ScratchDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-bench-'));
  // Also where we are root and PostgreSQL therefore is somebody else: it has to walk through.
  await chmod(folder, 0o711);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: createLog({ level: 'warn', name: 'bench-postgres' }), durable: true });
    const query = async <R extends pg.QueryResultRow>(text: string): Promise<R[]> => {
      const client = new pg.Client({ connectionString: server.url });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query<R>(text)).rows;
      } finally {
        await client.end();
      }
    };
    const version = await checkDurable(query);
    return { url: server.url, version, pid: await findServerPid(server.url), folder, query, remove: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A comparison of commits that do not reach the disk would compare something else. */
async function checkDurable(query: ScratchDatabase['query']): Promise<string> {
  const rows = await query<{ name: string; setting: string }>("select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')");
  const setting = new Map(rows.map((row) => [row.name, row.setting]));
  for (const name of ['fsync', 'synchronous_commit', 'full_page_writes']) if (setting.get(name) !== 'on') throw new Error(`PostgreSQL runs with ${name} = ${setting.get(name)}`);
  return setting.get('server_version') ?? 'unknown';
}

/** The parent of any connection's process. */
async function findServerPid(url: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const status = await readFile(`/proc/${rows[0]?.pid}/status`, 'utf8').catch(() => '');
    const parent = /^PPid:\s*(\d+)/m.exec(status)?.[1];
    return parent === undefined ? null : Number(parent);
  } finally {
    await client.end();
  }
}
