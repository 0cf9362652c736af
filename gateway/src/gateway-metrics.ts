import type { Metrics } from '@iotistic/chassis/metrics';

/** What the gateway counts. Names in Prometheus begin with iotistic_gateway_. */
export interface GatewayMetrics {
  request(operation: string, outcome: string, startedAtMs: number): void;
  credentialLookup(result: string): void;
  liveConnections: { inc(labels: { transport: 'websocket' | 'sse' }): void; dec(labels: { transport: 'websocket' | 'sse' }): void };
  liveSubscriptions: { inc(): void; dec(): void };
  liveGroups: { inc(): void; dec(): void };
  liveEvents: { inc(): void };
  liveMessages: { inc(count: number): void };
  liveGaps: { inc(): void };
  slowConsumers: { inc(labels: { transport: 'websocket' | 'sse' }): void };
}

export function createGatewayMetrics(metrics: Metrics): GatewayMetrics {
  const requests = metrics.counter('iotistic_gateway_requests_total', 'Answered operations by kind and outcome (ok, or the first error\'s reason)', ['operation', 'outcome']);
  const seconds = metrics.histogram('iotistic_gateway_request_seconds', 'Duration of operations in seconds', ['operation']);
  const lookups = metrics.counter('iotistic_gateway_credential_lookups_total', 'Credentials looked up, by how the answer was found', ['result']);
  return {
    request(operation, outcome, startedAtMs) {
      requests.inc({ operation, outcome });
      seconds.observe({ operation }, (performance.now() - startedAtMs) / 1000);
    },
    credentialLookup: (result) => lookups.inc({ result }),
    liveConnections: metrics.gauge('iotistic_gateway_live_connections', 'Open WebSockets and event streams', ['transport']),
    liveSubscriptions: metrics.gauge('iotistic_gateway_live_subscriptions', 'Live operations that clients hold', []),
    liveGroups: metrics.gauge('iotistic_gateway_live_groups', 'Live operations that subgraphs feed: clients that ask the same share one', []),
    liveEvents: metrics.counter('iotistic_gateway_live_events_total', 'Events that were joined across the graph', []),
    liveMessages: metrics.counter('iotistic_gateway_live_messages_total', 'Messages sent to clients', []),
    liveGaps: metrics.counter('iotistic_gateway_live_gaps_total', 'Times that a live operation was taken up again after its subgraph was lost', []),
    slowConsumers: metrics.counter('iotistic_gateway_live_slow_drops_total', 'Clients dropped because they did not read fast enough', ['transport']),
  };
}
