import type { IncomingHttpHeaders } from 'node:http';
import type { GraphQLDataSource } from '@apollo/gateway';
import { callRoute, type ReceivedRequest } from '@iotistic/chassis/http-route';
import type { HttpAnswer } from '@iotistic/chassis/http-server';
import { type Caller, callerSchema, type SubgraphName } from '@iotistic/contracts/caller';
import { AppError } from '@iotistic/contracts/errors';
import type { Log } from '@iotistic/chassis/log';
import { errorExtensions, toAppError } from '@iotistic/chassis/public-error';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { inChildSpan, type SpanAtHand, SpanKind } from '@iotistic/chassis/tracing';
import { Deadlines } from './deadlines.ts';
import type { FetchKind, GatewayMetrics } from './gateway-metrics.ts';

/** How the gateway reaches a subgraph: in this process, or over the network. */
export interface SubgraphLink {
  readonly name: string;
  /** @throws AppError SUBGRAPH_UNAVAILABLE or SUBGRAPH_TIMEOUT when there is no answer. */
  execute(request: SubgraphRequest, context: SubgraphContext): Promise<SubgraphResponse>;
  /** A stream, or the answer that refuses it. The stream fails with UNAVAILABLE when the link is lost: subscribe again. */
  subscribe(request: SubgraphRequest, context: SubgraphContext): Promise<AsyncIterableIterator<SubgraphResponse> | SubgraphResponse>;
  /**
   * Hands a request to a route that the subgraph has besides GraphQL, and answers what it answers. Of the headers only
   * those go along that such a route is there for.
   * @throws AppError SUBGRAPH_UNAVAILABLE or SUBGRAPH_TIMEOUT when there is no answer.
   */
  forward(path: string, request: ReceivedRequest): Promise<HttpAnswer>;
  ready(): Promise<boolean>;
  close(): Promise<void>;
}

const FORWARDED_HEADERS = ['content-type', 'stripe-signature'] as const;
/** Stripe gives up on a webhook after about as long. */
export const FORWARD_TIMEOUT_MS = 10_000;
/** Billing waits for Stripe up to 25 s; in one process the others wait for little but a database that has deadlines itself. */
export const PATIENT_TIMEOUT_MS = 30_000;

/** What of the headers is handed on. */
export function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(FORWARDED_HEADERS.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])));
}

/** A subgraph of this process: the caller is handed over as it is, since nobody stands between. The subgraph stays its owner's to close. */
export function inProcessLink(subgraph: Pick<RunningSubgraph, 'name' | 'executor' | 'ready' | 'http'>, options: { timeoutMs?: number; forwardTimeoutMs?: number } = {}): SubgraphLink {
  const deadlines = new Deadlines(options.timeoutMs ?? PATIENT_TIMEOUT_MS);
  const forwardDeadlines = new Deadlines(options.forwardTimeoutMs ?? FORWARD_TIMEOUT_MS);
  return {
    name: subgraph.name,
    execute: (request, context) => deadlines.within(subgraph.executor.execute(request, context)),
    subscribe(request, context) {
      const asked = subgraph.executor.subscribe(request, context);
      return deadlines.within(asked).catch((error: unknown) => {
        // One that comes too late has nobody who would end it.
        void asked.then((stream) => (Symbol.asyncIterator in stream ? stream.return?.() : undefined)).catch(() => undefined);
        throw error;
      });
    },
    forward: (path, request) => forwardDeadlines.within(callRoute(subgraph.http, path, { ...request, headers: forwardedHeaders(request.headers) })),
    ready: () => subgraph.ready(),
    close: () => Promise.resolve(),
  };
}

/** What an operation carries through the gateway to the links. */
export interface OperationContext {
  caller: Caller;
  requestId: string;
}

/** Only this subgraph knows passwords: who signed up or logged in there is who the rest of the operation is asked by. */
const CREDENTIALS_ARE_OF: SubgraphName = 'customers';
const FETCH = { kind: SpanKind.CLIENT };

/** A link as Apollo's executor wants it. A link that fails costs the fields behind it, not the whole answer. */
export function dataSourceOf(link: SubgraphLink, log: Log, metrics?: GatewayMetrics): GraphQLDataSource {
  const spanName = `fetch ${link.name}`;
  return {
    process({ request, context }) {
      const asked = { query: request.query ?? '', operationName: request.operationName, variables: request.variables };
      // Entities are asked for by what is known of them; no operation of a client has a variable of that name.
      const kind = request.variables?.['representations'] === undefined ? 'root' : 'entities';
      return inChildSpan('gateway', spanName, (span) => fetch(asked, context as OperationContext, kind, span), FETCH) as never;
    },
  };

  async function fetch(asked: SubgraphRequest, asking: OperationContext, kind: FetchKind, span: SpanAtHand): Promise<SubgraphResponse> {
    const startedAtMs = performance.now();
    const { caller, requestId } = asking;
    try {
      const response = await link.execute(asked, { caller, requestId });
      if (response.caller !== undefined && link.name === CREDENTIALS_ARE_OF && caller.kind !== 'admin') asking.caller = callerSchema.parse(response.caller);
      metrics?.subgraphFetch(link.name, kind, response.errors === undefined ? 'ok' : 'errors', startedAtMs);
      return isMisunderstood(response) ? { errors: [misunderstanding(response, link.name, requestId, log)] } : response;
    } catch (error) {
      metrics?.subgraphFetch(link.name, kind, 'no_answer', startedAtMs);
      span.fail('no answer');
      return { errors: [failure(error, link.name, requestId, log)] };
    }
  }
}

/**
 * The subgraph does not take our own document: its schema is of another version than ours. That is no mistake of the
 * client's.
 */
function isMisunderstood({ errors }: SubgraphResponse): boolean {
  return errors?.[0]?.extensions?.['reason'] === 'MALFORMED_QUERY';
}

function misunderstanding(
  { errors }: SubgraphResponse,
  subgraph: string,
  requestId: string,
  log: Log,
): { message: string; path: []; extensions: Record<string, unknown> } {
  log.error(
    { subgraph, requestId, said: errors?.[0]?.message },
    'a subgraph does not take what it is asked: is it of another version?',
  );
  const fault = new AppError('INTERNAL', 'UNEXPECTED');
  return { message: fault.message, path: [], extensions: errorExtensions(fault, requestId) };
}

/** Its path is relative to where the fetch was made, which is what the executor puts before it. */
function failure(error: unknown, subgraph: string, requestId: string, log: Log): { message: string; path: []; extensions: Record<string, unknown> } {
  const appError = toAppError(error);
  log.warn({ err: error, subgraph, requestId }, 'a subgraph did not answer');
  return { message: appError.message, path: [], extensions: errorExtensions(appError, requestId) };
}
