import { join } from 'node:path';
import { startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import type { Log } from '@iotistic/chassis/log';

/** The database that was given, else the embedded one in the data folder. A database that was given is never stopped. */
export async function openOrStartDatabase(given: string | undefined, dataDir: string, log: Log): Promise<{ url: string; stop(): Promise<void> }> {
  if (given !== undefined) return { url: given, stop: () => Promise.resolve() };
  return startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), log });
}
