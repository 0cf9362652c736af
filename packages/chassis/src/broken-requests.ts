import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '@iotistic/contracts/errors';
import { answerOnSocket } from './error-answer.ts';

/** The newest response of each connection. */
export type Responses = WeakMap<Duplex, ServerResponse>;

/** Answers what never became a request: too slow, too large in its headers, or no HTTP at all. What came before it on its connection is answered first. */
export function answerBrokenRequests(server: Server, responses: Responses): void {
  const closing = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // What else comes on a connection that is being closed is broken too.
    if (closing.has(socket)) return;
    closing.add(socket);
    const response = responses.get(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (response === undefined || response.writableFinished || (!response.headersSent && !response.req.complete)) answerOnSocket(socket, brokenBy(error));
    else endAfter(response, socket);
  });
  // A proxy is asked for another host; we are none.
  server.on('connect', (_request, socket) => {
    socket.on('error', () => socket.destroy());
    answerOnSocket(socket, new AppError('INVALID_INPUT', 'METHOD_NOT_ALLOWED', undefined, { details: { allow: 'GET, HEAD, POST, OPTIONS' } }));
  });
}

function endAfter(response: ServerResponse, socket: Duplex): void {
  response.shouldKeepAlive = false;
  response.once('close', () => socket.end(() => socket.destroy()));
}

function brokenBy({ code }: NodeJS.ErrnoException): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('LIMIT_EXCEEDED', 'REQUEST_TIMEOUT');
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('LIMIT_EXCEEDED', 'HEADERS_TOO_LARGE');
  return new AppError('INVALID_INPUT', 'MALFORMED_HTTP');
}
