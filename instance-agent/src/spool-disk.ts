import { mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { syncFolder } from './durable-file.ts';

/** A file of the spool that is open for writing at its end. */
export interface SpoolFile {
  append(bytes: Buffer): Promise<void>;
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** All that the spool asks of the file system: tests hand in one that fails or loses its power at a chosen call. */
export interface SpoolDisk {
  createFolder(folder: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  read(path: string): Promise<Buffer>;
  /** `create` refuses a file that is there already, else a missing one is refused. */
  open(path: string, create: boolean): Promise<SpoolFile>;
  remove(path: string): Promise<void>;
  /** Makes created and removed names survive a crash. */
  syncFolder(folder: string): Promise<void>;
}

export const realDisk: SpoolDisk = {
  createFolder: async (folder) => void (await mkdir(folder, { recursive: true, mode: 0o700 })),
  list: (folder) => readdir(folder),
  read: (path) => readFile(path),
  async open(path, create) {
    // 'r+' and a place of our own: 'a' would make a missing file anew, and a segment that vanished must be noticed.
    const handle = await open(path, create ? 'wx+' : 'r+', 0o600);
    let end = create ? 0 : (await handle.stat()).size;
    return {
      async append(bytes) {
        for (let written = 0; written < bytes.length; ) {
          written += (await handle.write(bytes, written, bytes.length - written, end + written)).bytesWritten;
        }
        end += bytes.length;
      },
      sync: () => handle.sync(),
      async truncate(bytes) {
        await handle.truncate(bytes);
        end = bytes;
      },
      size: async () => (await handle.stat()).size,
      close: () => handle.close(),
    };
  },
  remove: (path) => unlink(path),
  syncFolder,
};
