import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, chmod, chown, constants, mkdir, open, readdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './embedded-postgres-binaries.ts';
import { EmbeddedPostgresError, USE_A_SERVER } from './embedded-postgres-error.ts';
import { canReach, findUnprivilegedUser, isRoot, type RunAs } from './embedded-postgres-user.ts';
import type { Log } from './log.ts';

export const SUPERUSER = 'iotistic';
const MAJOR_VERSION = '18';
const run = promisify(execFile);

/** Where a data directory's cluster (PostgreSQL's word for all its files) lies, and who may touch it. */
export interface ClusterPlace {
  /** Holds the lock and the cluster: the data directory itself, or the folder that its pointer names. */
  root: string;
  cluster: string;
  user: RunAs | null;
}

/** In the data directory: names the folder that holds the cluster, where that had to lie elsewhere. */
const POINTER = 'cluster-location';
const PASSWORD = 'password';
/** Not /tmp or /var/tmp while there is a choice: systems clean those, and would take files out of a running database. */
const STATE_FOLDERS = ['/var/lib', '/var/tmp'];

/**
 * Finds or makes the place of a data directory's cluster. An ordinary user's lies inside. Root's lies inside too, owned
 * by an unprivileged user, unless that user cannot walk there (a 0700 home): then in a folder of its own that the
 * data directory points to.
 */
export async function findClusterPlace(dataDir: string, log: Log): Promise<ClusterPlace> {
  await mkdir(dataDir, { recursive: true, mode: isRoot() ? 0o711 : 0o700 });
  const home = await realpath(dataDir);
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
    if ((await access(parent, constants.W_OK).then(() => true, () => false)) === false) continue;
    const left = (await readdir(parent)).filter((name) => name.startsWith(prefix)).map((name) => join(parent, name));
    if (left.length > 0) log.warn({ folders: left }, 'an earlier data directory at this path left its database behind; remove it if it is not needed');
    const folder = join(parent, `${prefix}-${randomBytes(4).toString('hex')}`);
    await mkdir(folder);
    await chmod(folder, 0o711);
    return folder;
  }
  throw new EmbeddedPostgresError(`the user that PostgreSQL runs as cannot reach ${home}, and neither ${STATE_FOLDERS.join(' nor ')} can be written: choose another data directory (DATA_DIR), or ${USE_A_SERVER}`);
}

/**
 * The superuser's password, and a cluster that takes it: made where there is none, kept where there is one. An
 * initialisation that was cut short is begun again.
 * @throws EmbeddedPostgresError when the cluster is of another major version, or cannot be made.
 */
export async function prepareCluster(options: { dataDir: string; place: ClusterPlace; binaries: Binaries; durable: boolean }): Promise<{ password: string }> {
  const { place } = options;
  await removeHalfMade(place.root);
  const file = join(options.dataDir, PASSWORD);
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  const password = known === '' ? randomBytes(24).toString('base64url') : known;
  if (known === '') await writeWhole(file, `${password}\n`, 0o600);
  if (!existsSync(place.cluster)) {
    await initialise(options, password);
    return { password };
  }
  const version = (await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(unreadable(place.cluster))).trim();
  if (version !== MAJOR_VERSION) throw new EmbeddedPostgresError(`${place.cluster} holds data of PostgreSQL ${version}, this one is ${MAJOR_VERSION}: dump it with the old release and restore it`);
  if (known === '') await setPassword(options, password);
  return { password };
}

function unreadable(cluster: string): (error: unknown) => never {
  return (error) => {
    throw new EmbeddedPostgresError(`${cluster} cannot be read (was it made by another user, or as root?): ${(error as Error).message}`, { cause: error });
  };
}

async function initialise(options: { place: ClusterPlace; binaries: Binaries; durable: boolean }, password: string): Promise<void> {
  const { root, cluster, user } = options.place;
  const unfinished = `${cluster}.new-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${unfinished}.password`;
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user !== null) for (const path of [unfinished, passwordFile]) await chown(path, user.uid, user.gid);
    const locale = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const login = [`--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    await run(options.binaries.initdb, [`--pgdata=${unfinished}`, ...locale, ...login, '--no-instructions', ...(options.durable ? [] : ['--no-sync'])], spawnOptions(options.place));
    await rename(unfinished, cluster);
    if (options.durable) await syncFolder(root);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw explainInitdb(error, options.place);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

function explainInitdb(error: unknown, place: ClusterPlace): Error {
  const { code, stderr = '', message } = error as { code?: string | number; stderr?: string; message: string };
  const said = stderr.trim() || message;
  if (said.includes('could not look up effective user ID')) {
    return new EmbeddedPostgresError(`PostgreSQL needs its user to have a name: add the user ${process.geteuid?.() ?? ''} to /etc/passwd, or ${USE_A_SERVER}`, { cause: error });
  }
  if (code === 'EPERM' || code === 'EINVAL') {
    return new EmbeddedPostgresError(`this process is root but may not become the user ${place.user?.uid ?? ''} that PostgreSQL has to run as: start as an ordinary user, or ${USE_A_SERVER}`, { cause: error });
  }
  if (code === 'ENOENT') {
    return new EmbeddedPostgresError(`the embedded PostgreSQL does not run on this system (it needs glibc, which Alpine does not have): ${USE_A_SERVER}`, { cause: error });
  }
  return new EmbeddedPostgresError(`the database could not be made in ${place.cluster}: ${said}`, { cause: error });
}

/** Left by a process that was killed while it made the cluster; what cannot be removed (its initdb may still write) is left for the next start. */
async function removeHalfMade(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith('cluster.new-')) await rm(join(root, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** For a cluster whose password file was lost: in single-user mode the server asks nobody. */
async function setPassword(options: { place: ClusterPlace; binaries: Binaries }, password: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(options.binaries.postgres, ['--single', '-D', options.place.cluster, 'postgres'], { ...spawnOptions(options.place), stdio: ['pipe', 'ignore', 'ignore'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new EmbeddedPostgresError(`the password file is gone, and a new password could not be set in ${options.place.cluster}`))));
    child.stdin.on('error', () => undefined);
    child.stdin.end(`alter role ${SUPERUSER} password '${password}'\n`);
  });
}

/** How PostgreSQL's programs are run: as the cluster's user, in a folder that it may enter, seeing none of our secrets. */
export function spawnOptions(place: ClusterPlace): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of ['PATH', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']) if (process.env[name] !== undefined) env[name] = process.env[name];
  return { cwd: place.root, env, ...(place.user ?? {}) };
}

/** Whole or not at all, whatever dies in between. */
async function writeWhole(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode, flush: true });
  await rename(`${file}.new`, file);
}

/** A rename outlives a power cut only once its folder was synced; Windows cannot, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
