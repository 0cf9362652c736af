import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { REQUEST_ID_HEADER } from '@iotistic/contracts/caller';
import { AnswerHead } from './answer-head.ts';
import { answerBrokenRequests, type Responses } from './broken-requests.ts';
import { CHALLENGE, errorAnswer, LINGER_MS } from './error-answer.ts';
import { gracefulClose } from './graceful-close.ts';
import { type SeenRequest, watchRequests } from './http-watch.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { toAppError } from './public-error.ts';
import { readBody } from './request-body.ts';
import { canonicalPath, checkFraming, readTarget } from './request-target.ts';
import { listenFailure } from './start-failure.ts';
import { serveUpgrades } from './upgrades.ts';

/** A request as a route sees it, however it came here. */
export interface RouteRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** By names in lower case. */
  headers: IncomingHttpHeaders;
  requestId: string;
  /**
   * The whole body, byte for byte, or as it was before it was compressed. @param maxBytes instead of what the server allows.
   * @throws AppError BODY_TOO_LARGE, UNSUPPORTED_ENCODING, MALFORMED_ENCODING
   */
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
  /** Instead of those that serve. */
  deadlines?: Partial<Deadlines>;
}

/** How long a client may take, in milliseconds. */
export interface Deadlines {
  /** Until the headers of a request are there, from its first byte or from the connection on. */
  headersMs: number;
  /** Until all of it is there. */
  requestMs: number;
  /** Without a byte in either direction: a client that does not read its answer is cut off. */
  silenceMs: number;
  /** How often the first two are looked at: a request that is late is refused that much later at most. */
  checkMs: number;
}

export interface HttpServer {
  port: number;
  server: Server;
  /** From now on each answer ends its connection; new ones are still taken. For the time in which balancers find out that this one stops. */
  drain(): void;
  isDraining(): boolean;
  /** Takes no new connection, finishes the requests that run, and ends what is idle, within some seconds whatever clients do. */
  close(): Promise<void>;
}

const NO_QUERY = new URLSearchParams();
const DEADLINES: Deadlines = { headersMs: 10_000, requestMs: 30_000, silenceMs: 90_000, checkMs: 1_000 };
const KEEP_ALIVE_MS = 65_000;
const SAFE_REQUEST_ID = /^[\w.:-]{1,128}$/;

class ServedRequest implements HttpRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  path = '';
  query = NO_QUERY;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  readonly #response: ServerResponse;
  readonly #maxBodyBytes: number;
  readonly #head: AnswerHead;
  readonly #added: string[];
  /** Whether the client waits for a word before it sends its body (`Expect: 100-continue`): what is refused before is never sent. */
  readonly #waits: boolean;

  constructor(raw: IncomingMessage, response: ServerResponse, requestId: string, options: { maxBodyBytes: number; head: AnswerHead; waits: boolean }) {
    this.raw = raw;
    this.method = raw.method ?? 'GET';
    this.headers = raw.headers;
    this.requestId = requestId;
    this.#response = response;
    this.#maxBodyBytes = options.maxBodyBytes;
    this.#head = options.head;
    this.#waits = options.waits;
    this.#added = [REQUEST_ID_HEADER, requestId];
  }

  /** Reads where it goes. @throws AppError MALFORMED_HTTP */
  readTarget(): void {
    const { path, search } = readTarget(this.raw);
    checkFraming(this.raw);
    this.path = path;
    if (search !== '') this.query = new URLSearchParams(search);
  }

  /** A function of its own: routes take it out of the request. */
  readonly body = (maxBytes = this.#maxBodyBytes): Promise<Buffer> => readBody(this.raw, maxBytes, this.#waits ? () => this.#response.writeContinue() : undefined);

  addHeader(name: string, value: string): void {
    this.#added.push(name, value);
  }

  takeResponse(): ServerResponse {
    const head = this.#head.with(this.#added, undefined);
    for (let index = 0; index < head.length; index += 2) this.#response.setHeader(head[index] as string, head[index + 1] as string);
    return this.#response;
  }

  send({ status = 200, headers, body = '' }: HttpAnswer): void {
    if (status === 401) this.addHeader('www-authenticate', CHALLENGE);
    const endsConnection = !this.raw.complete;
    if (endsConnection) this.addHeader('connection', 'close');
    const head = this.#head.with(this.#added, headers);
    if (status !== 204 && status !== 304) head.push('content-length', String(Buffer.byteLength(body)));
    this.#response.writeHead(status, head);
    if (endsConnection) this.#endAfterBody(body);
    else this.#response.end(body);
  }

  /** What is left of a body that is not wanted is thrown away for a moment: a connection that is closed at once takes the answer along. */
  #endAfterBody(body: string | Buffer): void {
    const response = this.#response;
    response.write(body);
    const end = (): void => {
      clearTimeout(timer);
      response.end();
    };
    const timer = setTimeout(end, LINGER_MS).unref();
    this.raw.once('end', end).once('close', end).resume();
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
  const server = openServer(options.deadlines);
  const responses: Responses = new WeakMap();
  const serve = (waits: boolean) => (raw: IncomingMessage, response: ServerResponse) => {
    responses.set(raw.socket, response);
    const request = new ServedRequest(raw, response, requestIdOf(raw), { maxBodyBytes: options.maxBodyBytes, head, waits });
    void watch(raw, response, request.requestId, (seen) => answer(request, response, seen));
  };
  server.on('request', serve(false));
  server.on('checkContinue', serve(true));
  // Of what else a client may expect, a server need not know (RFC 9110, 10.1.1).
  server.on('checkExpectation', serve(false));
  answerBrokenRequests(server, responses);
  serveUpgrades(server, options.upgrades ?? {}, responses);

  const graceful = gracefulClose(server);

  async function answer(request: ServedRequest, response: ServerResponse, seen: SeenRequest): Promise<void> {
    const { requestId } = request;
    try {
      request.readTarget();
      const [pattern, route] = findRoute(paths, request.path, request.method);
      seen.route = pattern;
      const answered = await route(request);
      if (answered !== null) request.send(answered);
    } catch (error) {
      const appError = toAppError(error);
      if (appError.code === 'INTERNAL') options.log.error({ err: error, requestId }, 'request failed');
      if (response.headersSent) response.destroy();
      else request.send(errorAnswer(appError, requestId));
    }
  }

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
    drain: () => graceful.drain(),
    isDraining: () => graceful.isDraining(),
    close: () => graceful.close(),
  };
}

function openServer(deadlines: Partial<Deadlines> = {}): Server {
  const { headersMs, requestMs, silenceMs, checkMs } = { ...DEADLINES, ...deadlines };
  // Hosts are checked with the rest of a request's target, so that what is wrong with one is said.
  const server = createServer({ requestTimeout: requestMs, headersTimeout: headersMs, connectionsCheckingInterval: checkMs, keepAliveTimeout: KEEP_ALIVE_MS, requireHostHeader: false });
  server.timeout = silenceMs;
  return server;
}

function requestIdOf(raw: IncomingMessage): string {
  const given = raw.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : newId('req');
}

/** @returns besides it the path that it was given for, of which there are few. */
function findRoute(paths: Map<string, Map<string, SocketRoute>>, path: string, method: string): [string, SocketRoute] {
  const [pattern, methods] = findPath(paths, path) ?? findPath(paths, canonicalPath(path)) ?? [];
  if (pattern === undefined || methods === undefined) {
    if (path === '*') return ['*', () => allowed(['GET', 'HEAD', 'POST', 'OPTIONS'])];
    throw new AppError('NOT_FOUND', 'ROUTE_NOT_FOUND');
  }
  const route = methods.get(method) ?? (method === 'HEAD' ? methods.get('GET') : undefined) ?? methods.get('*');
  if (route !== undefined) return [pattern, route];
  const allow = [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : [])];
  if (method === 'OPTIONS') return [pattern, () => allowed([...allow, 'OPTIONS'])];
  throw new AppError('INVALID_INPUT', 'METHOD_NOT_ALLOWED', undefined, { details: { allow: allow.join(', ') } });
}

function findPath(paths: Map<string, Map<string, SocketRoute>>, path: string): [string, Map<string, SocketRoute>] | undefined {
  const own = paths.get(path);
  return own === undefined ? [...paths].find(([below]) => below.endsWith('/*') && path.startsWith(below.slice(0, -1))) : [path, own];
}

function allowed(methods: readonly string[]): HttpAnswer {
  return { status: 204, headers: { allow: methods.join(', ') } };
}
