import type { KeyObject } from 'node:crypto';
import { CALLER_HEADER, type Caller, CLIENT_ADDRESS_HEADER, verifyCaller } from '@iotistic/contracts/caller';
import { AppError, httpStatusOf, isErrorCode } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import { newId } from '@iotistic/contracts/ids';
import { GraphQLError, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Clock } from './clock.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, startHttpServer } from './http-server.ts';
import { createFresh } from './fresh.ts';
import { LiveWindows } from './live-window.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createMetricsDoor, startMetricsServer } from './metrics-door.ts';
import { errorExtensions, toAppError } from './public-error.ts';
import type { RunningSubgraph } from './subgraph.ts';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from './subgraph-executor.ts';

/** A gateway's subscribe message: who asks travels beside each operation, since all callers share one connection. */
interface SubscribeExtensions {
  caller?: string;
  requestId?: string;
  /** Where the operation is taken up again, or begins; without, its events do not say where they stand. */
  live?: { after?: unknown };
  /** See LiveWindows. */
  flow?: unknown;
}

/** However many ask whether it is ready, its database is asked once in that time. */
const READY_FOR_MS = 1_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_FRAME_BYTES = 256 * 1024;
const CUT_SOCKETS_AFTER_MS = 2_000;
/** A signed caller lives for a minute and is sent many times: checking it once is enough. */
const MAX_KNOWN_CALLERS = 10_000;

/**
 * Serves a subgraph to its gateway over HTTP and WebSocket. Whoever is not the gateway is refused, `_entities` and
 * `_service` included; but for the subgraph's own routes, which see for themselves who asks.
 */
export async function openSubgraphDoor(options: { subgraph: RunningSubgraph; host: string; port: number; callerPublicKey: KeyObject; clock: Clock; log: Log; metrics: Metrics; metricsToken?: string | undefined; metricsPort?: number | undefined }): Promise<HttpServer> {
  const { subgraph, log } = options;
  const metricsDoor = createMetricsDoor({ metrics: options.metrics, token: options.metricsToken });
  const readiness = createFresh(() => readinessOf(subgraph), READY_FOR_MS);
  const verify = createCallerCheck(options);

  async function graphql(request: HttpRequest): Promise<HttpAnswer> {
    const header = request.raw.headers[CALLER_HEADER];
    const caller = await verify(typeof header === 'string' ? header : undefined);
    const body = parseBody(await request.body());
    const clientAddress = request.raw.headers[CLIENT_ADDRESS_HEADER];
    const context = { caller, requestId: request.requestId, clientAddress: typeof clientAddress === 'string' ? clientAddress : undefined };
    const response = await subgraph.executor.execute(body, context);
    await failpoint('subgraph.answering');
    return answerOf(response);
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const disposable = serveLive(subgraph, verify, sockets);
  const server: HttpServer = await startHttpServer({
    host: options.host,
    port: options.port,
    maxBodyBytes: MAX_BODY_BYTES,
    log,
    service: subgraph.name,
    metrics: options.metrics,
    routes: {
      ...subgraph.http,
      'POST /graphql': graphql,
      'GET /healthz': () => ({ body: 'ok' }),
      'GET /readyz': () => (server.isDraining() ? { status: 503, body: 'stopping' } : readiness()),
      'GET /metrics': metricsDoor.route,
    },
    upgrades: {
      '/graphql': (request, socket, head) => sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request)),
    },
  });
  const metricsServer = await startMetricsServer(metricsDoor, { host: options.host, port: options.metricsPort, log });
  const closeDoor = (): Promise<unknown> => Promise.all([closeSockets(sockets, () => disposable.dispose()), metricsServer?.close(), server.close()]);
  return { ...server, close: () => closeDoor().then(() => undefined) };
}

/** A line for each thing that it lacks. */
async function readinessOf(subgraph: RunningSubgraph): Promise<HttpAnswer> {
  if (await subgraph.ready()) return { body: 'ready' };
  return { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: ((await subgraph.lacks?.()) ?? []).join('\n') };
}

/** Says good-bye (1001) to each; one that does not answer is cut off. */
async function closeSockets(sockets: WebSocketServer, dispose: () => Promise<void> | void): Promise<void> {
  const cut = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, CUT_SOCKETS_AFTER_MS);
  try {
    await dispose();
  } finally {
    clearTimeout(cut);
  }
}

type VerifyCaller = (token: string | undefined) => Promise<Caller>;

/** Live operations of a gateway, each no faster than it reads them. */
function serveLive(subgraph: RunningSubgraph, verify: VerifyCaller, sockets: WebSocketServer): ReturnType<typeof useServer> {
  const windows = new WeakMap<WebSocket, LiveWindows>();
  const windowsOf = (socket: WebSocket): LiveWindows => {
    const known = windows.get(socket) ?? new LiveWindows();
    windows.set(socket, known);
    return known;
  };
  return useServer(
    {
      onSubscribe: async ({ extra }, _id, payload) => {
        const extensions = (payload.extensions ?? {}) as SubscribeExtensions;
        const requestId = extensions.requestId ?? newId('req');
        try {
          const caller = await verify(extensions.caller);
          return { schema: subgraph.executor.schema, document: parse(payload.query), contextValue: { request: payload as SubgraphRequest, context: { caller, requestId, ...resumedAt(extensions) }, flow: extensions.flow, socket: extra.socket } satisfies Subscribing };
        } catch (error) {
          const appError = toAppError(error);
          return [new GraphQLError(appError.message, { extensions: errorExtensions(appError, requestId) })];
        }
      },
      subscribe: async (args) => {
        const { request, context, flow, socket } = args.contextValue as Subscribing;
        const stream = await subgraph.executor.subscribe(request, context);
        return (Symbol.asyncIterator in stream ? windowsOf(socket).limit(stream, flow) : stream) as never;
      },
      onPong: ({ extra }, payload) => windows.get(extra.socket)?.hear(payload),
      // Results are formatted already; graphql-ws would call toJSON on each error.
      onNext: (_context, _id, _payload, _args, result) => result as never,
    },
    sockets,
  );
}

interface Subscribing {
  request: SubgraphRequest;
  context: SubgraphContext;
  flow: unknown;
  socket: WebSocket;
}

function resumedAt({ live }: SubscribeExtensions): Pick<SubgraphContext, 'live'> {
  if (typeof live !== 'object' || live === null) return {};
  return { live: { after: typeof live.after === 'string' ? live.after : null } };
}

function createCallerCheck(options: { subgraph: RunningSubgraph; callerPublicKey: KeyObject; clock: Clock }): VerifyCaller {
  const known = new Map<string, { caller: Caller; until: number }>();
  return async (token) => {
    const now = options.clock.now();
    const found = token === undefined ? undefined : known.get(token);
    if (found !== undefined && found.until > now.getTime()) return found.caller;
    const caller = await verifyCaller(token, options.subgraph.name, options.callerPublicKey, now);
    if (known.size >= MAX_KNOWN_CALLERS) known.clear();
    known.set(token ?? '', { caller, until: now.getTime() + 5_000 });
    return caller;
  };
}

function parseBody(body: Buffer): SubgraphRequest {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new AppError('INVALID_INPUT', 'MALFORMED_JSON', undefined, { cause });
  }
  if (typeof value !== 'object' || value === null || typeof (value as SubgraphRequest).query !== 'string') throw new AppError('INVALID_INPUT', 'MALFORMED_REQUEST');
  return value as SubgraphRequest;
}

function answerOf(response: SubgraphResponse): HttpAnswer {
  const extensions = response.data === undefined || response.data === null ? response.errors?.[0]?.extensions : undefined;
  const code = extensions?.['code'];
  return {
    status: isErrorCode(code) ? httpStatusOf(code, String(extensions?.['reason'])) : 200,
    headers: { 'content-type': 'application/graphql-response+json; charset=utf-8' },
    body: JSON.stringify(response),
  };
}
