import type { Duplex } from 'node:stream';
import { type AppError, httpStatusOf } from '@iotistic/contracts/errors';
import { REQUEST_ID_HEADER } from '@iotistic/contracts/caller';
import { newId } from '@iotistic/contracts/ids';
import { systemClock } from './clock.ts';
import type { HttpAnswer } from './http-server.ts';
import { errorExtensions } from './public-error.ts';

/** A connection that is closed while bytes wait to be read takes the answer along: what is on its way gets so long. */
export const LINGER_MS = 1_000;
/** Sent with every 401: how a credential is shown here. */
export const CHALLENGE = 'Bearer realm="iotistic"';
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** An error that never reached an operation: the same body as a GraphQL error, so that a client needs one reader. */
export function errorAnswer(error: AppError, requestId: string): HttpAnswer {
  return { status: httpStatusOf(error.code, error.reason), headers: errorHeaders(error), body: JSON.stringify({ errors: [{ message: error.message, extensions: errorExtensions(error, requestId) }] }) };
}

function errorHeaders({ reason, details }: AppError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
  if (typeof details['retryAfterSeconds'] === 'number') headers['retry-after'] = String(details['retryAfterSeconds']);
  if (reason === 'METHOD_NOT_ALLOWED' && typeof details['allow'] === 'string') headers['allow'] = details['allow'];
  if (reason === 'UNSUPPORTED_ENCODING' && typeof details['accepted'] === 'string') headers['accept-encoding'] = details['accepted'];
  return headers;
}

/** Answers where there is no response to write to, and closes the connection. */
export function answerOnSocket(socket: Duplex, error: AppError, extra: Readonly<Record<string, string>> = {}): void {
  if (!socket.writable) return;
  const requestId = newId('req');
  const { status = 500, headers, body = '' } = errorAnswer(error, requestId);
  const fields = { ...headers, ...extra, [REQUEST_ID_HEADER]: requestId, 'content-length': String(Buffer.byteLength(body)), date: systemClock.now().toUTCString(), connection: 'close' };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? 'Error'}\r\n${head.join('')}\r\n${body.toString()}`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
}
