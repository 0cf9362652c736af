import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresError, USE_A_SERVER } from './embedded-postgres-error.ts';

/** The user that PostgreSQL's processes run as, where that is not ours: PostgreSQL refuses to run as root. */
export interface RunAs {
  uid: number;
  gid: number;
}

const CANDIDATES = ['postgres', '_postgres', 'nobody'];
const EXECUTE = 0o1;
const READ = 0o4;

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** The first of postgres and nobody that this machine has. initdb looks its own user up, so a bare number would not do. */
export function findUnprivilegedUser(passwd: string = readPasswd()): RunAs {
  const lines = passwd.split('\n').map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const fields = lines.find((line) => line[0] === name);
    if (fields === undefined) continue;
    // macOS writes nobody as -2; a uid is unsigned.
    const [uid, gid] = [Number(fields[2]) >>> 0, Number(fields[3]) >>> 0];
    if (uid !== 0) return { uid, gid };
  }
  throw new EmbeddedPostgresError(`PostgreSQL does not run as root and there is no user "postgres" or "nobody" to run it as: start as an ordinary user, or ${USE_A_SERVER}`);
}

function readPasswd(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch {
    return '';
  }
}

/** Whether this user may walk down to the path and, with `toRead`, read it. Our own user may always; ACLs are not looked at. */
export async function canReach(path: string, user: RunAs | null, options: { toRead?: boolean } = {}): Promise<boolean> {
  if (user === null) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!(await permits(folder, user, EXECUTE))) return false;
    if (folder === dirname(folder)) break;
  }
  const entry = await stat(path);
  return permits(path, user, (entry.isDirectory() ? EXECUTE : 0) | (options.toRead === true ? READ : 0));
}

async function permits(path: string, user: RunAs, wanted: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const granted = uid === user.uid ? mode >> 6 : gid === user.gid ? mode >> 3 : mode;
  return (granted & wanted) === wanted;
}
