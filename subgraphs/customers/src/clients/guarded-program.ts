import { execPath } from 'node:process';
import { execa } from 'execa';

/**
 * The program of a process that stands between us and what we start: when we die, however suddenly, or tell it to end, it
 * ends the whole group of what it started, at first politely. So no Helm goes on for a worker that is no more.
 */
const GUARD = `
const self = require('node:process');
const [program, ...args] = self.argv.slice(1);
const child = require('node:child_process').spawn(program, args, { stdio: 'inherit', detached: true });
const kill = (signal) => { try { self.kill(-child.pid, signal); } catch {} };
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  kill('SIGTERM');
  setTimeout(() => { kill('SIGKILL'); self.exit(1); }, 1500);
};
self.on('disconnect', end);
self.on('SIGTERM', end);
child.on('error', (error) => self.exit(error.code === 'ENOENT' ? 127 : 126));
child.on('exit', (code) => { if (ending) kill('SIGKILL'); self.exit(code ?? 1); });
`;

/** As a shell says it of a program that is not there. */
export const NOT_FOUND_EXIT_CODE = 127;

const MAX_OUTPUT_CHARACTERS = 1_048_576;
const MAX_LINE_CHARACTERS = 2_000;
const FORCE_KILL_AFTER_MS = 5_000;

/** What the service knows and nobody it starts needs to. */
const KEPT_TO_OURSELVES = Object.fromEntries(['DATABASE_URL', 'REDIS_URL', 'ADMIN_API_TOKEN', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET', 'LICENSE_PRIVATE_KEY', 'LICENSE_KEY_ENCRYPTION_KEY', 'CALLER_PRIVATE_KEY', 'SMTP_URL'].map((name) => [name, undefined]));

export interface ProgramEnd {
  exitCode: number;
  /** Up to a megabyte; what is more is dropped. */
  stdout: string;
  /** What it said last on either channel; empty when it said nothing. */
  lastLine: string;
}

/**
 * Runs a program, never through a shell.
 * @param options.input its standard input: where secrets go.
 * @param options.onLine each line that it says, of both channels.
 * @throws the signal's reason, after all that was started has ended.
 */
export async function runGuarded(program: string, args: readonly string[], options: { input?: string; signal: AbortSignal; onLine?: (line: string) => void }): Promise<ProgramEnd> {
  options.signal.throwIfAborted();
  let stdout = '';
  const said = { stdout: '', stderr: '' };
  const hear = (channel: 'stdout' | 'stderr') => (line: string): void => {
    if (line.trim() !== '') said[channel] = line.trim();
    options.onLine?.(line);
  };
  const lines = { stdout: new Lines(hear('stdout')), stderr: new Lines(hear('stderr')) };
  const child = execa(execPath, ['-e', GUARD, '--', program, ...args], {
    input: options.input ?? '',
    buffer: false,
    reject: false,
    ipc: true,
    cancelSignal: options.signal,
    forceKillAfterDelay: FORCE_KILL_AFTER_MS,
    env: KEPT_TO_OURSELVES,
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text.slice(0, MAX_OUTPUT_CHARACTERS - stdout.length);
    lines.stdout.push(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => lines.stderr.push(text));
  const { exitCode } = await child;
  for (const channel of Object.values(lines)) channel.end();
  options.signal.throwIfAborted();
  return { exitCode: exitCode ?? 1, stdout, lastLine: said.stderr === '' ? said.stdout : said.stderr };
}

/** Cuts what arrives into lines, of which none is longer than a person reads. */
class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(text: string): void {
    const parts = (this.#rest + text).split(/\r?\n/);
    this.#rest = (parts.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
    for (const line of parts) this.#onLine(line.slice(0, MAX_LINE_CHARACTERS));
  }

  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
    this.#rest = '';
  }
}
