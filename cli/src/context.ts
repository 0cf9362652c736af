import type { Command } from 'commander';
import picocolors from 'picocolors';
import { CliError, EXIT, type ExitCode } from './cli-error.ts';
import { CliPlaneTimeDocument } from './generated.ts';
import { askPlane, askPlaneForWhatIsKnown, type Plane } from './plane.ts';
import { isExposed, profilesPath } from './profiles.ts';
import { resolveTarget, type ResolvedTarget, travelsInTheClear } from './target.ts';
import type { Terminal } from './terminal.ts';

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface GlobalOptions {
  json?: boolean;
  profile?: string;
  timeout: number;
}

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal;
  readonly colors: Colors;
  readonly isJson: boolean;
  /** The plane that is meant. @throws CliError where that is not clear */
  plane(): Plane;
  target(): ResolvedTarget;
  /** The plane's own time, by which what it says is dated: it may have been moved, and this machine's may be wrong. @throws CliError */
  now(): Promise<Date>;
  /** The command's answer: the data as one JSON document, or the text. */
  answer(data: unknown, text: () => string): void;
  /** One of many answers of a command that goes on: a line of JSON, or the text. */
  tell(data: unknown, text: () => string): void;
  /** Shows that something takes its time. @param max what full is; null where that is not known */
  during<T>(title: string, max: number | null, work: (report: (done: number) => void) => Promise<T>): Promise<T>;
  /** Beside the answer, on standard error. */
  note(text: string): void;
  /** What the plane said of a part that is down, where the answer lacks what that part knows. */
  lost(): CliError | null;
}

export interface ConnectTarget extends ResolvedTarget {
  timeoutSeconds: number;
  /** Called with what the plane says of fields that stay open because a part of it is down. */
  lost(refusal: CliError): void;
}

export type Connect = (target: ConnectTarget, terminal: Terminal) => Plane;

export const connectToPlane: Connect = (target, terminal) => ({
  url: target.url,
  ask: (document, variables) => askPlane(target, terminal, document, variables),
  askWhatIsKnown: (document, variables) => askPlaneForWhatIsKnown(target, terminal, document, variables, target.lost),
  async listen(document, variables, listening) {
    // Most commands need no WebSocket: they start in half the time without it.
    const { listenToPlane } = await import('./plane-live.ts');
    await listenToPlane(target, terminal, document, variables, listening);
  },
});

export function createContext(terminal: Terminal, options: GlobalOptions, connect: Connect): Context {
  const colors = picocolors.createColors(terminal.hasColors);
  const isJson = options.json === true;
  let target: ResolvedTarget | undefined;
  let plane: Plane | undefined;
  let lost: CliError | null = null;
  const note = (text: string): void => terminal.writeError(`${text}\n`);
  const findTarget = (): ResolvedTarget => {
    if (target !== undefined) return target;
    target = resolveTarget(terminal, options.profile ?? null);
    if (target.profile !== null && isExposed(terminal.configFolder)) note(`Others on this machine can read ${profilesPath(terminal.configFolder)}: chmod 600 it.`);
    if (travelsInTheClear(target)) note(`The token travels to ${target.url} unencrypted: use https.`);
    return target;
  };
  const findPlane = (): Plane => (plane ??= connect({ ...findTarget(), timeoutSeconds: options.timeout, lost: (refusal) => (lost ??= refusal) }, terminal));
  return {
    terminal,
    colors,
    isJson,
    target: findTarget,
    plane: findPlane,
    now: async () => new Date((await findPlane().ask(CliPlaneTimeDocument, {})).plane.now),
    answer(data, text) {
      terminal.write(isJson ? `${JSON.stringify(data, null, 2)}\n` : `${text()}\n`);
    },
    tell(data, text) {
      terminal.write(isJson ? `${JSON.stringify(data)}\n` : `${text()}\n`);
    },
    async during(title, max, work) {
      const progress = terminal.startProgress(title, max);
      try {
        return await work((done) => progress.report(done));
      } finally {
        progress.end();
      }
    },
    note,
    lost: () => lost,
  };
}

/** What a query may leave empty. @throws CliError */
export function existing<T>(found: T | null): T {
  if (found === null) throw new CliError(EXIT.notFound, 'There is nothing of this id.');
  return found;
}

/** What only a part of the plane knows that is down leaves open. @throws CliError where a command cannot do without it */
export function known<T>(found: T | null | undefined): T {
  if (found === null || found === undefined) throw new CliError(EXIT.unreachable, 'The part of the plane that knows this did not answer. See iotctl doctor.');
  return found;
}

/** Options of commands that change something. */
export interface ChangeOptions {
  yes?: boolean;
  dryRun?: boolean;
}

/**
 * Has the operator say yes to what cannot simply be taken back.
 * @throws CliError where nobody can be asked and --yes was not given (exit code 2), or the answer is no (1).
 */
export async function confirmed(context: Context, question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  const { prompter } = context.terminal;
  if (prompter === null) throw new CliError(EXIT.usage, `${question} There is nobody to ask: give --yes if so. Nothing was done.`);
  if (!(await prompter.confirm(question))) throw new CliError(EXIT.failure, 'Nothing was done.');
}

export type Action<O> = (context: Context, options: O, ...args: string[]) => Promise<ExitCode | void> | ExitCode | void;

/** Makes an action of ours one of commander's. */
export type Run = <O extends object>(action: Action<O & GlobalOptions>) => (this: Command, ...params: unknown[]) => Promise<void>;
