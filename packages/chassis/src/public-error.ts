import { AppError, ERROR_TABLE, type ErrorCode, isErrorCode, REASONS } from '@iotistic/contracts/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isDatabaseUnavailable } from './database.ts';
import type { Log } from './log.ts';

/** What a caller may see of anything that was thrown. */
export function toAppError(error: unknown): AppError {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 8; depth += 1) {
    if (cause instanceof AppError) return cause;
    if (isUnstorableText(cause)) return new AppError('INVALID_INPUT', 'INVALID_TEXT', undefined, { cause: error });
    if (isDatabaseUnavailable(cause)) return new AppError('UNAVAILABLE', 'DATABASE_UNAVAILABLE', undefined, { cause: error });
    cause = cause instanceof GraphQLError ? cause.originalError : cause.cause;
  }
  if (isStackOverflow(error)) return new AppError('INVALID_INPUT', 'QUERY_TOO_DEEP');
  if (error instanceof GraphQLError) {
    const known = knownRefusal(error);
    if (known !== null) return known;
    // A value that does not fit its variable's type is the caller's: no field was reached, and all that was thrown is
    // graphql's (or a scalar's),
    // whose words would repeat the value.
    if (error.path === undefined && rootOf(error) instanceof GraphQLError)
      return new AppError('INVALID_INPUT', error.source === undefined ? 'INVALID_VARIABLES' : 'MALFORMED_QUERY');
  }
  return new AppError('INTERNAL', 'UNEXPECTED', undefined, { cause: error });
}

/** SQLSTATE of a text that PostgreSQL stores in no column: not UTF-8, a zero byte, or an escape of one in JSON. */
const UNSTORABLE_STATES: ReadonlySet<unknown> = new Set(['22021', '22P05']);

/** The rule at the door keeps such texts out; what came by another way is still the sender's, and not a fault of ours. */
function isUnstorableText(error: Error): boolean {
  return UNSTORABLE_STATES.has((error as { code?: unknown }).code);
}

/** An error of a check of ours that has its code and reason already. */
function knownRefusal({ message, extensions: { code, reason, path } }: GraphQLError): AppError | null {
  if (!isErrorCode(code) || typeof reason !== 'string' || !Object.hasOwn(REASONS[code], reason)) return null;
  return new AppError(code, reason as never, message, { details: typeof path === 'string' ? { path } : {} });
}

/**
 * What calls itself once for each level (a parser, a printer, a serialiser) ran out of stack: what was asked nests too
 * deep.
 */
function isStackOverflow(error: unknown): boolean {
  const root = error instanceof GraphQLError ? rootOf(error) : error;
  return root instanceof RangeError && root.message.includes('call stack');
}

function rootOf(error: GraphQLError): Error {
  let root: Error = error;
  while (root instanceof GraphQLError && root.originalError !== undefined) root = root.originalError;
  return root;
}

const MAX_LOGGED = 5;

/**
 * Errors as a subgraph answers them: code, reason, requestId; no stack, SQL or path. The first few are logged here, as
 * loudly as their code asks.
 */
export function toGraphQLErrors(errors: readonly unknown[], requestId: string, log: Log): GraphQLFormattedError[] {
  if (errors.length > MAX_LOGGED)
    log.debug({ errors: errors.length, requestId }, 'more of the request failed than is logged one by one');
  return errors.map((error, index) => {
    const appError = toAppError(error);
    if (index < MAX_LOGGED) logError(appError, requestId, log);
    const path = error instanceof GraphQLError ? error.path : undefined;
    return {
      message: appError.message,
      ...(path === undefined ? {} : { path }),
      extensions: errorExtensions(appError, requestId),
    };
  });
}

/** A refusal is said by its reason alone: the causes behind it repeat what the client sent. */
function logError(error: AppError, requestId: string, log: Log): void {
  const { code, reason } = error;
  const { logLevel } = ERROR_TABLE[code];
  log[logLevel](
    logLevel === 'debug' ? { code, reason, requestId } : { err: error, code, reason, requestId },
    'request failed',
  );
}

export function errorExtensions(error: AppError, requestId: string): { code: ErrorCode; reason: string; requestId: string } & Record<string, unknown> {
  return { ...error.details, code: error.code, reason: error.reason, requestId };
}
