import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '..');

/** Brings dist/ up to date, so that a process that a test starts runs what is written now. */
export async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: ROOT });
}

/** The built program of a part: `gateway`, `subgraphs/usage`, `control-plane`. */
export function mainOf(part: string): string {
  return join(ROOT, part, 'dist/main.js');
}
