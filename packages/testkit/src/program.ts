import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The file of a program that this machine has; null where it has none. @param path as the PATH variable */
export function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}
