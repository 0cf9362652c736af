import { AsyncLocalStorage } from 'node:async_hooks';
import pino from 'pino';
import { currentTraceId } from './tracing.ts';

export type Log = pino.Logger;

const context = new AsyncLocalStorage<{ requestId: string }>();

/** How many works run with an id at hand. */
let running = 0;

/**
 * Runs the work so that each line it logs and each event it publishes carries the request's id, through promises and timers.
 * Before Node 24 every promise of the process pays for that while it is in use, a tenth of what a report costs: so it is in use only as
 * long as something runs with it, and what comes thousands of times a second hands its id on by itself.
 */
export function withRequestId<T>(requestId: string, work: () => T): T {
  running += 1;
  let result: T;
  try {
    result = context.run({ requestId }, work);
  } catch (error) {
    leave();
    throw error;
  }
  if (result instanceof Promise) return result.finally(leave) as T;
  leave();
  return result;
}

function leave(): void {
  running -= 1;
  if (running === 0) context.disable();
}

/** The id of the request, event or job at hand. */
export function currentRequestId(): string | null {
  return context.getStore()?.requestId ?? null;
}

function wordsAtHand(): object {
  const traceId = currentTraceId();
  return traceId === null ? (context.getStore() ?? {}) : { ...context.getStore(), traceId };
}

interface LoggedError {
  client?: unknown;
  detail?: unknown;
  where?: unknown;
  severity?: unknown;
  code?: unknown;
  message?: string;
  stack?: string;
  cause?: LoggedError;
}

/**
 * With its causes. PostgreSQL's errors bring the whole connection along, which says nothing and fills pages, and
 * repeat what is in rows and parameters, which may be a secret.
 */
function toLoggedError(error: unknown): object {
  return withoutValues(pino.stdSerializers.errWithCause(error as Error) as LoggedError);
}

function withoutValues({ client: _connection, detail, where, ...said }: LoggedError): LoggedError {
  const cause = typeof said.cause === 'object' && said.cause !== null ? { cause: withoutValues(said.cause) } : {};
  if (said.severity === undefined)
    return {
      ...said,
      ...(detail === undefined ? {} : { detail }),
      ...(where === undefined ? {} : { where }),
      ...cause,
    };
  // Class 22 is about a value, which its message repeats.
  const isOfValue = typeof said.code === 'string' && said.code.startsWith('22');
  return {
    ...said,
    ...(isOfValue ? { message: withoutQuoted(said.message), stack: withoutQuoted(said.stack) } : {}),
    ...cause,
  };
}

function withoutQuoted(text = ''): string {
  return text.replaceAll(/".*"/g, '"…"');
}

/** Paths that never reach the log, whatever was passed. */
const SECRETS = ['password', 'secret', 'token', 'authorization', 'apiKey', 'cookie'];

/** A JSON log on standard error: standard output belongs to what a person reads. */
export function createLog(options: { level: string; name: string; destination?: pino.DestinationStream }): Log {
  return pino(
    {
      level: options.level,
      base: { process: options.name },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
      mixin: wordsAtHand,
      serializers: { err: toLoggedError },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
