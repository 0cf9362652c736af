import { setTimeout as wait } from 'node:timers/promises';
import { confirm, isCancel, password, progress as progressBar, spinner } from '@clack/prompts';
import envPaths from 'env-paths';
import { EXIT, InterruptedError } from './cli-error.ts';
import { runCli } from './cli.ts';
import { systemClock } from './clock.ts';
import type { Progress, Prompter } from './terminal.ts';

const SIGTERM_CODE = 143;
const { stdin, stdout, stderr, env } = process;
const interrupted = new AbortController();
let asked: NodeJS.Signals | null = null;
let running: Progress | null = null;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait for what is being tidied up.
    if (interrupted.signal.aborted) process.exit(signal === 'SIGINT' ? EXIT.interrupted : SIGTERM_CODE);
    asked = signal;
    interrupted.abort(new InterruptedError());
  });
}
// The reader has read enough, as `| head -1` does.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}
// The progress bar ends the process by itself at Ctrl-C, as if all were well.
process.on('exit', (code) => {
  if (running !== null && code === 0) process.exitCode = EXIT.interrupted;
});

const prompter: Prompter = {
  async confirm(question) {
    const answer = await confirm({ message: question, initialValue: false, output: stderr, signal: interrupted.signal });
    if (isCancel(answer)) throw new InterruptedError();
    return answer;
  },
  async secret(question) {
    const answer = await password({ message: question, output: stderr, signal: interrupted.signal });
    if (isCancel(answer)) throw new InterruptedError();
    return answer;
  },
};

function startProgress(title: string, max: number | null): Progress {
  if (!stdin.isTTY || !stderr.isTTY) return { report: () => undefined, end: () => undefined };
  const options = { output: stderr, signal: interrupted.signal };
  const bar = progressBar({ ...options, max: Math.max(1, max ?? 1) });
  const turning = spinner(options);
  const shown = max === null ? turning : bar;
  let reported = 0;
  shown.start(title);
  running = {
    report(done) {
      if (max !== null) bar.advance(Math.max(0, done - reported), title);
      reported = done;
    },
    end() {
      running = null;
      shown.clear();
    },
  };
  return running;
}

const code = await runCli(process.argv.slice(2), {
  environment: env,
  configFolder: envPaths('iotctl', { suffix: '' }).config,
  write: (text) => void stdout.write(text),
  writeError: (text) => void stderr.write(text),
  hasColors: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' && stdout.isTTY,
  async readInput() {
    const chunks: Buffer[] = [];
    for await (const chunk of stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
  prompter: stdin.isTTY && stderr.isTTY ? prompter : null,
  startProgress,
  clock: systemClock,
  pause: async (milliseconds) => {
    await wait(milliseconds, undefined, { signal: interrupted.signal }).catch(() => interrupted.signal.throwIfAborted());
  },
  fetch,
  signal: interrupted.signal,
});
process.exitCode = code === EXIT.interrupted && asked === 'SIGTERM' ? SIGTERM_CODE : code;
