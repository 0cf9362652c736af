import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';
import { inSpan, isTracing, type SpanAtHand, SpanKind, traceparentOf } from './tracing.ts';

/** What a server finds out about a request while it answers it. */
export interface SeenRequest {
  /** The path of the route as it was given; null where none fits. */
  route: string | null;
}

export type WatchRequest = (raw: IncomingMessage, response: ServerResponse, requestId: string, answer: (seen: SeenRequest) => Promise<void>) => Promise<void>;

/** Asked every few seconds by machines: counted, not traced. */
const UNTRACED = new Set(['/metrics', '/healthz', '/readyz']);
const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** Counts and traces the requests of a server. What no route fits is one kind, whatever was asked for. */
export function watchRequests(service: string, metrics: Metrics | undefined): WatchRequest {
  const requests = metrics?.counter('iotistic_http_requests_total', 'HTTP requests answered', ['service', 'method', 'route', 'status']);
  const seconds = metrics?.histogram('iotistic_http_request_seconds', 'Duration of HTTP requests; of event streams, until they are open', ['service', 'route']);

  async function counted(raw: IncomingMessage, response: ServerResponse, seen: SeenRequest, answer: (seen: SeenRequest) => Promise<void>): Promise<void> {
    const startedAtMs = performance.now();
    await answer(seen);
    const route = seen.route ?? 'none';
    requests?.inc({ service, method: methodOf(raw), route, status: String(response.statusCode) });
    seconds?.observe({ service, route }, (performance.now() - startedAtMs) / 1000);
  }

  async function traced(span: SpanAtHand, raw: IncomingMessage, response: ServerResponse, answer: (seen: SeenRequest) => Promise<void>): Promise<void> {
    const seen: SeenRequest = { route: null };
    await counted(raw, response, seen, answer);
    if (seen.route !== null) {
      span.rename(`${methodOf(raw)} ${seen.route}`);
      span.set('http.route', seen.route);
    }
    span.set('http.response.status_code', response.statusCode);
    if (response.statusCode >= 500) span.fail(String(response.statusCode));
  }

  return (raw, response, requestId, answer) => {
    if (!isTraced(raw)) return counted(raw, response, { route: null }, answer);
    return inSpan(service, methodOf(raw), (span) => traced(span, raw, response, answer), { kind: SpanKind.SERVER, parent: traceparentOf(raw.headers), attributes: { 'http.request.method': methodOf(raw), 'iotistic.request_id': requestId } });
  };
}

function isTraced({ url = '/' }: IncomingMessage): boolean {
  return isTracing() && !UNTRACED.has(url);
}

function methodOf({ method = 'GET' }: IncomingMessage): string {
  return METHODS.has(method) ? method : 'other';
}
