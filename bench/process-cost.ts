import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's CPU time in these. */
const TICK_MS = 10;

interface Stat {
  parent: number;
  /** Own time, and that of children that have ended. */
  ownMs: number;
  endedChildrenMs: number;
}

/** CPU time of these processes so far, in ms; null where /proc does not tell. */
export function cpuMsOf(pids: readonly number[]): number | null {
  return sumOrNull(pids.map((pid) => readStat(pid)?.ownMs));
}

/** CPU time of a process and of its children, those that ended included, in ms. */
export function cpuMsOfFamily(pid: number | null): number | null {
  const head = pid === null ? null : readStat(pid);
  if (head === null) return null;
  let sum = head.ownMs + head.endedChildrenMs;
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat?.parent === pid) sum += stat.ownMs + stat.endedChildrenMs;
  }
  return sum;
}

/** Memory that these processes hold now (resident set), in bytes; null where /proc does not tell. */
export function residentBytesOf(pids: readonly number[]): number | null {
  return sumOrNull(pids.map((pid) => /^VmRSS:\s*(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1]).map((kilobytes) => (kilobytes === undefined ? undefined : Number(kilobytes) * 1024)));
}

function sumOrNull(values: readonly (number | undefined)[]): number | null {
  return values.reduce<number | null>((sum, value) => (sum === null || value === undefined ? null : sum + value), 0);
}

function readStat(pid: number): Stat | null {
  const text = readText(`/proc/${pid}/stat`);
  // The name stands in brackets and may hold blanks and brackets itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
  const [, parent, utime, stime, cutime, cstime] = [fields[0], fields[1], fields[11], fields[12], fields[13], fields[14]];
  if (parent === undefined || utime === undefined || stime === undefined || cutime === undefined || cstime === undefined) return null;
  return { parent, ownMs: (utime + stime) * TICK_MS, endedChildrenMs: (cutime + cstime) * TICK_MS };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
