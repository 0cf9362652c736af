import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries } from './embedded-postgres-binaries.ts';
import { EmbeddedPostgresError, USE_A_SERVER } from './embedded-postgres-error.ts';
import { type ClusterPlace, spawnOptions, writeWhole } from './embedded-postgres-place.ts';

const SUPERUSER = 'iotistic';
export const MAJOR_VERSION = '18';
/** In the data directory, readable by us only. */
export const PASSWORD = 'password';
const run = promisify(execFile);

/** Says all that the driver would else take from the shell (PGSSLMODE and the like, which are meant for other servers). */
export function embeddedUrl(password: string, port: number | string, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable&sslnegotiation=postgres`;
}

/**
 * The superuser's password, and a cluster that takes it: made where there is none, kept where there is one. An
 * initialisation that was cut short is begun again.
 * @throws EmbeddedPostgresError when the cluster is of another major version, or cannot be made.
 */
export async function prepareCluster(options: { home: string; place: ClusterPlace; binaries: Binaries; durable: boolean }): Promise<{ password: string }> {
  const { place } = options;
  await removeHalfMade(place.root);
  const file = join(options.home, PASSWORD);
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  const password = known === '' ? randomBytes(24).toString('base64url') : known;
  const isNew = !existsSync(place.cluster);
  if (isNew) await initialise(options, password);
  const version = (await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(unreadable(place.cluster))).trim();
  if (version !== MAJOR_VERSION) throw new EmbeddedPostgresError(`${place.cluster} holds data of PostgreSQL ${version}, this one is ${MAJOR_VERSION}: dump it with the old release and restore it`);
  if (known === '' && !isNew) await setPassword(options, password);
  // Last: a file that is there is one that the cluster knows.
  if (known === '') await writeWhole(file, `${password}\n`, 0o600);
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
    return new EmbeddedPostgresError(`this process may not run PostgreSQL as the user ${place.user?.uid ?? ''} (root without CAP_SETUID or CAP_CHOWN?): start as an ordinary user, or ${USE_A_SERVER}`, { cause: error });
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

/** A rename outlives a power cut only once its folder was synced; Windows cannot, and need not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
