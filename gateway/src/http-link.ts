import type { HttpAnswer } from '@iotistic/chassis/http-server';
import type { Log } from '@iotistic/chassis/log';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { addTraceHeaders } from '@iotistic/chassis/tracing';
import { CALLER_HEADER, CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import { Pool } from 'undici';
import type { SignCaller } from './caller.ts';
import { openHttpLinkLive } from './http-link-live.ts';
import { isRepeatable, sendTwice } from './repeat-request.ts';
import { FORWARD_TIMEOUT_MS, forwardedHeaders, type SubgraphLink } from './subgraph-link.ts';

const DEFAULT_TIMEOUT_MS = 5_000;
const CONNECT_TIMEOUT_MS = 2_000;
const READY_TIMEOUT_MS = 2_000;
const MAX_CONNECTIONS = 64;
const MAX_READY_CHARACTERS = 1_000;
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Below the door's own keep-alive, so that a request is not sent on a connection that is being closed. */
const KEEP_ALIVE_MS = 30_000;

/**
 * A subgraph behind its door: HTTP over kept connections for queries and mutations, one WebSocket for all live
 * operations. A request whose connection was lost is sent once more, on another: where it cannot have been carried out, or may be twice.
 * @param options.url Where its /graphql is, e.g. http://127.0.0.1:3101 or http://usage:3104/graphql
 */
export function httpLink(options: { name: string; url: string; signCaller: SignCaller; log: Log; timeoutMs?: number; forwardTimeoutMs?: number }): SubgraphLink {
  const { name, log } = options;
  const endpoint = new URL(options.url);
  if (endpoint.pathname === '/') endpoint.pathname = '/graphql';
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const pool = new Pool(endpoint.origin, { connections: MAX_CONNECTIONS, connect: { timeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs) }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, keepAliveTimeout: KEEP_ALIVE_MS, maxResponseSize: MAX_ANSWER_BYTES });
  const live = openHttpLinkLive({ name, url: webSocketUrl(endpoint), signCaller: options.signCaller, log });

  async function execute(request: SubgraphRequest, context: SubgraphContext): Promise<SubgraphResponse> {
    const caller = await options.signCaller(context.caller, name);
    const headers = addTraceHeaders({
      'content-type': 'application/json',
      [CALLER_HEADER]: caller,
      [REQUEST_ID_HEADER]: context.requestId,
      ...(context.clientAddress === undefined ? {} : { [CLIENT_ADDRESS_HEADER]: context.clientAddress }),
    });
    // Ends the whole exchange, also one whose answer comes byte by byte.
    const asked = { path: endpoint.pathname, method: 'POST' as const, headers, body: JSON.stringify(request), signal: AbortSignal.timeout(timeoutMs) };
    try {
      return await sendTwice(() => send(pool, asked), () => isRepeatable(request), asked.signal);
    } catch (cause) {
      throw noAnswer(cause);
    }
  }

  return {
    name,
    execute,
    subscribe: (request, context) => live.subscribe(request, context),
    forward: forwardOver(pool, options.forwardTimeoutMs ?? FORWARD_TIMEOUT_MS),
    ready: async () => (await askReady(pool).catch(() => null))?.isReady === true,
    lacks: async () => (await askReady(pool).catch(() => null))?.lacks ?? [],
    async close() {
      await live.close();
      await pool.destroy();
    },
  };
}

async function send(pool: Pool, asked: Parameters<Pool['request']>[0]): Promise<SubgraphResponse> {
  const { body } = await pool.request(asked);
  return parseAnswer(await body.text());
}

/** What it lacks is words of ours, a line each; a page of somebody else's is none. */
async function askReady(pool: Pool): Promise<{ isReady: boolean; lacks: string[] }> {
  const { statusCode, body } = await pool.request({ path: '/readyz', method: 'GET', signal: AbortSignal.timeout(READY_TIMEOUT_MS) });
  const lines = (await body.text()).slice(0, MAX_READY_CHARACTERS).split('\n');
  return { isReady: statusCode === 200, lacks: statusCode === 200 ? [] : lines.filter((line) => /^\w+: /.test(line)) };
}

/** What is forwarded may come twice: webhooks are known by their id, all else only reads. */
function forwardOver(pool: Pool, timeoutMs: number): SubgraphLink['forward'] {
  return async (path, request) => {
    const headers = addTraceHeaders({ ...forwardedHeaders(request.headers), [REQUEST_ID_HEADER]: request.requestId });
    const asked = { path, method: request.method as 'POST', headers, body: request.body, headersTimeout: timeoutMs, bodyTimeout: timeoutMs, signal: AbortSignal.timeout(timeoutMs) };
    const forward = async (): Promise<HttpAnswer> => {
      const answer = await pool.request(asked);
      const type = answer.headers['content-type'];
      return { status: answer.statusCode, headers: typeof type === 'string' ? { 'content-type': type } : {}, body: Buffer.from(await answer.body.arrayBuffer()) };
    };
    try {
      return await sendTwice(forward, () => true, asked.signal);
    } catch (cause) {
      throw noAnswer(cause);
    }
  };
}

function parseAnswer(text: string): SubgraphResponse {
  try {
    const answer = JSON.parse(text) as unknown;
    if (typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer)) return answer as SubgraphResponse;
  } catch {
    // A proxy between us answered with a page of its own.
  }
  throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: new Error(`not a GraphQL answer: ${text.slice(0, 200)}`) });
}

function noAnswer(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('UNAVAILABLE', isTimeout(cause) ? 'SUBGRAPH_TIMEOUT' : 'SUBGRAPH_UNAVAILABLE', undefined, { cause });
}

function isTimeout(error: unknown): boolean {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

function webSocketUrl(endpoint: URL): string {
  const url = new URL(endpoint);
  url.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
