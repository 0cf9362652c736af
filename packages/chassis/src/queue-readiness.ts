import type { Redis } from 'ioredis';

const KEY = 'iotistic:ready';
const KEEP_MS = 60_000;

/** Whether this Redis takes what is written to it: one that is full, paused or a replica is reached, and takes no job. */
export function takesWrites(redis: Pick<Redis, 'set'>): Promise<boolean> {
  return redis.set(KEY, '1', 'PX', KEEP_MS).then(
    () => true,
    () => false,
  );
}
