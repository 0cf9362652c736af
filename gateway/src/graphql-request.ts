import type { IncomingMessage } from 'node:http';
import { AppError } from '@iotistic/contracts/errors';
import { type Member, scanMembers } from './json-scan.ts';

/** What a client asks, by whatever door it came. */
export interface GraphqlRequest {
  query: string;
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

/** @throws AppError CSRF_PREVENTED for what a form could have sent, UNSUPPORTED_MEDIA_TYPE for a body that is not JSON. */
export function checkMediaType(raw: IncomingMessage): void {
  if (raw.headers['content-type'] === 'application/json') return;
  const [type = '', ...parameters] = (raw.headers['content-type'] ?? '').toLowerCase().split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '');
  if (type === 'application/json') {
    if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') throw new AppError('INVALID_INPUT', 'UNSUPPORTED_MEDIA_TYPE', 'JSON is sent as UTF-8.');
    return;
  }
  const wasPreflighted = PREFLIGHTED_HEADERS.some((name) => (raw.headers[name] ?? '') !== '');
  if (FORM_TYPES.has(type) && !wasPreflighted) throw new AppError('INVALID_INPUT', 'CSRF_PREVENTED');
  if (raw.method !== 'GET') throw new AppError('INVALID_INPUT', 'UNSUPPORTED_MEDIA_TYPE');
}

/** @throws AppError MALFORMED_JSON, BATCHING_NOT_SUPPORTED, MALFORMED_REQUEST */
export function parseBody(body: Buffer): GraphqlRequest {
  const text = body.toString('utf8');
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
  for (const name of ['query', 'operationName', 'variables']) if (search.getAll(name).length > 1) throw malformed(`${name} is given twice.`);
  const variables = search.get('variables');
  return requestOf({ query: search.get('query') ?? undefined, operationName: search.get('operationName'), variables: variables === null || variables === '' ? null : parseJson(variables) });
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
  return {
    query,
    operationName: operationName === undefined || operationName === '' ? null : operationName,
    variables: variables ?? {},
    unread: null,
  };
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
