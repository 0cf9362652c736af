import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, rename, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errorCode, readIfExists } from './durable-file.ts';

/** Another agent works in this folder. */
export class FolderInUseError extends Error {
  constructor(readonly folder: string, readonly pid: number) {
    super(`Another agent (process ${pid}) works in ${folder}: one data folder belongs to one agent.`);
    this.name = 'FolderInUseError';
  }
}

interface Holder {
  token: string;
  pid: number;
  host: string;
  /** When the process began, in the kernel's ticks: a process id alone is used again, and always the same in a container. */
  started: string | null;
}

/**
 * Takes a data folder for this process: two agents in one spool would both write its next line. A lock left behind by a
 * process that died is taken over. Returns what gives the folder back.
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'agent.lock');
  const mine: Holder = { token: randomUUID(), pid: process.pid, host: hostname(), started: startOf(process.pid) };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
      return () => releaseLock(path, mine.token);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const held = await readIfExists(path);
    const holder = parseHolder(held);
    if (holder !== null && isAlive(holder)) throw new FolderInUseError(folder, holder.pid);
    if (held !== null) await discardStaleLock(path, held);
  }
  throw new FolderInUseError(folder, 0);
}

/** Moves a stale lock away; should another process have replaced it meanwhile, its lock is put back. */
async function discardStaleLock(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readIfExists(aside)) !== stale) await link(aside, path);
    await unlink(aside);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EEXIST') throw error;
  }
}

async function releaseLock(path: string, token: string): Promise<void> {
  if (parseHolder(await readIfExists(path))?.token === token) await unlink(path);
}

function parseHolder(text: string | null): Holder | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null && 'pid' in value && 'token' in value ? (value as Holder) : null;
  } catch {
    return null;
  }
}

/** A volume that moved to another machine carries the lock of a process that is gone: the volume has one mount at a time. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  return holder.started === startOf(holder.pid);
}

function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
