import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FolderInUseError, lockFolder } from './folder-lock.ts';
import { temporaryFolder } from './surroundings.testkit.ts';

describe('the lock of a data folder', () => {
  it('keeps a second agent out, until the first gives it back', async () => {
    const folder = await temporaryFolder();
    const release = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toBeInstanceOf(FolderInUseError);
    await release();
    await (await lockFolder(folder))();
    expect(await readdir(folder)).toEqual(['agent-2.lock']);
  });

  it('is taken over from a process that was killed', async () => {
    const folder = await temporaryFolder();
    const script = `import { lockFolder } from ${JSON.stringify(new URL('folder-lock.ts', import.meta.url).href)}; await lockFolder(${JSON.stringify(folder)}); process.stdout.write('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(lockFolder(folder)).rejects.toMatchObject({ pid: child.pid });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await lockFolder(folder))();
    expect(await readdir(folder)).toEqual(['agent-2.lock']);
  });

  // Only where there is /proc is a process seen to have ended that its parent has not asked for.
  it.skipIf(process.platform !== 'linux')('is taken over from a process that was killed and that its parent does not reap', async () => {
    const folder = await temporaryFolder();
    const script = `import { lockFolder } from ${JSON.stringify(new URL('folder-lock.ts', import.meta.url).href)}; await lockFolder(${JSON.stringify(folder)}); process.stdout.write(String(process.pid)); setInterval(() => {}, 1000);`;
    // The shell becomes a program that never asks for its children.
    const parent = spawn('/bin/sh', ['-c', '"$0" --import tsx --input-type=module --eval "$1" & exec sleep 600', process.execPath, script], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
      await expect(lockFolder(folder)).rejects.toMatchObject({ pid: Number(pid) });
      process.kill(Number(pid), 'SIGKILL');
      await (await lockFolder(folder, 30_000))();
      expect(await readFile(`/proc/${Number(pid)}/stat`, 'utf8')).toContain(') Z ');
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  });

  it('is waited for while the one before ends', async () => {
    const folder = await temporaryFolder();
    const release = await lockFolder(folder);
    const next = lockFolder(folder, 30_000);
    await release();
    await (await next)();
    expect(await readdir(folder)).toEqual(['agent-2.lock']);
  });

  it.each<[string, (holder: Record<string, unknown>) => Record<string, unknown> | null]>([
    ['of another machine: the volume has moved', (holder) => ({ ...holder, host: 'elsewhere' })],
    ['of an earlier process with the same id', (holder) => ({ ...holder, started: '1' })],
    ['that is no lock at all', () => null],
  ])('does not heed one %s', async (_name, change) => {
    const folder = await temporaryFolder();
    await lockFolder(folder);
    const path = join(folder, 'agent-1.lock');
    await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)));
    await (await lockFolder(folder))();
    expect(await readdir(folder)).toEqual(['agent-2.lock']);
  });

  it('goes to one of many that find a stale one, time after time', async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'agent-1.lock'), 'stale');
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await readdir(folder)).toEqual(['agent-2.lock']);
    }
  });
});
