import { Redis } from 'ioredis';
import type { Log } from './log.ts';

const COMMAND_TIMEOUT_MS = 1_000;

/** A connection for what may be lost and must not be waited for, such as counters: a command fails within a second. */
export function openRedis(options: { url: string; log: Log }): Redis {
  const redis = new Redis(options.url, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_TIMEOUT_MS, enableOfflineQueue: false });
  redis.on('error', (err) => options.log.warn({ err }, 'Redis was lost'));
  return redis;
}
