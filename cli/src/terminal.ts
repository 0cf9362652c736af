/** Long work, shown on standard error where somebody is looking. */
export interface Progress {
  /** How much of it is done, from 0 to the maximum it was begun with. */
  report(done: number): void;
  /** Nothing is left of it on the screen. */
  end(): void;
}

/** Questions to the person at the terminal. Both are asked on standard error: standard output is for answers. */
export interface Prompter {
  /** @throws InterruptedError when it is answered by Ctrl-C. */
  confirm(question: string): Promise<boolean>;
  /** What is typed is not shown. @throws InterruptedError */
  secret(question: string): Promise<string>;
}

/** All that iotctl takes from its process: tests hand in their own. */
export interface Terminal {
  environment: Readonly<Record<string, string | undefined>>;
  /** Where the profiles are kept. */
  configFolder: string;
  /** To standard output, as it is. */
  write(text: string): void;
  /** To standard error, as it is. */
  writeError(text: string): void;
  /** Whether standard output is a terminal that shows colours. */
  hasColors: boolean;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** null where nobody can be asked. */
  prompter: Prompter | null;
  /** @param max what full is; null where that is not known */
  startProgress(title: string, max: number | null): Progress;
  clock: { now(): Date };
  /** @throws when it is aborted, InterruptedError as its reason. */
  pause(milliseconds: number): Promise<void>;
  fetch: typeof fetch;
  /** Aborted by Ctrl-C and SIGTERM, InterruptedError as its reason. */
  signal: AbortSignal;
}
