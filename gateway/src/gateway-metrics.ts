import type { Metrics } from '@iotistic/chassis/metrics';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { ERROR_TABLE, type ErrorCode } from '@iotistic/contracts/errors';
import type { BreakerState } from './breaker.ts';
import { outcomeOf, PERSISTED_QUERY_NOT_FOUND, type PublicResult } from './format-error.ts';

/** How a subgraph answered: without errors, with some, or not at all. */
export type FetchOutcome = 'ok' | 'errors' | 'no_answer';

/** What the gateway counts. Names in Prometheus begin with iotistic_gateway_. */
export interface GatewayMetrics {
  request(operation: string, result: PublicResult, startedAtMs: number): void;
  /** @param kind entities, or the root fields of an operation. */
  subgraphFetch(subgraph: string, kind: FetchKind, outcome: FetchOutcome, startedAtMs: number): void;
  credentialLookup(result: string): void;
  liveConnections: { inc(labels: { transport: 'websocket' | 'sse' }): void; dec(labels: { transport: 'websocket' | 'sse' }): void };
  liveSubscriptions: { inc(): void; dec(): void };
  liveGroups: { inc(): void; dec(): void };
  liveEvents: { inc(): void };
  liveMessages: { inc(count: number): void };
  /** @param receivedAtMs when the event came from its subgraph, by performance.now(). */
  liveDelivered(receivedAtMs: number): void;
  liveGaps: { inc(): void };
  /** Events that the clients of a live operation were told they did not get. */
  liveMissed: { inc(count: number): void };
  /** What a subgraph's breaker has become. */
  breaker(subgraph: string, state: BreakerState): void;
  slowConsumers: { inc(labels: { transport: 'websocket' | 'sse' }): void };
}

export type FetchKind = 'root' | 'entities';

const OPERATIONS = ['query', 'mutation', 'subscription', 'none'];
const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half_open', 'open'];
const TRANSPORTS = ['websocket', 'sse'] as const;

export function createGatewayMetrics(metrics: Metrics): GatewayMetrics {
  const requests = metrics.counter('iotistic_gateway_requests_total', 'Answered operations by kind and outcome (ok, or the first error\'s reason)', ['operation', 'outcome']);
  const seconds = metrics.histogram('iotistic_gateway_request_seconds', 'Duration of operations in seconds', ['operation']);
  const errors = metrics.counter('iotistic_gateway_errors_total', 'Answered operations that had an error, by the code of the first', ['code']);
  const fetches = metrics.counter('iotistic_gateway_subgraph_fetches_total', 'What subgraphs were asked, by how they answered', ['subgraph', 'kind', 'outcome']);
  const fetchSeconds = metrics.histogram('iotistic_gateway_subgraph_fetch_seconds', 'Duration of what subgraphs were asked', ['subgraph', 'kind']);
  const lookups = metrics.counter('iotistic_gateway_credential_lookups_total', 'Credentials looked up, by how the answer was found', ['result']);
  const connections = metrics.gauge('iotistic_gateway_live_connections', 'Open WebSockets and event streams', ['transport']);
  const slow = metrics.counter('iotistic_gateway_live_slow_drops_total', 'Clients dropped because they did not read fast enough', ['transport']);
  const delivery = metrics.histogram('iotistic_gateway_live_delivery_seconds', 'From when an event came from its subgraph until it was written to all its clients', []);
  const breakers = metrics.gauge('iotistic_gateway_subgraph_breaker', 'Whether a subgraph is asked: 1 at the state of its breaker', ['subgraph', 'state']);
  const opened = metrics.counter('iotistic_gateway_subgraph_breaker_opened_total', 'Times that a subgraph did not answer again and again, and was left alone', ['subgraph']);
  for (const subgraph of SUBGRAPH_NAMES) opened.inc({ subgraph }, 0);
  for (const operation of OPERATIONS) {
    requests.inc({ operation, outcome: 'ok' }, 0);
    seconds.zero({ operation });
  }
  for (const code of Object.keys(ERROR_TABLE)) errors.inc({ code }, 0);
  for (const subgraph of SUBGRAPH_NAMES) for (const kind of ['root', 'entities']) for (const outcome of ['ok', 'errors', 'no_answer']) fetches.inc({ subgraph, kind, outcome }, 0);
  for (const transport of TRANSPORTS) {
    connections.set({ transport }, 0);
    slow.inc({ transport }, 0);
  }
  return {
    request(operation, result, startedAtMs) {
      requests.inc({ operation, outcome: outcomeOf(result) });
      const code = codeOf(result);
      if (code !== null) errors.inc({ code });
      seconds.observe({ operation }, sinceSeconds(startedAtMs));
    },
    subgraphFetch(subgraph, kind, outcome, startedAtMs) {
      fetches.inc({ subgraph, kind, outcome });
      fetchSeconds.observe({ subgraph, kind }, sinceSeconds(startedAtMs));
    },
    credentialLookup: (result) => lookups.inc({ result }),
    liveConnections: connections,
    liveSubscriptions: metrics.gauge('iotistic_gateway_live_subscriptions', 'Live operations that clients hold', []),
    liveGroups: metrics.gauge('iotistic_gateway_live_groups', 'Live operations that subgraphs feed: clients that ask the same share one', []),
    liveEvents: metrics.counter('iotistic_gateway_live_events_total', 'Events that were joined across the graph', []),
    liveMessages: metrics.counter('iotistic_gateway_live_messages_total', 'Messages sent to clients', []),
    liveDelivered: (receivedAtMs) => delivery.observe(sinceSeconds(receivedAtMs)),
    liveGaps: metrics.counter('iotistic_gateway_live_gaps_total', 'Times that a live operation was taken up again after its subgraph was lost', []),
    liveMissed: metrics.counter('iotistic_gateway_live_missed_total', 'Events of live operations that did not reach their clients, who were told how many', []),
    breaker(subgraph, state) {
      for (const each of BREAKER_STATES) breakers.set({ subgraph, state: each }, each === state ? 1 : 0);
      if (state === 'open') opened.inc({ subgraph });
    },
    slowConsumers: slow,
  };
}

function codeOf(result: PublicResult): ErrorCode | null {
  const code = result.errors?.[0]?.extensions.code;
  return code === undefined || code === PERSISTED_QUERY_NOT_FOUND ? null : code;
}

function sinceSeconds(startedAtMs: number): number {
  return (performance.now() - startedAtMs) / 1000;
}
