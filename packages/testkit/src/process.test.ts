import { expect, it } from 'vitest';
import { startProcess } from './process.ts';

it('twenty processes that run at once are one listener of ours, and none when they have ended', async () => {
  const before = process.listenerCount('exit');
  const started = Array.from({ length: 20 }, () => startProcess(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], {}));
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const each of started) expect(await each.stop('SIGKILL')).toBe('SIGKILL');
  expect(process.listenerCount('exit')).toBe(before);
});

it('a process that warns of listeners that nobody takes off fails the test that stops it', async () => {
  const leaking = startProcess(process.execPath, ['-e', "for (let n = 0; n < 12; n += 1) process.on('exit', () => {}); console.log('ready'); setInterval(() => {}, 1_000)"], {});
  await expect.poll(() => leaking.output()).toContain('MaxListenersExceededWarning');
  await expect(leaking.stop('SIGKILL')).rejects.toThrow('MaxListenersExceededWarning');
});
