import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findRedis } from './redis.ts';

test('a REDIS_URL is taken as it is', async () => {
  const redis = await findRedis({ REDIS_URL: 'redis://redis.invalid:6379' });
  expect(redis?.url).toBe('redis://redis.invalid:6379');
  await redis?.stop();
});

test('without REDIS_URL and redis-server there is none', async () => {
  expect(await findRedis({ PATH: '/nonexistent' })).toBeNull();
});

/** What of Redis the kit relies on, so that the case is proved on a machine without one. */
const STAND_IN = `#!${process.execPath}
const port = Number(process.argv[process.argv.indexOf('--port') + 1]);
require('node:net').createServer((socket) => socket.on('data', () => socket.write('+PONG\\r\\n'))).listen(port, '127.0.0.1', () => console.log('* Ready to accept connections tcp'));
`;

async function pathWithStandIn(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'iotistic-redis-stand-in-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'redis-server'), STAND_IN, { mode: 0o755 });
  return folder;
}

test.each<[string, () => Promise<string>]>([
  ['its stand-in', pathWithStandIn],
  ['the one of this machine, if any, else its stand-in', async () => `${process.env['PATH']}:${await pathWithStandIn()}`],
])('a redis-server on the PATH (%s) answers, and is gone once stopped', async (_, path) => {
  const redis = await findRedis({ PATH: await path() });
  const port = Number(new URL(redis?.url ?? '').port);
  expect(port).toBeLessThan(32_768);
  const socket = connect(port, '127.0.0.1');
  socket.write('PING\r\n');
  expect(String((await once(socket, 'data'))[0])).toBe('+PONG\r\n');
  socket.destroy();
  await redis?.stop();
  await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('a redis-server that does not start is said to', async () => {
  const folder = await pathWithStandIn();
  await writeFile(join(folder, 'redis-server'), '#!/bin/sh\nexit 1\n');
  await expect(findRedis({ PATH: folder })).rejects.toThrow('ended before it was ready');
});
