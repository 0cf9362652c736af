import { Redis } from 'ioredis';
import { BULLMQ_SCHEMA, REDIS_PREFIX } from './jobs.ts';
import { connectSession } from './pg-session.ts';

const SCAN_COUNT = 2_000;

/** After a restore: what waits in the queues is of a time that is lost. All that is to be done follows from rows, and is queued anew. */
export async function forgetQueues(options: { databaseUrl: string; redisUrl: string | undefined }): Promise<void> {
  const client = await connectSession(options.databaseUrl);
  try {
    await client.query(`drop schema if exists ${BULLMQ_SCHEMA} cascade`);
  } finally {
    await client.end();
  }
  if (options.redisUrl !== undefined) await forgetInRedis(options.redisUrl);
}

async function forgetInRedis(url: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  try {
    for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `${REDIS_PREFIX}:*`, 'COUNT', SCAN_COUNT);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    }
  } finally {
    redis.disconnect();
  }
}
