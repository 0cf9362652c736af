import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
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

const ATTEMPTS = 20;
/** Between creating the file and writing it another process may look. */
const HALF_WRITTEN_PAUSE_MS = 50;

/**
 * Makes this process the one that may run a server here. The lock names its holder by process id and start time, so
 * that what a killed process left behind is recognised, also when its id was given to another since.
 * @throws EmbeddedPostgresError naming the holder's pid, while it lives.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = join(folder, 'plane.lock');
  const ours = JSON.stringify({ pid: process.pid, identity: await processIdentity(process.pid), nonce: randomUUID() });
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await createExclusively(file, ours)) return { release: () => removeIfStill(file, ours) };
    const found = await readIfThere(file);
    if (found === null) continue;
    const holder = parseHolder(found);
    if (holder === null) {
      await delay(HALF_WRITTEN_PAUSE_MS);
      if ((await readIfThere(file)) === found) await removeIfStill(file, found);
    } else if (await isHeld(holder)) {
      throw new EmbeddedPostgresError(`the data directory ${folder} is in use by the process ${holder.pid}: stop that one, or choose another data directory (DATA_DIR)`);
    } else {
      await removeIfStill(file, found);
    }
  }
  throw new EmbeddedPostgresError(`the lock ${file} could not be had: several processes are starting on this data directory`);
}

async function createExclusively(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new EmbeddedPostgresError(`the data directory cannot be written (${file}): ${(error as Error).message}`, { cause: error });
  }
}

async function isHeld(holder: Holder): Promise<boolean> {
  if (!(await isRunning(holder.pid))) return false;
  const identity = await processIdentity(holder.pid);
  return holder.identity === null || identity === null || identity === holder.identity;
}

/** Removes the lock that was judged, and no other: two that start at once may judge the same one, and the second must not take the first one's new lock away. */
async function removeIfStill(file: string, text: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = await readIfThere(aside);
  if (taken !== null && taken !== text) await createExclusively(file, taken);
  await rm(aside, { force: true });
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new EmbeddedPostgresError(`the lock ${file} cannot be read: ${(error as Error).message}`, { cause: error });
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
