import { setTimeout as wait } from 'node:timers/promises';
import envPaths from 'env-paths';
import { EXIT, InterruptedError } from './cli-error.ts';
import { runCli } from './cli.ts';
import { environmentProxies, outboundFetch } from './outbound.ts';
import { systemClock } from './clock.ts';
import { writeTrouble } from './write-trouble.ts';

const SIGTERM_CODE = 143;
const { stdin, stdout, stderr, env } = process;
const interrupted = new AbortController();
let asked: NodeJS.Signals | null = null;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait for what is being tidied up.
    if (interrupted.signal.aborted) process.exit(signal === 'SIGINT' ? EXIT.interrupted : SIGTERM_CODE);
    asked = signal;
    interrupted.abort(new InterruptedError());
  });
}
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has read enough, as `| head -1` does.
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    if (stream === stdout) stderr.write(`The answer could not be written: ${writeTrouble(error.code)}\n`);
    process.exit(EXIT.failure);
  });
}
// Nobody is asked, and nothing is shown, where nobody looks: what that needs is not even loaded.
const person = stdin.isTTY && stderr.isTTY ? (await import('./person.ts')).atTerminal(stderr, interrupted.signal) : null;
// The progress bar ends the process by itself at Ctrl-C, as if all were well.
process.on('exit', (code) => {
  if (person?.isShowingProgress() === true && code === 0) process.exitCode = EXIT.interrupted;
});

const code = await runCli(process.argv.slice(2), {
  environment: env,
  configFolder: envPaths('iotctl', { suffix: '' }).config,
  write: (text) => void stdout.write(text),
  writeError: (text) => void stderr.write(text),
  hasColors: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb' && stdout.isTTY,
  async readInput() {
    const chunks: Buffer[] = [];
    interrupted.signal.addEventListener('abort', () => stdin.destroy(), { once: true });
    for await (const chunk of stdin) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  },
  prompter: person?.prompter ?? null,
  startProgress: person?.startProgress ?? (() => ({ report: () => undefined, end: () => undefined })),
  clock: systemClock,
  pause: async (milliseconds) => {
    await wait(milliseconds, undefined, { signal: interrupted.signal }).catch(() => interrupted.signal.throwIfAborted());
  },
  fetch: outboundFetch(environmentProxies(env), fetch),
  signal: interrupted.signal,
});
process.exitCode = code === EXIT.interrupted && asked === 'SIGTERM' ? SIGTERM_CODE : code;
