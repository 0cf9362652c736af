import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { findRedis } from './redis.ts';

test('a REDIS_URL is taken as it is', async () => {
  const redis = await findRedis({ REDIS_URL: 'redis://redis.invalid:6379' });
  expect(redis?.url).toBe('redis://redis.invalid:6379');
  await redis?.stop();
});

test('without REDIS_URL and redis-server there is none', async () => {
  expect(await findRedis({ PATH: '/nonexistent' })).toBeNull();
});

test('a redis-server on the PATH answers, and is gone once stopped', async () => {
  const { REDIS_URL: _, ...environment } = process.env;
  const redis = await findRedis(environment);
  // A machine without one proves the case above instead.
  if (redis === null) return;
  const port = Number(new URL(redis.url).port);
  expect(port).toBeLessThan(32_768);
  const socket = connect(port, '127.0.0.1');
  socket.write('PING\r\n');
  expect(String((await once(socket, 'data'))[0])).toBe('+PONG\r\n');
  socket.destroy();
  await redis.stop();
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
});
