import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, chmod, constants, mkdir, readdir, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError, USE_A_SERVER } from './embedded-postgres-error.ts';
import { canReach, findUnprivilegedUser, isRoot, type RunAs } from './embedded-postgres-user.ts';
import type { Log } from './log.ts';

/** Where a data directory's cluster (PostgreSQL's word for all its files) lies, and who may touch it. */
export interface ClusterPlace {
  /** Holds the lock and the cluster: the data directory itself, or the folder that its pointer names. */
  root: string;
  cluster: string;
  user: RunAs | null;
}

/** In the data directory: names the folder that holds the cluster, where that had to lie elsewhere. */
const POINTER = 'cluster-location';
/** Not /tmp or /var/tmp while there is a choice: systems clean those, and would take files out of a running database. */
const STATE_FOLDERS = ['/var/lib', '/var/tmp'];

/** The data directory under its real name, made where it is missing. Root's may be walked through, for PostgreSQL's user. */
export async function openDataDir(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
    return await realpath(dataDir);
  } catch (error) {
    throw new EmbeddedPostgresError(`the data directory ${dataDir} cannot be made: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Finds or makes the place of a data directory's cluster. An ordinary user's lies inside. Root's lies inside too, owned
 * by an unprivileged user, unless that user cannot walk there (a 0700 home): then in a folder of its own that the
 * data directory points to.
 * @param home as openDataDir gave it, locked.
 */
export async function findClusterPlace(home: string, log: Log): Promise<ClusterPlace> {
  const pointed = await readPointer(home);
  const root = pointed ?? home;
  const cluster = join(root, 'cluster');
  if (!isRoot()) return { root, cluster, user: null };
  if (existsSync(cluster)) return { root, cluster, user: await ownerOf(cluster) };
  const user = findUnprivilegedUser();
  if (await canReach(root, user)) return { root, cluster, user };
  const elsewhere = await makeStateFolder(home, log);
  await writeWhole(join(home, POINTER), elsewhere, 0o644);
  return { root: elsewhere, cluster: join(elsewhere, 'cluster'), user };
}

async function readPointer(home: string): Promise<string | null> {
  const file = join(home, POINTER);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null || text.trim() === '') return null;
  const folder = text.trim();
  if (existsSync(folder)) return folder;
  throw new EmbeddedPostgresError(`the database of ${home} was in ${folder}, which is gone: bring it back, or remove ${file} to begin with an empty one`);
}

/** A cluster that is there is run as whoever owns it, so that "sudo" once does not lock its owner out. */
async function ownerOf(cluster: string): Promise<RunAs> {
  const { uid, gid } = await stat(cluster);
  if (uid === 0) throw new EmbeddedPostgresError(`${cluster} belongs to root, and PostgreSQL does not run as root: chown it to the user that it belonged to`);
  if (!(await canReach(cluster, { uid, gid }))) {
    throw new EmbeddedPostgresError(`the user ${uid}, who owns ${cluster}, cannot reach it: let others walk through the folders above (chmod o+x), or move the data directory`);
  }
  return { uid, gid };
}

async function makeStateFolder(home: string, log: Log): Promise<string> {
  const prefix = `iotistic-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
  for (const parent of STATE_FOLDERS) {
    const isWritable = await access(parent, constants.W_OK).then(() => true, () => false);
    if (!isWritable) continue;
    const left = (await readdir(parent)).filter((name) => name.startsWith(prefix)).map((name) => join(parent, name));
    if (left.length > 0) log.warn({ folders: left }, 'an earlier data directory at this path left its database behind; remove it if it is not needed');
    const folder = join(parent, `${prefix}-${randomBytes(4).toString('hex')}`);
    await mkdir(folder);
    await chmod(folder, 0o711);
    return folder;
  }
  throw new EmbeddedPostgresError(`the user that PostgreSQL runs as cannot reach ${home}, and neither ${STATE_FOLDERS.join(' nor ')} can be written: choose another data directory (DATA_DIR), or ${USE_A_SERVER}`);
}

/** How PostgreSQL's programs are run: as the cluster's user, in a folder that it may enter, seeing none of our secrets. */
export function spawnOptions(place: ClusterPlace): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']) if (process.env[name] !== undefined) env[name] = process.env[name];
  return { cwd: place.root, env, ...place.user };
}

/** Whole or not at all, whatever dies in between. */
export async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode, flush: true });
  await rename(`${file}.new`, file);
}
