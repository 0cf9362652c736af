import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from './log.ts';

/** What a route answers with. */
export interface LocalAnswer {
  status: number;
  contentType: string;
  body: string;
  /** What the address takes, where it does not take what was sent. */
  allow?: string;
}

/** By method and path: `GET /healthz`. A POST gets its body. */
export type LocalRoutes = Readonly<Record<string, (body: string) => LocalAnswer | Promise<LocalAnswer>>>;

/** Longest body of a POST, in bytes. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const FINISH_WITHIN_MS = 1_000;

export function jsonAnswer(status: number, value: unknown): LocalAnswer {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(value, null, 2)}\n` };
}

/**
 * Serves the local API on 127.0.0.1: to this machine alone, and to no web page (a page that resolves its own name to
 * 127.0.0.1 sends that name as Host). Rejects when the port is taken.
 */
export async function startLocalApi(port: number, routes: LocalRoutes, log: Log): Promise<Server> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 8192 }, (request, response) => {
    answer(request, routes)
      .catch((error: unknown) => {
        log.error({ err: error }, 'A request to the local API failed');
        return refusal(500, 'INTERNAL', 'UNEXPECTED', 'A fault of the agent; its log says more.');
      })
      .then((result) => send(request, response, result))
      .catch((error: unknown) => log.error({ err: error }, 'An answer of the local API could not be sent'));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
  return server;
}

/** Where it is served, without a slash at the end. */
export function localUrl(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What is being answered is answered; a connection that asks nothing, or never ends what it asks, is not waited for. */
export async function stopLocalApi(server: Server): Promise<void> {
  const cut = setTimeout(() => server.closeAllConnections(), FINISH_WITHIN_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(cut);
}

async function answer(request: IncomingMessage, routes: LocalRoutes): Promise<LocalAnswer> {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!['127.0.0.1', 'localhost'].includes(host)) return refusal(403, 'FORBIDDEN', 'ORIGIN_NOT_ALLOWED', 'The local API answers to 127.0.0.1 and localhost.');
  // A web page may send a form here, but not without saying where it comes from.
  if (request.headers.origin !== undefined) return refusal(403, 'FORBIDDEN', 'ORIGIN_NOT_ALLOWED', 'The local API answers to no web page.');
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const methods = ['GET', 'POST'].filter((each) => Object.hasOwn(routes, `${each} ${path}`));
  if (methods.length === 0) return refusal(404, 'NOT_FOUND', 'ROUTE_NOT_FOUND', 'Nothing is served at this address.');
  const route = methods.includes(method) ? routes[`${method} ${path}`] : undefined;
  if (route === undefined) return { ...refusal(405, 'INVALID_INPUT', 'METHOD_NOT_ALLOWED', `This address takes ${methods.join()}.`), allow: methods.includes('GET') ? 'GET, HEAD' : 'POST' };
  const body = method === 'POST' ? await readBody(request) : '';
  return body === null ? refusal(413, 'LIMIT_EXCEEDED', 'BODY_TOO_LARGE', 'The body is larger than is accepted.') : route(body);
}

/** Null for one that is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function refusal(status: number, code: string, reason: string, message: string): LocalAnswer {
  return jsonAnswer(status, { error: { code, reason, message } });
}

function send(request: IncomingMessage, response: ServerResponse, { status, contentType, body, allow }: LocalAnswer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(allow === undefined ? {} : { allow }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
