import { AppError, ERROR_TABLE, type ErrorCode } from '@iotistic/contracts/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isDatabaseUnavailable } from './database.ts';
import type { Log } from './log.ts';

/** What a caller may see of anything that was thrown. */
export function toAppError(error: unknown): AppError {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 8; depth += 1) {
    if (cause instanceof AppError) return cause;
    if (isDatabaseUnavailable(cause)) return new AppError('UNAVAILABLE', 'DATABASE_UNAVAILABLE', undefined, { cause: error });
    cause = cause instanceof GraphQLError ? cause.originalError : cause.cause;
  }
  // A value that does not fit its variable's type is the caller's: no field was reached, and all that was thrown is graphql's (or a scalar's).
  if (error instanceof GraphQLError && error.path === undefined && rootOf(error) instanceof GraphQLError) return new AppError('INVALID_INPUT', 'INVALID_VARIABLES', error.message);
  return new AppError('INTERNAL', 'UNEXPECTED', undefined, { cause: error });
}

function rootOf(error: GraphQLError): Error {
  let root: Error = error;
  while (root instanceof GraphQLError && root.originalError !== undefined) root = root.originalError;
  return root;
}

/** An error as a subgraph answers it: code, reason, requestId; no stack, SQL or path. Logged here, once, as loudly as its code asks. */
export function toGraphQLError(error: unknown, requestId: string, log: Log): GraphQLFormattedError {
  const appError = toAppError(error);
  log[ERROR_TABLE[appError.code].logLevel]({ err: appError, code: appError.code, reason: appError.reason, requestId }, 'request failed');
  const path = error instanceof GraphQLError ? error.path : undefined;
  return { message: appError.message, ...(path === undefined ? {} : { path }), extensions: errorExtensions(appError, requestId) };
}

export function errorExtensions(error: AppError, requestId: string): { code: ErrorCode; reason: string; requestId: string } & Record<string, unknown> {
  return { ...error.details, code: error.code, reason: error.reason, requestId };
}
