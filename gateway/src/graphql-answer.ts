import type { HttpAnswer } from '@iotistic/chassis/http-server';
import { httpStatusOf, type Reason } from '@iotistic/contracts/errors';
import { type PublicResult, statusOf } from './format-error.ts';
import { type AnswerType, negotiate } from './media-types.ts';

/** What is wrong with a request before it is one of GraphQL: it has its own status, whatever the client accepts. */
const NOT_YET_GRAPHQL: ReadonlySet<string> = new Set<Reason>([
  'MALFORMED_JSON',
  'MALFORMED_REQUEST',
  'MALFORMED_HTTP',
  'MALFORMED_ENCODING',
  'UNSUPPORTED_ENCODING',
  'UNSUPPORTED_MEDIA_TYPE',
  'BATCHING_NOT_SUPPORTED',
  'CSRF_PREVENTED',
  'METHOD_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'REQUEST_TIMEOUT',
  'RATE_LIMITED',
  'OVERLOADED',
  'SHUTTING_DOWN',
]);

/** An operation's result, in the form that the client accepts. */
export function resultAnswer(result: PublicResult, accept: string | undefined): HttpAnswer {
  const type = negotiate(accept).answer;
  return answer(result, type, type === 'application/json' ? 200 : statusOf(result));
}

/** The refusal of a request that was not carried out. */
export function refusalAnswer(result: PublicResult, accept: string | undefined): HttpAnswer {
  const type = negotiate(accept).answer;
  const isGraphql = !NOT_YET_GRAPHQL.has(result.errors?.[0]?.extensions.reason ?? '');
  return answer(result, type === 'text/event-stream' ? 'application/json' : type, type === 'application/json' && isGraphql ? 200 : statusOf(result));
}

/**
 * Plain JSON has status 200 once a request was answered or refused as GraphQL, as GraphQL over HTTP has it: clients that read no other
 * media type (Apollo Client 3, for one) show the errors of no other status.
 */
function answer(result: PublicResult, type: AnswerType, status: number): HttpAnswer {
  const headers: Record<string, string> = { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' };
  const extensions = result.data === undefined || result.data === null ? result.errors?.[0]?.extensions : undefined;
  const retryAfterSeconds = extensions?.['retryAfterSeconds'];
  if (typeof retryAfterSeconds === 'number') headers['retry-after'] = String(retryAfterSeconds);
  if (status === httpStatusOf('INVALID_INPUT', 'METHOD_NOT_ALLOWED')) headers['allow'] = 'POST';
  if (extensions?.reason === 'UNSUPPORTED_ENCODING') headers['accept-encoding'] = String(extensions['accepted']);
  return { status, headers, body: JSON.stringify(result) };
}
