import type { Writable } from 'node:stream';
import { pg } from './pg-driver.ts';

/** What one message of a base backup is about, by its first byte. */
const NEW_ARCHIVE = 'n'.charCodeAt(0);
const DATA = 'd'.charCodeAt(0);

interface CopyMessage {
  chunk: Buffer;
}

interface PausableConnection {
  stream: { pause(): void; resume(): void };
}

/** pg's own query, which hears the copied bytes that pg leaves to whoever wants them. */
class BaseBackupQuery extends pg.Query {
  archives = 0;
  private isPaused = false;

  constructor(private readonly into: Writable) {
    super("BASE_BACKUP (LABEL 'iotistic', CHECKPOINT 'fast', WAL, MANIFEST 'no')");
  }

  handleCopyData({ chunk }: CopyMessage, { stream }: PausableConnection): void {
    if (chunk[0] === NEW_ARCHIVE) this.archives += 1;
    // A copy: pg reads the next bytes into the same buffer.
    if (chunk[0] !== DATA || this.into.write(Buffer.from(chunk.subarray(1))) || this.isPaused) return;
    // What was read from the socket already comes all the same.
    this.isPaused = true;
    stream.pause();
    this.into.once('drain', () => {
      this.isPaused = false;
      stream.resume();
    });
  }
}

/**
 * Writes a whole PostgreSQL server, while it works, as one tar: its data directory and the log that makes it consistent as of
 * the end of this call. For a server of version 15 or later, without tablespaces of its own; the login may replicate.
 * @throws Error as the server says it, or when `into` fails.
 */
export async function writeBaseBackup(url: string, into: Writable): Promise<void> {
  const client = new pg.Client({ connectionString: url, replication: 'true' } as pg.ClientConfig);
  let stop: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_resolve, reject) => (stop = reject));
  broken.catch(() => undefined);
  client.on('error', stop);
  into.on('error', stop);
  try {
    await client.connect();
    const query = new BaseBackupQuery(into);
    const ended = new Promise<void>((resolve, reject) => {
      query.on('end', () => resolve());
      query.on('error', reject);
    });
    client.query(query);
    await Promise.race([ended, broken]);
    if (query.archives !== 1) throw new Error('the server has tablespaces of its own, which a base backup of ours does not hold');
  } finally {
    await client.end().catch(() => undefined);
  }
}
