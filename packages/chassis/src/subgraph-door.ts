import type { KeyObject } from 'node:crypto';
import { CALLER_HEADER, type Caller, verifyCaller } from '@iotistic/contracts/caller';
import { AppError, httpStatusOf, isErrorCode } from '@iotistic/contracts/errors';
import { failpoint } from '@iotistic/contracts/failpoints';
import { newId } from '@iotistic/contracts/ids';
import { GraphQLError, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Clock } from './clock.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, startHttpServer } from './http-server.ts';
import { closeAll } from './lifecycle.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { errorExtensions, toAppError } from './public-error.ts';
import type { RunningSubgraph } from './subgraph.ts';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from './subgraph-executor.ts';

/** A gateway's subscribe message: who asks travels beside each operation, since all callers share one connection. */
interface SubscribeExtensions {
  caller?: string;
  requestId?: string;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_FRAME_BYTES = 256 * 1024;
/** A signed caller lives for a minute and is sent many times: checking it once is enough. */
const MAX_KNOWN_CALLERS = 10_000;

/**
 * Serves a subgraph to its gateway over HTTP and WebSocket. Whoever is not the gateway is refused, `_entities` and
 * `_service` included; but for the subgraph's own routes, which see for themselves who asks.
 */
export async function openSubgraphDoor(options: { subgraph: RunningSubgraph; host: string; port: number; callerPublicKey: KeyObject; clock: Clock; log: Log; metrics: Metrics }): Promise<HttpServer> {
  const { subgraph, log } = options;
  const verify = createCallerCheck(options);

  async function graphql(request: HttpRequest): Promise<HttpAnswer> {
    const header = request.raw.headers[CALLER_HEADER];
    const caller = await verify(typeof header === 'string' ? header : undefined);
    const body = parseBody(await request.body());
    const response = await subgraph.executor.execute(body, { caller, requestId: request.requestId });
    await failpoint('subgraph.answering');
    return answerOf(response);
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const disposable = useServer(
    {
      onSubscribe: async (_context, _id, payload) => {
        const extensions = (payload.extensions ?? {}) as SubscribeExtensions;
        const requestId = extensions.requestId ?? newId('req');
        try {
          const caller = await verify(extensions.caller);
          return { schema: subgraph.executor.schema, document: parse(payload.query), contextValue: { request: payload as SubgraphRequest, context: { caller, requestId } } };
        } catch (error) {
          const appError = toAppError(error);
          return [new GraphQLError(appError.message, { extensions: errorExtensions(appError, requestId) })];
        }
      },
      subscribe: (args) => {
        const { request, context } = args.contextValue as { request: SubgraphRequest; context: SubgraphContext };
        return subgraph.executor.subscribe(request, context) as never;
      },
      // Results are formatted already; graphql-ws would call toJSON on each error.
      onNext: (_context, _id, _payload, _args, result) => result as never,
    },
    sockets,
  );

  const server = await startHttpServer({
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
      'GET /readyz': async () => ((await subgraph.ready()) ? { body: 'ready' } : { status: 503, body: 'the database does not answer' }),
      'GET /metrics': async () => ({ headers: { 'content-type': 'text/plain; version=0.0.4' }, body: await options.metrics.text() }),
    },
    upgrades: {
      '/graphql': (request, socket, head) => sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request)),
    },
  });
  return { ...server, close: () => closeAll([() => disposable.dispose(), () => server.close()]) };
}

function createCallerCheck(options: { subgraph: RunningSubgraph; callerPublicKey: KeyObject; clock: Clock }): (token: string | undefined) => Promise<Caller> {
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
