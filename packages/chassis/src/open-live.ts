import { surviveLosses } from './database.ts';
import { closeAll } from './lifecycle.ts';
import { createPostgresLive, createRedisLive, type Live } from './live.ts';
import type { Log } from './log.ts';
import { createPgListener } from './pg-listener.ts';
import { createSessionPool } from './pg-session.ts';

/** The live bus for a process that has no database of its own: closing it closes what it opened. */
export async function openLive(options: { redisUrl: string | undefined; databaseUrl: string | undefined; log: Log }): Promise<Live> {
  const { redisUrl, databaseUrl, log } = options;
  if (redisUrl !== undefined) return createRedisLive({ url: redisUrl, log });
  if (databaseUrl === undefined) throw new Error('the live bus needs Redis or PostgreSQL');
  const listener = await createPgListener({ url: databaseUrl, log });
  const pool = createSessionPool({ url: databaseUrl, applicationName: 'iotistic-live', maxConnections: 2, isForgetful: true });
  surviveLosses(pool, log);
  const live = await createPostgresLive({ pool, listener, log });
  return { ...live, close: () => closeAll([() => live.close(), () => listener.close(), () => pool.end()]) };
}
