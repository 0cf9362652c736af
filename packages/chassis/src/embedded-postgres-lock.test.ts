import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FolderLock, lockFolder } from './embedded-postgres-lock.ts';
import { processIdentity } from './embedded-postgres-process.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'iotistic-lock-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** Takes it and gives it back: the number of files that are left, since old locks are cleared away. Fails where somebody has it. */
async function takeAndRelease(): Promise<number> {
  const lock = await lockFolder(folder);
  await lock.release();
  return (await readdir(folder)).length;
}

async function lockByMany(): Promise<FolderLock> {
  const results = await Promise.allSettled(Array.from({ length: 12 }, () => lockFolder(folder)));
  const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  expect(locks).toHaveLength(1);
  expect(refusals.filter((text) => text.includes(`process ${process.pid}`))).toHaveLength(11);
  return locks[0] as FolderLock;
}

test('of many that want it at once exactly one has it, and after it the next', async () => {
  for (let round = 0; round < 10; round += 1) await (await lockByMany()).release();
  expect(await takeAndRelease()).toBe(1);
});

test.each(['{"pid":4194999,"identity":null}', '', 'released'])('of many that find a dead one’s lock (%j) at once exactly one has it', async (text) => {
  for (let round = 0; round < 10; round += 1) {
    await writeFile(join(folder, `plane.lock.${100 + 10 * round}`), text);
    const lock = await lockByMany();
    expect(await readdir(folder)).toHaveLength(1);
    await lock.release();
  }
});

test('a holder that died does not keep it', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  await writeFile(join(folder, 'plane.lock.1'), JSON.stringify({ pid: child.pid, identity: null }));
  expect(await takeAndRelease()).toBe(1);
});

test('a holder that lives keeps it, and is named', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  await writeFile(join(folder, 'plane.lock.1'), JSON.stringify({ pid: child.pid, identity: null }));
  await expect(lockFolder(folder)).rejects.toThrow(`in use by the process ${child.pid}`);
  child.kill();
  await once(child, 'exit');
  expect(await takeAndRelease()).toBe(1);
});

// Only where there is /proc is a process seen to have ended that its parent has not asked for.
test.skipIf(process.platform !== 'linux')('a holder that was killed and that its parent does not reap does not keep it', async () => {
  // The shell becomes a program that never asks for its children.
  const parent = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(said.toString());
  await writeFile(join(folder, 'plane.lock.1'), JSON.stringify({ pid, identity: await processIdentity(pid) }));
  await expect(lockFolder(folder)).rejects.toThrow(`in use by the process ${pid}`);
  process.kill(pid, 'SIGKILL');
  const lock = await lockFolder(folder, 30_000);
  expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
  await lock.release();
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});

test('a holder that is about to end is waited for', async () => {
  const lock = await lockFolder(folder);
  const next = lockFolder(folder, 30_000);
  await lock.release();
  await (await next).release();
  expect(await takeAndRelease()).toBe(1);
});

test('a process that was given a dead holder’s id does not keep it', async () => {
  await writeFile(join(folder, 'plane.lock.1'), JSON.stringify({ pid: process.pid, identity: 'another boot/123' }));
  expect(await takeAndRelease()).toBe(1);
});

test.each(['', '{"pid":', 'null', '{"pid":-1}', '{"pid":"1"}'])('a lock that was only half written (%j) does not keep it', async (text) => {
  await writeFile(join(folder, 'plane.lock.1'), text);
  expect(await takeAndRelease()).toBe(1);
});

test('releasing does no harm where the folder was removed meanwhile', async () => {
  const lock = await lockFolder(folder);
  await rm(folder, { recursive: true });
  await expect(lock.release()).resolves.toBeUndefined();
});
