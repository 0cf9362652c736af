import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether a process of this id runs. One that has ended and waits to be reaped (state Z) does not, though signals still find it. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return (await readStat(pid))?.[0] !== 'Z';
}

/**
 * Tells a process from a later one that was given the same id: when it began, and in which boot of the machine. Null
 * where the system does not say.
 */
export async function processIdentity(pid: number): Promise<string | null> {
  const startedAtTicks = (await readStat(pid))?.[19];
  if (startedAtTicks !== undefined) {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    return `${boot.trim()}/${startedAtTicks}`;
  }
  return ps(pid, 'lstart=');
}

/** Whether the process is the PostgreSQL server of this cluster: it works in that folder, and its command line names it. */
export async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster));
  } catch {
    // Root in a container may not look at another user's folder (CAP_SYS_PTRACE), but at its command line.
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ps(pid, 'command='));
    return command !== null && /postgres/.test(command) && command.includes(cluster);
  }
}

/** /proc/<pid>/stat from the third field on: state first, the start time (ticks since boot) at index 19. Null without procfs. */
async function readStat(pid: number): Promise<string[] | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name, in parentheses, and may hold anything.
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

async function ps(pid: number, column: string): Promise<string | null> {
  if (process.platform === 'win32') return null;
  try {
    const { stdout } = await run('ps', ['-o', column, '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } });
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}
