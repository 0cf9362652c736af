import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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
  /** 0 once it was given back. */
  pid: number;
  host: string;
  /** When the process began, in the kernel's ticks: a process id alone is used again, and always the same in a container. */
  started: string | null;
}

const LOOK_EVERY_MS = 50;
const LOCK_NAME = /^agent-(\d+)\.lock$/;

/**
 * Takes a data folder for this process: two agents in one spool would both write its next line. Returns what gives it back.
 * The lock with the highest number says who holds the folder; one whose process died is succeeded by the next number. The
 * highest is never removed, so that of many who find a dead one exactly one succeeds it.
 * @param waitMs how long to wait for a holder that is about to end: its supervisor may start the next one before it is gone
 * @throws FolderInUseError
 */
export async function lockFolder(folder: string, waitMs = 0): Promise<() => Promise<void>> {
  const until = performance.now() + waitMs;
  const mine: Holder = { token: randomUUID(), pid: process.pid, host: hostname(), started: startOf(process.pid) };
  const draft = join(folder, `agent.lock.${mine.token}`);
  await writeFile(draft, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
  try {
    for (;;) {
      const highest = Math.max(0, ...(await lockNumbers(folder)));
      const holder = highest === 0 ? null : parseHolder(await readIfExists(pathOf(folder, highest)));
      if (holder !== null && isAlive(holder)) {
        if (performance.now() >= until) throw new FolderInUseError(folder, holder.pid);
        await delay(LOOK_EVERY_MS);
        continue;
      }
      if (await succeed(folder, highest + 1, draft)) return () => giveBack(pathOf(folder, highest + 1), mine);
    }
  } finally {
    await unlink(draft);
  }
}

/** Puts the draft in as this number; false when another was faster, or has gone past it. */
async function succeed(folder: string, number: number, draft: string): Promise<boolean> {
  try {
    await link(draft, pathOf(folder, number));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  const numbers = await lockNumbers(folder);
  const obsolete = Math.max(...numbers) > number ? [number] : numbers.filter((other) => other < number);
  for (const other of obsolete) await rm(pathOf(folder, other), { force: true });
  return !obsolete.includes(number);
}

async function giveBack(path: string, mine: Holder): Promise<void> {
  const draft = `${path}.${mine.token}`;
  await writeFile(draft, JSON.stringify({ ...mine, pid: 0 }), { mode: 0o600 });
  await rename(draft, path);
}

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => LOCK_NAME.exec(name)?.[1] ?? []).map(Number);
}

function pathOf(folder: string, number: number): string {
  return join(folder, `agent-${number}.lock`);
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
  if (holder.pid === 0 || holder.host !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
  }
  const stat = statOf(holder.pid);
  return stat?.state !== 'Z' && holder.started === (stat?.started ?? null);
}

function startOf(pid: number): string | null {
  return statOf(pid)?.started ?? null;
}

/** Z has ended, though signals still find it: whoever started it has not asked how, as a shell does that is process 1 of a container. */
function statOf(pid: number): { state: string; started: string | null } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? null };
  } catch {
    return null;
  }
}
