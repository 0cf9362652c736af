import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, findBinaries } from './embedded-postgres-binaries.ts';
import { embeddedUrl, prepareCluster } from './embedded-postgres-cluster.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { type FolderLock, lockFolder } from './embedded-postgres-lock.ts';
import { type ClusterPlace, findClusterPlace, openDataDir } from './embedded-postgres-place.ts';
import { endOrphan, type Server, ServerStartError, startServer } from './embedded-postgres-server.ts';
import { findFreePort } from './free-port.ts';
import type { Log } from './log.ts';
import { connectSession } from './pg-session.ts';

export interface EmbeddedPostgres {
  /** Of the superuser, for the database `iotistic`; holds the password. */
  url: string;
  port: number;
  /** Ends the server and gives the data directory free. Calling it again waits for the same end. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Its own: made where it is missing. */
  dataDir: string;
  log: Log;
  /** False only for tests: a power cut may then ruin the data. */
  durable?: boolean;
  /** A free one below 32768 unless given. */
  port?: number;
}

interface Launch {
  place: ClusterPlace;
  binaries: Binaries;
  durable: boolean;
  log: Log;
  fixedPort: number | undefined;
  signal: AbortSignal;
}

const DATABASE = 'iotistic';
const PORT_ATTEMPTS = 20;
/** How long the last processes of a killed server may take to end. */
const STILL_IN_USE_ATTEMPTS = 150;
const STILL_IN_USE_PAUSE_MS = 100;
const RESTART_PAUSE_MS = 1_000;
/** How long a plane that was told to end may still have the folder when the next one starts. */
const FOLDER_WAIT_MS = 5_000;

/**
 * A real PostgreSQL 18 on 127.0.0.1 from the binaries that npm installed, with its data in a folder of ours: made on the
 * first start, found again later, also after a kill -9 of us or of it. Runs as an ordinary user and, where we are root,
 * as an unprivileged one. When the server dies it is started again on the same port; when we die, it ends.
 * @throws EmbeddedPostgresError saying what to do, where it cannot be had.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await openDataDir(options.dataDir);
  const locks = [await lockFolder(home, FOLDER_WAIT_MS)];
  try {
    return await startInside(home, locks, options);
  } catch (error) {
    await releaseAll(locks);
    throw error;
  }
}

async function startInside(home: string, locks: FolderLock[], options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log, durable = true } = options;
  const place = await findClusterPlace(home, log);
  // A copy of a data directory points to the same cluster, which has one server all the same.
  if (place.root !== home) locks.push(await lockFolder(place.root));
  const binaries = await findBinaries(place.user);
  await endOrphan(place, log);
  const { password } = await prepareCluster({ home, place, binaries, durable });
  const stopping = new AbortController();
  const launch: Launch = { place, binaries, durable, log, fixedPort: options.port, signal: stopping.signal };
  const { server, port } = await startOnSomePort(launch);
  const url = (database: string): string => embeddedUrl(password, port, database);
  await createDatabaseIfMissing(url('postgres')).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  log.debug({ port, pid: server.pid, cluster: place.cluster }, 'PostgreSQL runs');
  const supervised = keepRunning(server, { ...launch, fixedPort: port });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await supervised;
    await releaseAll(locks);
  };
  return { url: url(DATABASE), port, stop: () => (stopped ??= stop()) };
}

async function releaseAll(locks: readonly FolderLock[]): Promise<void> {
  for (const lock of locks) await lock.release();
}

async function startOnSomePort(launch: Launch): Promise<{ server: Server; port: number }> {
  let inUseAttempts = 0;
  for (let portAttempt = 1; ; ) {
    const port = launch.fixedPort ?? (await findFreePort());
    try {
      return { server: await startServer({ ...launch, port }), port };
    } catch (error) {
      if (!(error instanceof ServerStartError)) throw error;
      if (error.failure === 'port-taken' && launch.fixedPort !== undefined) {
        throw new EmbeddedPostgresError(`the port ${port} on 127.0.0.1, where PostgreSQL is to listen, is taken`, { cause: error });
      } else if (error.failure === 'port-taken' && portAttempt < PORT_ATTEMPTS) {
        portAttempt += 1;
      } else if (error.failure === 'still-in-use' && inUseAttempts < STILL_IN_USE_ATTEMPTS && !launch.signal.aborted) {
        inUseAttempts += 1;
        await delay(STILL_IN_USE_PAUSE_MS);
        await endOrphan(launch.place, launch.log);
      } else {
        throw error;
      }
    }
  }
}

/** Until it is stopped: a server that died is started again where it was, so that those who reconnect find it. */
async function keepRunning(first: Server, launch: Launch): Promise<void> {
  const stopped = new Promise<void>((resolve) => launch.signal.addEventListener('abort', () => resolve(), { once: true }));
  let server: Server | null = first;
  while (!launch.signal.aborted) {
    const sinceMs = performance.now();
    if (server !== null) await Promise.race([server.exited, stopped]);
    // One that dies as soon as it runs, or cannot be started, is not tried again at once.
    if (performance.now() - sinceMs < RESTART_PAUSE_MS) await Promise.race([delay(RESTART_PAUSE_MS, undefined, { ref: false }), stopped]);
    if (launch.signal.aborted) break;
    launch.log.error('PostgreSQL ended unexpectedly and is started again');
    server = await restart(launch);
  }
  await server?.stop();
}

async function restart(launch: Launch): Promise<Server | null> {
  try {
    await endOrphan(launch.place, launch.log);
    return (await startOnSomePort(launch)).server;
  } catch (err) {
    if (!launch.signal.aborted) launch.log.error({ err }, 'PostgreSQL could not be started again');
    return null;
  }
}

async function createDatabaseIfMissing(url: string): Promise<void> {
  const client = await connectSession(url);
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
