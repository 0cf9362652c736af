import type { SpoolDisk } from '../../instance-agent/src/spool-disk.ts';

/**
 * A disk that has what was fsynced and nothing else: what was only appended is kept in this process and dies with it, as a
 * machine's memory does when its power goes. So a kill -9 shows who believed a write before its fsync.
 */
export function forgetfulDisk(disk: SpoolDisk): SpoolDisk {
  return {
    ...disk,
    async open(path, create) {
      const file = await disk.open(path, create);
      let unsynced: Buffer[] = [];
      const write = async (): Promise<void> => {
        const bytes = Buffer.concat(unsynced);
        unsynced = [];
        if (bytes.length > 0) await file.append(bytes);
      };
      return {
        append: async (bytes) => void unsynced.push(Buffer.from(bytes)),
        async sync() {
          await write();
          await file.sync();
        },
        async truncate(bytes) {
          await write();
          await file.truncate(bytes);
        },
        size: async () => (await file.size()) + unsynced.reduce((sum, bytes) => sum + bytes.length, 0),
        async close() {
          await write();
          await file.close();
        },
      };
    },
  };
}
