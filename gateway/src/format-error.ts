import { errorExtensions, toAppError } from '@iotistic/chassis/public-error';
import type { Log } from '@iotistic/chassis/log';
import { AppError, type ErrorCode, httpStatusOf, isErrorCode, REASONS } from '@iotistic/contracts/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';

/** An error as it leaves. */
export interface PublicError extends GraphQLFormattedError {
  readonly extensions: { code: ErrorCode | typeof PERSISTED_QUERY_NOT_FOUND; reason: string; requestId: string } & Record<string, unknown>;
}

/** A GraphQL result as it leaves: nothing in it but what clients may see. */
export interface PublicResult {
  data?: Record<string, unknown> | null;
  errors?: PublicError[];
  extensions?: Record<string, unknown>;
}

const MAX_MESSAGE_CHARACTERS = 1_000;
/** The one code that is not ours: clients that persist their queries know it by this name, and send the document then. */
export const PERSISTED_QUERY_NOT_FOUND = 'PERSISTED_QUERY_NOT_FOUND';

export function persistedQueryNotFound(): GraphQLError {
  return new GraphQLError('PersistedQueryNotFound', { extensions: { code: PERSISTED_QUERY_NOT_FOUND } });
}

/** What Apollo's own codes are here. */
const APOLLO_CODES: Record<string, readonly [ErrorCode, string]> = {
  GRAPHQL_PARSE_FAILED: ['INVALID_INPUT', 'MALFORMED_QUERY'],
  GRAPHQL_VALIDATION_FAILED: ['INVALID_INPUT', 'MALFORMED_QUERY'],
  BAD_REQUEST: ['INVALID_INPUT', 'MALFORMED_REQUEST'],
  BAD_USER_INPUT: ['INVALID_INPUT', 'INVALID_VARIABLES'],
  OPERATION_RESOLUTION_FAILURE: ['INVALID_INPUT', 'UNKNOWN_OPERATION'],
};

/**
 * An error as clients see it: message, path, one of the eight codes, a reason, the request's id, and the details that we
 * put there ourselves. No stack, subgraph name, SQL or address. What is none of ours is logged here and masked.
 */
export function formatError(error: unknown, requestId: string, log: Log): PublicError {
  const source = error as Partial<GraphQLError>;
  if (source.extensions?.['code'] === PERSISTED_QUERY_NOT_FOUND) return { message: 'PersistedQueryNotFound', extensions: { code: PERSISTED_QUERY_NOT_FOUND, reason: PERSISTED_QUERY_NOT_FOUND, requestId } };
  const path = pathOf(source);
  const locations = source.extensions?.['code'] === 'INVALID_INPUT' && source.path === undefined && (source.locations?.length ?? 0) > 0 ? { locations: source.locations ?? [] } : {};
  const known = knownError(source);
  if (known !== null) return { message: known.message, ...locations, ...path, extensions: { ...known.details, code: known.code, reason: known.reason, requestId } };
  const appError = toAppError(unwrapped(error));
  if (appError.code === 'INTERNAL') log.error({ err: error, requestId }, 'request failed');
  return { message: appError.message, ...path, extensions: errorExtensions(appError, requestId) };
}

/** An error that carries our code and reason already, from a subgraph or a check of ours, or one of Apollo's that has a word here. */
function knownError(error: Partial<GraphQLError>): { message: string; code: ErrorCode; reason: string; details: Record<string, unknown> } | null {
  const { code, reason, ...rest } = error.extensions ?? {};
  if (isErrorCode(code) && typeof reason === 'string' && Object.hasOwn(REASONS[code], reason)) {
    // A subgraph that does not believe this gateway is a fault of the installation, not of the client's credential.
    if (reason === 'CALLER_REQUIRED') return null;
    return { message: code === 'INTERNAL' ? REASONS.INTERNAL.UNEXPECTED : clip(error.message), code, reason, details: detailsOf(rest) };
  }
  const ours = typeof code === 'string' && Object.hasOwn(APOLLO_CODES, code) ? APOLLO_CODES[code] : undefined;
  return ours === undefined ? null : { message: clip(error.message), code: ours[0], reason: ours[1], details: {} };
}

/** A fetch that failed for all entries of a list has `@` for their number: the path ends at the list. */
function pathOf({ path }: Partial<GraphQLError>): { path?: readonly (string | number)[] } {
  const end = path?.indexOf('@') ?? -1;
  const known = end < 0 ? path : path?.slice(0, end);
  return known === undefined || known.length === 0 ? {} : { path: known };
}

function detailsOf(extensions: Record<string, unknown>): Record<string, unknown> {
  const isPlain = (value: unknown): boolean => value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return Object.fromEntries(Object.entries(extensions).filter(([name, value]) => name !== 'serviceName' && name !== 'stacktrace' && name !== 'requestId' && isPlain(value)));
}

/** The error behind one that Apollo made of it; a GraphQLError that nobody explained is a fault. */
function unwrapped(error: unknown): unknown {
  if (error instanceof GraphQLError && error.originalError === undefined) return new Error(error.message, { cause: error });
  if (error instanceof Error || error instanceof AppError) return error;
  return new Error('an error that is none', { cause: error });
}

function clip(message: string | undefined): string {
  const text = message ?? '';
  return text.length > MAX_MESSAGE_CHARACTERS ? `${text.slice(0, MAX_MESSAGE_CHARACTERS)}…` : text;
}

/**
 * What the executor answered, made public. What does not fit the schema it notes only in `extensions.valueCompletion`: a client
 * that reads `errors` would see nothing but a null.
 */
export function toPublicResult(result: { data?: unknown; errors?: readonly unknown[] | undefined; extensions?: Record<string, unknown> | undefined }, requestId: string, log: Log): PublicResult {
  const data = result.data === undefined ? {} : { data: result.data as Record<string, unknown> | null };
  const errors = (result.errors ?? []).map((error) => formatError(error, requestId, log));
  const incomplete = result.extensions?.['valueCompletion'];
  if (errors.length === 0 && Array.isArray(incomplete)) errors.push(...incomplete.map((note: Partial<GraphQLError>) => formatNote(note, requestId, log)));
  return errors.length === 0 ? data : { errors, ...data };
}

/** How the executor says that the schema promises an object, or a field of it, which no subgraph knows. */
const PROMISED_AND_MISSING = /^Cannot return null for non-nullable /;

/** A missing object is the client's to understand; a value that is none of its type's is a subgraph's fault, and ours. */
function formatNote(note: Partial<GraphQLError>, requestId: string, log: Log): PublicError {
  const isMissing = PROMISED_AND_MISSING.test(note.message ?? '');
  if (!isMissing) log.error({ note: note.message, path: note.path, requestId }, 'a subgraph answered what the schema does not have');
  const [code, reason] = isMissing ? (['NOT_FOUND', 'OBJECT_NOT_FOUND'] as const) : (['INTERNAL', 'UNEXPECTED'] as const);
  return { message: new AppError(code, reason as never).message, ...pathOf(note), extensions: { code, reason, requestId } };
}

/** An answer without data has the status of its first error, whatever media type the client accepts. */
export function statusOf(result: PublicResult): number {
  const first = result.data === undefined || result.data === null ? result.errors?.[0]?.extensions : undefined;
  // A question back to the client, which asks again by itself: no failure.
  return first === undefined || first.code === PERSISTED_QUERY_NOT_FOUND ? 200 : httpStatusOf(first.code, first.reason);
}

/** How an operation ended, for counting: ok, or the reason of its first error. */
export function outcomeOf(result: PublicResult): string {
  return result.errors?.[0]?.extensions.reason ?? 'ok';
}

/** Several errors of one document. */
export class RefusedOperation extends Error {
  constructor(readonly errors: readonly GraphQLError[]) {
    super(errors[0]?.message ?? 'refused');
    this.name = 'RefusedOperation';
  }
}
