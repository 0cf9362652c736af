import { AsyncLocalStorage } from 'node:async_hooks';
import pino from 'pino';
import { currentTraceId } from './tracing.ts';

export type Log = pino.Logger;

const context = new AsyncLocalStorage<{ requestId: string }>();

/** Runs the work so that each line it logs carries the request's id, through promises and timers. */
export function withRequestId<T>(requestId: string, work: () => T): T {
  return context.run({ requestId }, work);
}

/** The id of the request, event or job at hand. */
export function currentRequestId(): string | null {
  return context.getStore()?.requestId ?? null;
}

function wordsAtHand(): object {
  const traceId = currentTraceId();
  return traceId === null ? (context.getStore() ?? {}) : { ...context.getStore(), traceId };
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
      serializers: { err: pino.stdSerializers.errWithCause },
    },
    options.destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
