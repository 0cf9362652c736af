import { randomInt } from 'node:crypto';
import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { isRunning, processIdentity } from './embedded-postgres-process.ts';

export interface FolderLock {
  release(): Promise<void>;
}

interface Holder {
  pid: number;
  identity: string | null;
}

const NAME = /^plane\.lock\.(\d{1,15})$/;
const RELEASED = 'released';
const ATTEMPTS = 50;
const RETRY_PAUSE_MS = 20;
const LOOK_EVERY_MS = 100;
/** Between creating the file and writing it another process may look. */
const HALF_WRITTEN_PAUSE_MS = 50;

/**
 * Makes this process the one that may run a server here. The lock names its holder by process id and start time, so
 * that what a killed process left behind is recognised, also when its id was given to another since.
 *
 * A lock is never taken away, it is outnumbered: whoever finds `plane.lock.7` without a living holder creates
 * `plane.lock.8`, which only one can, and has it when nothing higher is there and 7 is still dead. A lock that were
 * removed instead could be a new one that was created between looking and removing.
 * @param waitMs how long to wait for a holder that is about to end: a supervisor may start the next one before it is gone
 * @throws EmbeddedPostgresError naming the holder's pid, while it lives.
 */
export async function lockFolder(folder: string, waitMs = 0): Promise<FolderLock> {
  await whenFree(folder, performance.now() + waitMs);
  const fileOf = (number: number): string => fileIn(folder, number);
  const text = JSON.stringify({ pid: process.pid, identity: await processIdentity(process.pid) } satisfies Holder);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await delay(randomInt(1, RETRY_PAUSE_MS));
    const last = await findLast(folder);
    const holder = last === 0 ? null : await findHolder(fileOf(last));
    if (holder !== null) throw new EmbeddedPostgresError(`the data directory ${folder} is in use by the process ${holder.pid}: stop that one, or choose another data directory (DATA_DIR)`);
    const ours = fileOf(last + 1);
    if (!(await createExclusively(ours, text))) continue;
    const isLast = (await findLast(folder)) === last + 1;
    if (isLast && (last === 0 || (await findHolder(fileOf(last))) === null)) {
      await removeBelow(folder, last + 1);
      return { release: () => markReleased(ours) };
    }
    await rm(ours, { force: true });
  }
  throw new EmbeddedPostgresError(`the data directory ${folder} could not be locked: several processes are starting on it`);
}

function fileIn(folder: string, number: number): string {
  return join(folder, `plane.lock.${number}`);
}

async function whenFree(folder: string, until: number): Promise<void> {
  while (performance.now() < until) {
    const last = await findLast(folder);
    if (last === 0 || (await findHolder(fileIn(folder, last))) === null) return;
    await delay(LOOK_EVERY_MS);
  }
}

async function listNumbers(folder: string): Promise<number[]> {
  const names = await readdir(folder).catch((error: unknown) => failure(folder, error));
  return names.map((name) => Number(NAME.exec(name)?.[1] ?? 0));
}

async function findLast(folder: string): Promise<number> {
  return Math.max(0, ...(await listNumbers(folder)));
}

async function removeBelow(folder: string, number: number): Promise<void> {
  for (const other of await listNumbers(folder)) if (other > 0 && other < number) await rm(join(folder, `plane.lock.${other}`), { force: true });
}

async function createExclusively(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    return failure(file, error);
  }
}

/** The living process that holds this lock. Null where there is none; a lock that is half written for long has none. */
async function findHolder(file: string): Promise<Holder | null> {
  let text = await readText(file);
  if (parseHolder(text) === null && text !== RELEASED) {
    await delay(HALF_WRITTEN_PAUSE_MS);
    text = await readText(file);
  }
  const holder = parseHolder(text);
  if (holder === null || !(await isRunning(holder.pid))) return null;
  const identity = await processIdentity(holder.pid);
  return holder.identity === null || identity === null || identity === holder.identity ? holder : null;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    // Outnumbered and removed since we looked.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    return failure(file, error);
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    if (value === null || !Number.isInteger(value.pid) || Number(value.pid) <= 0) return null;
    return { pid: Number(value.pid), identity: typeof value.identity === 'string' ? value.identity : null };
  } catch {
    return null;
  }
}

/** The file stays, so that numbers only rise. With the folder gone there is nothing to release. */
async function markReleased(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(() => null);
  if (handle === null) return;
  try {
    await handle.truncate(0);
    await handle.write(RELEASED);
  } finally {
    await handle.close();
  }
}

function failure(path: string, error: unknown): never {
  throw new EmbeddedPostgresError(`the data directory cannot be locked (${path}): ${(error as Error).message}`, { cause: error });
}
