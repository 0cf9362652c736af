import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failpoint } from '@iotistic/contracts/failpoints';

/** Folders cannot be opened for fsync on every system (Windows): there the rename is as durable as it gets. */
const NOT_SUPPORTED = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP']);

/** Makes the names in a folder (a created, renamed or removed file) survive a crash. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!NOT_SUPPORTED.has(errorCode(error) ?? '')) throw error;
  }
}

/** Writes a file so that a crash leaves the old one or the new one, whole: temporary file, fsync, rename, fsync of the folder. One writer at a time. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
  await failpoint('agent.file-written');
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** The text of a file; null where there is none. */
export async function readIfExists(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return null;
    throw error;
  }
}

/** The system's word for an error (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}
