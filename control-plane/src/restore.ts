import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import { findRunningEmbedded, restoreEmbeddedCluster } from '@iotistic/chassis/embedded-postgres-restore';
import { forgetQueues } from '@iotistic/chassis/forget-queues';
import { createLog } from '@iotistic/chassis/log';
import { createRole } from '@iotistic/chassis/migrate';
import { markRestored } from '@iotistic/chassis/restores';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { backupFileOf, readManifest } from './backup-folder.ts';
import { planeConfig, type PlaneConfig } from './config.ts';
import { databaseNameOf, runPostgresTool } from './postgres-tools.ts';
import { planeClock } from './stripe.ts';

type Print = (line: string) => void;

/**
 * `npm run restore -- FOLDER`: puts a backup where this plane has no database yet, and notes that it did, so that the plane goes
 * on from there without contradicting what others have seen since. `npm run restore -- --mark TIME` only notes it, for a
 * database that was restored by other means (a snapshot, point-in-time recovery). The plane must not run.
 * @throws ConfigError in words that say what to do.
 */
export async function restore(environment: NodeJS.ProcessEnv, args: readonly string[], print: Print): Promise<void> {
  const config = loadConfig(planeConfig, environment);
  const backedUpAt = args[0] === '--mark' ? parseTime(args[1]) : await putBack(config, args, environment);
  const restored = { id: randomUUID(), backedUpAt, restoredAt: planeClock(config).now() };
  await withDatabase(config, async (url) => {
    await forgetQueues({ databaseUrl: url, redisUrl: config.REDIS_URL });
    const schemas = await markRestored(url, SUBGRAPH_NAMES, restored);
    if (schemas.length === 0) throw new ConfigError(['the database has none of our schemas: there is nothing to go on from']);
  });
  print(`Restored as of ${backedUpAt.toISOString()}. Start the plane: it reads Stripe again, and agents send what they sent since then.`);
  print('What only this plane knew of the time in between is lost: docs/backup.md lists it.');
}

function parseTime(text: string | undefined): Date {
  const time = new Date(text ?? '');
  if (Number.isNaN(time.getTime())) throw new ConfigError(['--mark TIME: the moment that the database was put back to, such as 2026-11-20T12:00:00Z']);
  return time;
}

async function putBack(config: PlaneConfig, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Date> {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) throw new ConfigError(['npm run restore -- FOLDER: name the folder of one backup']);
  const { kind, backedUpAt } = await readManifest(folder);
  const file = backupFileOf(folder, kind);
  if (config.DATABASE_URL === undefined) {
    if (kind !== 'cluster') throw new ConfigError(['DATABASE_URL: the backup is of a database of yours; say where to restore it']);
    await restoreEmbeddedCluster({ dataDir: join(config.DATA_DIR, 'postgres'), tar: createReadStream(file), log: createLog({ level: config.LOG_LEVEL, name: 'restore' }) });
  } else {
    if (kind !== 'dump') throw new ConfigError(['DATABASE_URL: the backup is of an embedded database; unset it']);
    for (const schema of SUBGRAPH_NAMES) await createRole(config.DATABASE_URL, schema);
    await runPostgresTool('pg_restore', config.DATABASE_URL, ['--exit-on-error', '--single-transaction', '--no-password', `--dbname=${databaseNameOf(config.DATABASE_URL)}`, file], environment);
  }
  return backedUpAt;
}

async function withDatabase(config: PlaneConfig, work: (url: string) => Promise<void>): Promise<void> {
  if (config.DATABASE_URL !== undefined) return work(config.DATABASE_URL);
  const dataDir = join(config.DATA_DIR, 'postgres');
  if ((await findRunningEmbedded(dataDir)) !== null) throw new ConfigError([`${config.DATA_DIR}: a plane runs on it; stop it first`]);
  const server = await startEmbeddedPostgres({ dataDir, log: createLog({ level: config.LOG_LEVEL, name: 'restore' }) });
  try {
    await work(server.url);
  } finally {
    await server.stop();
  }
}
