/** The README's own commands, one after the other in one shell, print what the README shows. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { startProcess, untilReady } from '@iotistic/testkit/process';
import { expect, it, onTestFinished } from 'vitest';
import { build, ROOT } from './built.ts';

interface Block {
  language: string;
  text: string;
}

const blocks: Block[] = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({ language, text }));

/** `…` is what differs each time. What the README shows may be a part of what is printed. */
function patternOf(shown: string): RegExp {
  return new RegExp(shown.trim().split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^\\n]*?'));
}

it('the README tells the truth', async () => {
  await build();
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-readme-'));
  // npx finds the agent, and nothing of ours is touched.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(folder, '.data'), { mode: 0o711 });
  const [port, metricsPort] = [await findFreePort(), await findFreePort()];
  const here = (text: string): string => text.replaceAll('127.0.0.1:3100', `127.0.0.1:${port}`).replaceAll('9109', String(metricsPort)).replaceAll('.data/admin-token', join(folder, '.data/admin-token'));
  const plane = startProcess('npm', ['start', '--silent'], { PORT: String(port), DATA_DIR: join(folder, '.data'), LOG_LEVEL: 'warn' }, { cwd: ROOT });
  const shell = spawn('bash', ['-m'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`, HOME: folder, AGENT_DATA_DIR: join(folder, '.data/agent') } });
  onTestFinished(async () => {
    shell.kill('SIGKILL');
    await plane.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  await untilReady(`http://127.0.0.1:${port}/readyz`, plane);
  let printed = '';
  shell.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));

  /** Runs the commands in the one shell and answers what they printed: a mark tells the end. */
  const run = async (commands: string): Promise<string> => {
    printed = '';
    shell.stdin.write(`${here(commands)}\necho; echo END-OF-BLOCK\n`);
    await expect.poll(() => printed).toContain('END-OF-BLOCK');
    return printed;
  };

  const start = blocks.findIndex(({ text }) => text.includes('npm ci && npm start'));
  expect(plane.output()).toMatch(patternOf(here(blocks[start + 1]?.text ?? '')));
  const steps = blocks.flatMap((block, index) => (block.language === 'sh' ? [{ commands: block.text, shown: blocks[index + 1]?.language === 'sh' ? '' : (blocks[index + 1]?.text ?? '') }] : []));
  for (const { commands, shown } of steps) {
    // What is live arrives when it arrives: looking at it changes nothing, so it may be looked at again.
    const timeout = /^cat|"query": "\{/.test(commands) ? 10_000 : 1;
    await expect.poll(() => run(commands), { timeout }).toMatch(patternOf(here(shown)));
  }
  expect(steps.filter(({ shown }) => shown !== '')).toHaveLength(12);
  expect(await plane.stop('SIGTERM')).toBe(0);
}, 120_000);
