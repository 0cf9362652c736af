import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@iotistic/contracts/errors';
import { type Member, scanMembers } from './json-scan.ts';
import { parseMediaType } from './media-types.ts';

/** What a client asks, by whatever door it came. */
export interface GraphqlRequest {
  /** Null where the document is meant by its hash alone. */
  query: string | null;
  /** SHA-256 of the document (hex), as clients send it that persist their queries. */
  sha256: string | null;
  operationName: string | null;
  variables: Record<string, unknown>;
  /** The variables of a large body, as they came: they are read once it is known that their sender may ask for this. */
  unread: UnreadVariables | null;
}

/** Variables as JSON, and how much there is of them. */
export interface UnreadVariables {
  text: string;
  values: number;
  depth: number;
}

const MEMBERS: ReadonlySet<string> = new Set(['query', 'operationName', 'variables', 'extensions']);
/** To make values of a smaller body costs less than to look at it first. */
const SCANNED_FROM_BYTES = 4_096;
/** Extensions with more in them are none that we know. */
const MAX_EXTENSION_VALUES = 50;

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
  const marked = body.toString('utf8');
  const text = marked.startsWith(BYTE_ORDER_MARK) ? marked.slice(1) : marked;
  return body.length < SCANNED_FROM_BYTES ? requestOf(parseJson(text)) : scannedRequestOf(text);
}

/**
 * A large body: the document is read at once, the variables are measured and left for later, and nothing else is made
 * into values.
 */
function scannedRequestOf(text: string): GraphqlRequest {
  const members = scanMembers(text, MEMBERS);
  if (members === null)
    throw /^\s*\[/.test(text)
      ? new AppError('INVALID_INPUT', 'BATCHING_NOT_SUPPORTED')
      : new AppError('INVALID_INPUT', 'MALFORMED_JSON');
  const textOf = (name: string): string | undefined => {
    const member = members.get(name);
    return member === undefined ? undefined : text.slice(member.start, member.end).trim();
  };
  // What has too much in it to be what belongs there is not read: something else that does not belong there stands for
  // it.
  const valueOf = (name: string, maxValues: number, instead: unknown): unknown => {
    const found = textOf(name);
    if (found === undefined) return undefined;
    return (members.get(name) as Member).values > maxValues ? instead : parseJson(found);
  };
  const variables = textOf('variables');
  const isObject = variables?.startsWith('{') === true;
  const request = requestOf({
    query: valueOf('query', 0, {}),
    operationName: valueOf('operationName', 0, {}),
    extensions: valueOf('extensions', MAX_EXTENSION_VALUES, {}),
    variables: isObject ? {} : valueOf('variables', 0, []),
  });
  const { values, depth } = members.get('variables') ?? { values: 0, depth: 0 };
  return isObject ? { ...request, unread: { text: variables, values, depth } } : request;
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
  if (extensions !== undefined && extensions !== null && !isObject(extensions)) throw malformed('extensions is an object.');
  const sha256 = persistedHash(extensions?.['persistedQuery']);
  const isByHash = sha256 !== null && (query === undefined || query === null || query === '');
  if (!isByHash && (typeof query !== 'string' || query === '')) throw malformed('query is the text of a document.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') throw malformed('operationName is a text.');
  if (variables !== undefined && variables !== null && !isObject(variables)) throw malformed('variables is an object.');
  return { query: isByHash ? null : (query as string), sha256, operationName: operationName === undefined || operationName === '' ? null : operationName, variables: variables ?? {}, unread: null };
}

/** Of automatic persisted queries: the hash instead of the document, or beside it the first time. */
function persistedHash(persisted: unknown): string | null {
  if (persisted === undefined || persisted === null) return null;
  if (!isObject(persisted) || persisted['version'] !== 1) throw malformed('persistedQuery has the version 1.');
  const { sha256Hash } = persisted;
  if (typeof sha256Hash !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256Hash)) throw malformed('persistedQuery.sha256Hash is 64 hex digits.');
  return sha256Hash.toLowerCase();
}

/** @throws AppError MALFORMED_JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its own words would repeat some of the text.
    throw new AppError('INVALID_INPUT', 'MALFORMED_JSON');
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message?: string): AppError {
  return new AppError('INVALID_INPUT', 'MALFORMED_REQUEST', message);
}
