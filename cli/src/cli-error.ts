/** What the shell is told. docs/iotctl.md explains each. */
export const EXIT = { ok: 0, failure: 1, usage: 2, notFound: 3, notAllowed: 4, limit: 5, unreachable: 6, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that the operator can read and act on: a plain sentence, and the exit code that goes with it. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** The plane's own words, where it was the plane that refused. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;

  constructor(exitCode: ExitCode, message: string, details: { code?: string; reason?: string; requestId?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.code = details.code ?? null;
    this.reason = details.reason ?? null;
    this.requestId = details.requestId ?? null;
  }
}

/** Ctrl-C, or SIGTERM. */
export class InterruptedError extends CliError {
  constructor() {
    super(EXIT.interrupted, 'Interrupted.');
    this.name = 'InterruptedError';
  }
}
