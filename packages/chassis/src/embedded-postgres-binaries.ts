import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, chmod, constants, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresError, USE_A_SERVER } from './embedded-postgres-error.ts';
import { canReach, isRoot, type RunAs } from './embedded-postgres-user.ts';

export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
}

interface NativePackage {
  /** The package's folder `native`: bin, lib, share. */
  folder: string;
  version: string;
  /** Links that npm packages cannot carry; the package's install script makes them, where install scripts may run. */
  links: { target: string; source: string }[];
}

const EXE = process.platform === 'win32' ? '.exe' : '';
/** Folders of these are needed by programmers only. */
const NOT_COPIED = /\.a$|[\\/]pkgconfig$/;
const COMPLETE = 'complete';

const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * PostgreSQL's programs for this machine, such that the user can run them: as npm installed them or, where the user cannot
 * reach that (node_modules in a 0700 home), from a copy that is made once.
 * @param packageRoot the folder of the package that holds them.
 * @param caches folders for the copy: the first that we can write and the user can reach.
 * @throws EmbeddedPostgresError where there are none for this platform.
 */
export async function findBinaries(user: RunAs | null, packageRoot: string = locatePackage(), caches: readonly string[] = cacheFolders()): Promise<Binaries> {
  const native = await readNativePackage(packageRoot);
  const isUsable = (await isReachable(native.folder, user)) && (await makeLinks(native, native.folder));
  return binariesIn(isUsable ? native.folder : await copyOnce(native, await findCacheFolder(user, caches)));
}

/** Makes the links that the package's install script would have made, where it was not allowed to run. False where we may not either. */
async function makeLinks(native: NativePackage, folder: string): Promise<boolean> {
  for (const link of native.links) {
    const path = join(folder, link.target);
    if (existsSync(path)) continue;
    try {
      await symlink(relative(dirname(link.target), link.source), path);
    } catch (error) {
      // Another process of ours may have been faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

async function isReachable(folder: string, user: RunAs | null): Promise<boolean> {
  const samples = ['bin/initdb', 'bin/postgres', 'lib', 'lib/postgresql', 'share'].map((path) => join(folder, path));
  const reachable = await Promise.all(samples.map((path) => canReach(path, user, { toRead: true }).catch(() => false)));
  return user === null || reachable.every(Boolean);
}

function binariesIn(folder: string): Binaries {
  const program = (name: string): string => join(folder, 'bin', name + EXE);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

function locatePackage(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (error) {
    throw new EmbeddedPostgresError(`there is no embedded PostgreSQL for this machine (${name} is not installed; npm installs it unless optional packages are left out): ${USE_A_SERVER}`, { cause: error });
  }
}

async function readNativePackage(root: string): Promise<NativePackage> {
  const folder = join(root, 'native');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const links = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const fromNative = (path: string): string => relative('native', path);
  return { folder, version, links: linksSchema.parse(JSON.parse(links)).map((link) => ({ target: fromNative(link.target), source: fromNative(link.source) })) };
}

/** A copy per package version and owner: made aside and renamed, so that two that start at once cannot see half of it. */
async function copyOnce(native: NativePackage, cache: string): Promise<string> {
  const owner = process.geteuid?.() ?? 0;
  const target = join(cache, `iotistic-postgres-${native.version}-${process.platform}-${process.arch}-${owner}`);
  if (await isComplete(target)) return target;
  const aside = `${target}.${randomUUID()}`;
  try {
    await mkdir(aside);
    await cp(native.folder, aside, { recursive: true, verbatimSymlinks: true, filter: (path) => !NOT_COPIED.test(path) });
    await makeLinks(native, aside);
    await makeReadable(aside);
    await writeFile(join(aside, COMPLETE), String(await countFiles(aside)));
    if (!(await isComplete(target))) await rm(target, { recursive: true, force: true });
    await rename(aside, target);
  } catch (error) {
    if (!(await isComplete(target))) throw new EmbeddedPostgresError(`PostgreSQL's programs could not be copied to ${target}: ${(error as Error).message}`, { cause: error });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return target;
}

/** Says how many files there were: systems that clean their temporary folders may have taken some away. */
async function isComplete(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return false;
  await assertOwnedByUs(folder);
  const count = await readFile(join(folder, COMPLETE), 'utf8').catch(() => null);
  return count !== null && Number(count) === (await countFiles(folder)) - 1;
}

async function countFiles(folder: string): Promise<number> {
  return (await readdir(folder, { recursive: true })).length;
}

/** Whatever the umask was when npm or we wrote them: everybody may read and run, only we may write. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Root has a place that nobody cleans; others have their temporary folder. */
function cacheFolders(): string[] {
  return [...(isRoot() ? ['/var/cache'] : []), tmpdir(), '/var/tmp', '/tmp'];
}

async function findCacheFolder(user: RunAs | null, candidates: readonly string[]): Promise<string> {
  for (const folder of candidates) {
    const isWritable = await access(folder, constants.W_OK).then(() => true, () => false);
    if (isWritable && (await canReach(folder, user))) return folder;
  }
  throw new EmbeddedPostgresError(`no temporary folder can be reached by the user that PostgreSQL runs as: set TMPDIR to one, or ${USE_A_SERVER}`);
}

/** In a folder that everybody may write, somebody else may have been there first: what they put there is not run. */
async function assertOwnedByUs(folder: string): Promise<void> {
  const entry = await lstat(folder);
  const isWritableByOthers = process.platform !== 'win32' && (entry.mode & 0o022) !== 0;
  if (!entry.isDirectory() || isWritableByOthers || (process.geteuid !== undefined && entry.uid !== process.geteuid())) {
    throw new EmbeddedPostgresError(`${folder} belongs to another user and is not trusted: remove it, or set TMPDIR to another folder`);
  }
}
