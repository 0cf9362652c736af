import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The operator's token: as given, else the one of an earlier start, else a new one kept in the data folder for its owner's eyes. */
export function findOrCreateAdminToken(given: string | undefined, dataDir: string): { token: string; file: string | null } {
  if (given !== undefined) return { token: given, file: null };
  const file = join(dataDir, 'admin-token');
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, `iota_${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return { token: readFileSync(file, 'utf8').trim(), file };
}
