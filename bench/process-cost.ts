import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts a process's CPU time in these. */
const TICK_MS = 10;

interface Stat {
  parent: number;
  /** Own time, and that of children that have ended. */
  ownMs: number;
  endedChildrenMs: number;
}

/** CPU time of a process so far, in ms; null where /proc does not tell. */
export function cpuMsOf(pid: number): number | null {
  return readStat(pid)?.ownMs ?? null;
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

/** Memory that a process holds now (resident set), in bytes; null where /proc does not tell. */
export function residentBytesOf(pid: number): number | null {
  const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
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
