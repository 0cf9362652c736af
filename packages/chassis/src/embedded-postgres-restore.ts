import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { embeddedUrl, MAJOR_VERSION, PASSWORD } from './embedded-postgres-cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { lockFolder } from './embedded-postgres-lock.ts';
import { type ClusterPlace, findClusterPlace, openDataDir, spawnOptions } from './embedded-postgres-place.ts';
import type { Log } from './log.ts';
import { connectSession } from './pg-session.ts';

/** Where the port stands in PostgreSQL's own lock file. */
const PORT_LINE = 3;

/** The URL of the server that runs on this data directory, whoever started it; null where none answers. */
export async function findRunningEmbedded(dataDir: string): Promise<string | null> {
  const home = await realpath(dataDir).catch(() => null);
  if (home === null) return null;
  const root = (await readFile(join(home, 'cluster-location'), 'utf8').catch(() => home)).trim();
  const port = (await readFile(join(root, 'cluster', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[PORT_LINE];
  const password = (await readFile(join(home, PASSWORD), 'utf8').catch(() => '')).trim();
  if (port === undefined || password === '') return null;
  const url = embeddedUrl(password, port, 'iotistic');
  const client = await connectSession(url).catch(() => null);
  await client?.end().catch(() => undefined);
  return client === null ? null : url;
}

/**
 * Makes a data directory's cluster from a base backup, a gzipped tar. Its password is set anew at the next start.
 * @throws EmbeddedPostgresError where there is a database already, or the backup is of another major version; then nothing is left behind.
 */
export async function restoreEmbeddedCluster(options: { dataDir: string; tar: Readable; log: Log }): Promise<void> {
  const home = await openDataDir(options.dataDir);
  const lock = await lockFolder(home);
  try {
    const place = await findClusterPlace(home, options.log);
    if (existsSync(place.cluster)) throw new EmbeddedPostgresError(`${options.dataDir} holds a database: nothing is restored over it; move it away first`);
    const unfinished = `${place.cluster}.new-${randomBytes(4).toString('hex')}`;
    try {
      await mkdir(unfinished, { mode: 0o700 });
      if (place.user !== null) await chown(unfinished, place.user.uid, place.user.gid);
      await unpack(unfinished, options.tar, place);
      const version = (await readFile(join(unfinished, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
      if (version !== MAJOR_VERSION) throw new EmbeddedPostgresError(version === '' ? 'this is no backup of a database' : `the backup is of PostgreSQL ${version}, this one is ${MAJOR_VERSION}: restore it with the release that made it`);
      // The one that the backup knows is the old folder's.
      await rm(join(home, PASSWORD), { force: true });
      await rename(unfinished, place.cluster);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
  } finally {
    await lock.release();
  }
}

/** As the cluster's own user, who then owns what it unpacks. */
async function unpack(folder: string, tar: Readable, place: ClusterPlace): Promise<void> {
  const child = spawn('tar', ['-xzf', '-', '-C', folder], { ...spawnOptions(place), stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = new Promise<void>((resolve, reject) => {
    child.once('error', (cause) => reject(new EmbeddedPostgresError('tar is needed to unpack a backup, and does not run', { cause })));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new EmbeddedPostgresError(`the backup could not be unpacked: ${said.trim()}`))));
  });
  await Promise.all([exited, pipeline(tar, child.stdin).catch((error: NodeJS.ErrnoException) => {
    // It ended before it had read all: its own words are better.
    if (error.code !== 'EPIPE') throw error;
  })]);
}
