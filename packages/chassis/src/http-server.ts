import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError, httpStatusOf } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { REQUEST_ID_HEADER } from '@iotistic/contracts/caller';
import { AnswerHead } from './answer-head.ts';
import { type SeenRequest, watchRequests } from './http-watch.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { errorExtensions, toAppError } from './public-error.ts';
import { listenFailure } from './start-failure.ts';

/** A request as a route sees it, however it came here. */
export interface RouteRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** By names in lower case. */
  headers: IncomingHttpHeaders;
  requestId: string;
  /** The whole body, byte for byte. @param maxBytes instead of what the server allows. @throws AppError BODY_TOO_LARGE */
  body(maxBytes?: number): Promise<Buffer>;
}

/** A request with its connection, for the few routes that need it. */
export interface HttpRequest extends RouteRequest {
  raw: IncomingMessage;
  /** Adds a header to whatever will be answered, an error too. @param name in lower case. */
  addHeader(name: string, value: string): void;
  /** For a route that writes the answer itself: it has the headers of every answer by then. */
  takeResponse(): ServerResponse;
}

export interface HttpAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export type Route = (request: RouteRequest) => Promise<HttpAnswer> | HttpAnswer;
/** Answers null when it wrote to the response itself. */
export type SocketRoute = (request: HttpRequest) => Promise<HttpAnswer | null> | HttpAnswer | null;
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface HttpServerOptions {
  host: string;
  port: number;
  /** What the two are called where they are set: HOST and PORT unless given. */
  variables?: { host: string; port: string };
  /** `GET /healthz` → its route. A path that ends in `/*` takes all below it. */
  routes: Readonly<Record<string, SocketRoute>>;
  upgrades?: Readonly<Record<string, Upgrade>>;
  /** On every answer. */
  headers?: Readonly<Record<string, string>>;
  maxBodyBytes: number;
  log: Log;
  /** Whose server it is, in traces and counts. */
  service?: string;
  metrics?: Metrics;
}

export interface HttpServer {
  port: number;
  server: Server;
  /** Takes no new request, finishes those that run, then closes idle connections. */
  close(): Promise<void>;
}

const NO_QUERY = new URLSearchParams();
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 65_000;
const SAFE_REQUEST_ID = /^[\w.:-]{1,128}$/;

class ServedRequest implements HttpRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  readonly #response: ServerResponse;
  readonly #maxBodyBytes: number;
  readonly #head: AnswerHead;
  readonly #added: string[];

  constructor(raw: IncomingMessage, response: ServerResponse, requestId: string, maxBodyBytes: number, head: AnswerHead) {
    const [path, search = ''] = (raw.url ?? '/').split('?', 2) as [string, string?];
    this.raw = raw;
    this.method = raw.method ?? 'GET';
    this.path = path;
    this.query = search === '' ? NO_QUERY : new URLSearchParams(search);
    this.headers = raw.headers;
    this.requestId = requestId;
    this.#response = response;
    this.#maxBodyBytes = maxBodyBytes;
    this.#head = head;
    this.#added = [REQUEST_ID_HEADER, requestId];
  }

  /** A function of its own: routes take it out of the request. */
  readonly body = (maxBytes = this.#maxBodyBytes): Promise<Buffer> => readBody(this.raw, maxBytes);

  addHeader(name: string, value: string): void {
    this.#added.push(name, value);
  }

  takeResponse(): ServerResponse {
    const head = this.#head.with(this.#added, undefined);
    for (let index = 0; index < head.length; index += 2) this.#response.setHeader(head[index] as string, head[index + 1] as string);
    return this.#response;
  }

  send({ status = 200, headers, body = '' }: HttpAnswer): void {
    const head = this.#head.with(this.#added, headers);
    head.push('content-length', String(Buffer.byteLength(body)));
    this.#response.writeHead(status, head);
    this.#response.end(body);
  }

  sendError(error: AppError): void {
    const allow = error.details['allow'];
    if (error.reason === 'METHOD_NOT_ALLOWED' && typeof allow === 'string') this.addHeader('allow', allow);
    // What is left of a body that is not wanted is not worth reading: the connection ends with the answer.
    if (!this.raw.complete) this.addHeader('connection', 'close');
    this.send(errorAnswer(error, this.requestId));
  }
}

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const paths = new Map<string, Map<string, SocketRoute>>();
  for (const [key, route] of Object.entries(options.routes)) {
    const [method = '', path = ''] = key.split(' ');
    paths.set(path, (paths.get(path) ?? new Map<string, SocketRoute>()).set(method, route));
  }
  const head = new AnswerHead(options.headers ?? {});
  const watch = watchRequests(options.service ?? 'http', options.metrics);
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS }, (raw, response) => {
    const requestId = requestIdOf(raw);
    void watch(raw, response, requestId, (seen) => answer(raw, response, requestId, seen));
  });

  async function answer(raw: IncomingMessage, response: ServerResponse, requestId: string, seen: SeenRequest): Promise<void> {
    const request = new ServedRequest(raw, response, requestId, options.maxBodyBytes, head);
    try {
      const [pattern, route] = findRoute(paths, request.path, request.method);
      seen.route = pattern;
      const answered = await route(request);
      if (answered !== null) request.send(answered);
    } catch (error) {
      const appError = toAppError(error);
      if (appError.code === 'INTERNAL') options.log.error({ err: error, requestId }, 'request failed');
      if (response.headersSent) response.destroy();
      else request.sendError(appError);
    }
  }

  server.on('upgrade', (request, socket, head) => {
    // Node has let go of the socket: without a listener, a client that hangs up here would end the process.
    socket.on('error', () => socket.destroy());
    const upgrade = options.upgrades?.[(request.url ?? '/').split('?', 1)[0] ?? '/'];
    if (upgrade === undefined) socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    else upgrade(request, socket, head);
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, options, options.variables ?? { host: 'HOST', port: 'PORT' }) as Error));
    server.listen(options.port, options.host, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function requestIdOf(raw: IncomingMessage): string {
  const given = raw.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : newId('req');
}

/** @returns besides it the path that it was given for, of which there are few. */
function findRoute(paths: Map<string, Map<string, SocketRoute>>, path: string, method: string): [string, SocketRoute] {
  const own = paths.get(path);
  const [pattern, methods] = own === undefined ? ([...paths].find(([below]) => below.endsWith('/*') && path.startsWith(below.slice(0, -1))) ?? []) : [path, own];
  if (pattern === undefined || methods === undefined) throw new AppError('NOT_FOUND', 'ROUTE_NOT_FOUND');
  const route = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined) ?? methods.get('*');
  if (route === undefined) throw new AppError('INVALID_INPUT', 'METHOD_NOT_ALLOWED', undefined, { details: { allow: [...methods.keys()].join(', ') } });
  return [pattern, route];
}

function readBody(raw: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = (): AppError => new AppError('LIMIT_EXCEEDED', 'BODY_TOO_LARGE', undefined, { details: { maxBytes } });
  const cutShort = (): AppError => new AppError('INVALID_INPUT', 'MALFORMED_REQUEST', 'The request ended before its body did.');
  if (Number(raw.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge());
  // Who gave up before anybody listened says so to nobody.
  if (raw.destroyed && !raw.complete) return Promise.reject(cutShort());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    raw.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        raw.removeAllListeners('data');
        reject(tooLarge());
      } else {
        chunks.push(chunk);
      }
    });
    raw.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    raw.on('error', reject);
    raw.on('aborted', () => reject(cutShort()));
  });
}

/** An error that never reached an operation: the same body as a GraphQL error, so that a client needs one reader. */
export function errorAnswer(error: AppError, requestId: string): HttpAnswer {
  return {
    status: httpStatusOf(error.code, error.reason),
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ errors: [{ message: error.message, extensions: errorExtensions(error, requestId) }] }),
  };
}
