import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './cli.ts';
import type { Connect } from './context.ts';
import type { Plane } from './plane.ts';
import type { Terminal } from './terminal.ts';

export const NOW = new Date('2026-11-21T12:00:00.000Z');

/** What the plane is to answer, by the name of the operation; a function is given the variables, and may throw. */
export type Answers = Record<string, unknown>;

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Standard output as the one JSON document that it must be. */
  json: unknown;
  asked: { operation: string; variables: Record<string, unknown> }[];
  /** What was confirmed or asked. */
  questions: string[];
  connectedTo: { url: string; token: string | null } | null;
  progress: string[];
}

export interface RunOptions {
  answers?: Answers;
  environment?: Record<string, string>;
  /** What a person answers; nobody can be asked without it. */
  person?: { confirms?: boolean; secret?: string };
  input?: string;
  fetch?: typeof fetch;
  signal?: AbortSignal;
  /** Instead of the plane that answers as told. */
  connect?: Connect;
  clock?: Terminal['clock'];
}

/** Runs command lines against a plane that answers as told; remembers profiles between them. */
export class CliUnderTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'iotctl-'));
  readonly configFolder = join(this.folder, 'config');

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const ran: Ran = { code: -1, stdout: '', stderr: '', json: null, asked: [], questions: [], connectedTo: null, progress: [] };
    const connect: Connect = (target, terminal) => {
      ran.connectedTo = { url: target.url, token: target.token };
      return options.connect?.(target, terminal) ?? answeringPlane(target.url, options.answers ?? {}, ran);
    };
    ran.code = await runCli(argv, this.#terminal(ran, options), connect);
    if (argv.includes('--json')) ran.json = parseOne(ran.stdout);
    return ran;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #terminal(ran: Ran, { environment = { IOTCTL_TOKEN: 'secret-token' }, person, input = '', signal = new AbortController().signal, ...options }: RunOptions): Terminal {
    const ask = <T>(answer: T | undefined) => (question: string): Promise<T> => {
      ran.questions.push(question);
      return answer === undefined ? Promise.reject(new Error('nobody answers')) : Promise.resolve(answer);
    };
    return {
      environment,
      configFolder: this.configFolder,
      write: (text) => void (ran.stdout += text),
      writeError: (text) => void (ran.stderr += text),
      hasColors: false,
      readInput: () => Promise.resolve(input),
      prompter: person === undefined ? null : { confirm: ask(person.confirms), secret: ask(person.secret) },
      startProgress: (title) => {
        ran.progress.push(title);
        return { report: (done) => void ran.progress.push(String(done)), end: () => void ran.progress.push('end') };
      },
      clock: options.clock ?? { now: () => NOW },
      pause: () => Promise.resolve(),
      fetch: options.fetch ?? (() => Promise.reject(new Error('no network here'))),
      signal,
    };
  }
}

function parseOne(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function answeringPlane(url: string, answers: Answers, ran: Ran): Plane {
  const answer = (document: { toString(): string }, variables: unknown): unknown => {
    const operation = /(?:query|mutation|subscription) Cli(\w+)/.exec(document.toString())?.[1] ?? '';
    // Its time is this machine's, unless a test says otherwise.
    if (operation === 'PlaneTime' && answers[operation] === undefined) return { plane: { now: NOW.toISOString() } };
    ran.asked.push({ operation, variables: variables as Record<string, unknown> });
    const given = answers[operation];
    if (given === undefined) throw new Error(`the test has no answer for ${operation}`);
    return typeof given === 'function' ? (given as (variables: unknown) => unknown)(variables) : given;
  };
  return {
    url,
    ask: async (document, variables) => (await answer(document, variables)) as never,
    askWhatIsKnown: async (document, variables) => (await answer(document, variables)) as never,
    async listen(document, variables, listening) {
      const events = (await answer(document, variables)) as unknown[];
      listening.opened?.();
      for (const event of events) if (listening.signal?.aborted !== true) listening.hear(event as never);
    },
  };
}

/** A page that is the last one. */
export function pageOf<N>(nodes: readonly N[], hasNextPage = false, endCursor = 'end'): { totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: N }[] } {
  return { totalCount: nodes.length, pageInfo: { hasNextPage, endCursor }, edges: nodes.map((node) => ({ node })) };
}
