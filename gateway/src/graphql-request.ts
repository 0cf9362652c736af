import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@iotistic/contracts/errors';
import { parseMediaType } from './media-types.ts';

/** What a client asks, by whatever door it came. */
export interface GraphqlRequest {
  query: string;
  operationName: string | null;
  variables: Record<string, unknown>;
}

/** Content types that a form of another site may send without the browser asking first. */
const FORM_TYPES = new Set(['', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']);
/** Headers that no form can send: a browser asks us before it lets a page of another site send one. */
const PREFLIGHTED_HEADERS = ['authorization', 'x-api-key', 'x-apollo-operation-name', 'apollo-require-preflight'];

/** JSON is UTF-8; what is ASCII is UTF-8 too. */
const CHARSETS = new Set(['utf-8', 'utf8', 'us-ascii']);
/** What a body may begin with that is none of its text. */
const BYTE_ORDER_MARK = '\ufeff';

/** @throws AppError CSRF_PREVENTED for what a form could have sent, UNSUPPORTED_MEDIA_TYPE for a body that is not JSON. */
export function checkMediaType(raw: IncomingMessage): void {
  const named = raw.headers['content-type'];
  if (named === 'application/json') return;
  const { type, parameters } = parseMediaType(named ?? '');
  if (type === 'application/json') {
    const charset = parameters.get('charset');
    if (charset !== undefined && !CHARSETS.has(charset.toLowerCase())) throw new AppError('INVALID_INPUT', 'UNSUPPORTED_MEDIA_TYPE', 'JSON is sent as UTF-8.');
    return;
  }
  const wasPreflighted = PREFLIGHTED_HEADERS.some((name) => (raw.headers[name] ?? '') !== '');
  if (FORM_TYPES.has(type) && !wasPreflighted) throw new AppError('INVALID_INPUT', 'CSRF_PREVENTED');
  if (raw.method !== 'GET' && raw.method !== 'HEAD') throw new AppError('INVALID_INPUT', 'UNSUPPORTED_MEDIA_TYPE');
}

/** @throws AppError MALFORMED_JSON, BATCHING_NOT_SUPPORTED, MALFORMED_REQUEST */
export function parseBody(body: Buffer): GraphqlRequest {
  if (!isUtf8(body)) throw new AppError('INVALID_INPUT', 'MALFORMED_JSON', 'The body is not UTF-8.');
  const text = body.toString('utf8');
  return requestOf(parseJson(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text));
}

/** A query in the address, as GraphQL over HTTP has it. */
export function parseSearch(search: URLSearchParams): GraphqlRequest {
  for (const name of ['query', 'operationName', 'variables', 'extensions']) if (search.getAll(name).length > 1) throw malformed(`${name} is given twice.`);
  const objectOf = (name: string): unknown => ((search.get(name) ?? '') === '' ? null : parseJson(search.get(name) ?? ''));
  return requestOf({ query: search.get('query') ?? undefined, operationName: search.get('operationName'), variables: objectOf('variables'), extensions: objectOf('extensions') });
}

/** Any object that claims to be a request, such as a subscribe message's payload. */
export function requestOf(value: unknown): GraphqlRequest {
  if (Array.isArray(value)) throw new AppError('INVALID_INPUT', 'BATCHING_NOT_SUPPORTED');
  if (!isObject(value)) throw malformed();
  const { query, operationName, variables, extensions } = value;
  if (query === undefined && isObject(extensions) && 'persistedQuery' in extensions) throw malformed('PersistedQueryNotSupported');
  if (typeof query !== 'string' || query === '') throw malformed('query is the text of a document.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') throw malformed('operationName is a text.');
  if (variables !== undefined && variables !== null && !isObject(variables)) throw malformed('variables is an object.');
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) throw malformed('extensions is an object.');
  return { query, operationName: operationName === undefined || operationName === '' ? null : operationName, variables: variables ?? {} };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'MALFORMED_JSON', undefined, { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message?: string): AppError {
  return new AppError('INVALID_INPUT', 'MALFORMED_REQUEST', message);
}
