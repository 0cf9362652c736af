import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { writeBaseBackup } from '@iotistic/chassis/base-backup';
import { ConfigError, loadConfig } from '@iotistic/chassis/config';
import { startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import { findRunningEmbedded } from '@iotistic/chassis/embedded-postgres-restore';
import { createLog } from '@iotistic/chassis/log';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { backupFileOf, makeBackupFolder, writeManifest } from './backup-folder.ts';
import { planeConfig, type PlaneConfig } from './config.ts';
import { runPostgresTool } from './postgres-tools.ts';
import { planeClock } from './stripe.ts';

type Print = (line: string) => void;

/**
 * `npm run backup -- FOLDER`: the database of this plane as of one moment, while it works. The embedded one is copied whole;
 * of one that DATABASE_URL names, pg_dump writes our four schemas. The queues follow from rows, and the keys are backed up apart.
 * @throws ConfigError in words that say what to do.
 */
export async function backUp(environment: NodeJS.ProcessEnv, args: readonly string[], print: Print): Promise<void> {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) throw new ConfigError(['npm run backup -- FOLDER: name one new folder']);
  const config = loadConfig(planeConfig, environment);
  await makeBackupFolder(folder);
  const backedUpAt = planeClock(config).now();
  const kind = config.DATABASE_URL === undefined ? 'cluster' : 'dump';
  if (config.DATABASE_URL === undefined) await copyEmbedded(config, backupFileOf(folder, kind));
  else await runPostgresTool('pg_dump', config.DATABASE_URL, ['--format=custom', '--no-password', ...SUBGRAPH_NAMES.map((schema) => `--schema=${schema}`), `--file=${backupFileOf(folder, kind)}`], environment);
  const { bytes } = await writeManifest(folder, { kind, backedUpAt });
  print(`Backed up: ${join(folder, 'backup.json')}, ${(bytes / 1_000_000).toFixed(1)} MB, as of ${backedUpAt.toISOString()}.`);
  print('It holds customers\' data and password hashes: keep it where only you can read it. The keys are not in it: npm run backup:keys -- FILE');
}

async function copyEmbedded(config: PlaneConfig, file: string): Promise<void> {
  const dataDir = join(config.DATA_DIR, 'postgres');
  const running = await findRunningEmbedded(dataDir);
  const started = running === null ? await startEmbeddedPostgres({ dataDir, log: createLog({ level: config.LOG_LEVEL, name: 'backup' }) }) : null;
  try {
    const tar = new PassThrough();
    const written = pipeline(tar, createGzip(), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    await Promise.all([written, writeBaseBackup(running ?? started?.url ?? '', tar).then(() => tar.end(), (error: Error) => {
      tar.destroy(error);
      throw error;
    })]);
  } finally {
    await started?.stop();
  }
}
