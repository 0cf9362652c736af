import { noCallStore, redisCallStore } from '@iotistic/chassis/call-budgets';
import type { Clock } from '@iotistic/chassis/clock';
import { type HttpServer, startHttpServer } from '@iotistic/chassis/http-server';
import { createMetricsDoor, startMetricsServer } from '@iotistic/chassis/metrics-door';
import type { QueueOverview } from '@iotistic/chassis/queue-overview';
import { closeAll } from '@iotistic/chassis/lifecycle';
import type { Live } from '@iotistic/chassis/live';
import type { Log } from '@iotistic/chassis/log';
import type { Metrics } from '@iotistic/chassis/metrics';
import { takesWrites } from '@iotistic/chassis/queue-readiness';
import { openRedis } from '@iotistic/chassis/redis';
import { createAnonymousBudget } from './anonymous-budget.ts';
import { createAuthenticate } from './authenticate.ts';
import { withBreaker } from './breaker.ts';
import type { GatewayConfig } from './config.ts';
import { createCustomerBudget } from './customer-budget.ts';
import { CredentialLookup } from './credential-lookup.ts';
import { createFederatedSubscriptions } from './federated-subscriptions.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { createGraphqlDoor } from './graphql-door.ts';
import { healthRoutes } from './health.ts';
import { homePage } from './home-page.ts';
import { jwksRoute } from './jwks.ts';
import { LicenseCredential } from './license-credential.ts';
import type { QueryLimits } from './limits.ts';
import { createLiveClients } from './live-clients.ts';
import { createLiveDoor } from './live-door.ts';
import { createOrigins } from './origins.ts';
import { queueDoor } from './queue-door.ts';
import { ANONYMOUS_COST, createRateLimits } from './rate-limits.ts';
import { revocationsRoute } from './revocations.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { SigningKeys } from './signing-keys.ts';
import { createSseDoor } from './sse-door.ts';
import { stripeDoor } from './stripe-door.ts';
import type { SubgraphLink } from './subgraph-link.ts';
import { unsubscribeDoor } from './unsubscribe-door.ts';
import { readSupergraphSdl, startGraph } from './supergraph.ts';

export interface GatewayParts {
  /** One for each subgraph of the supergraph; closed with the gateway. */
  links: readonly SubgraphLink[];
  /** Stays the caller's to close. */
  live: Live;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** What the board at /admin/queues shows; without, there is none. Stays the caller's to close. */
  queues?: QueueOverview;
  /** Instead of the configured one. */
  host?: string;
}

export interface Gateway {
  port: number;
  /** Where METRICS_PORT asks for one. */
  metricsPort: number | null;
  /** /readyz says from now on that it stops, and each answer ends its connection; everything is still served. */
  drain(): void;
  /** Takes nothing new, finishes what runs, and says good-bye to those who are connected. */
  close(): Promise<void>;
}

/** The one door of the control plane: finds out who asks, and answers from the whole graph. */
export async function startGateway(config: GatewayConfig, parts: GatewayParts): Promise<Gateway> {
  const { live, clock } = parts;
  const log = parts.log.child({ service: 'gateway' });
  const isProduction = config.NODE_ENV === 'production';
  const metrics = createGatewayMetrics(parts.metrics);
  const links = new Map(parts.links.map((link) => [link.name, withBreaker(link, { metrics, log })]));
  const redis = config.REDIS_URL === undefined ? null : openRedis({ url: config.REDIS_URL, log });
  const budget = createCustomerBudget({ costPerMinute: config.CUSTOMER_COST_PER_MINUTE, store: redis === null ? noCallStore : redisCallStore(redis, 'iotistic_gateway_customer'), clock, log });
  const graph = await startGraph({ supergraphSdl: readSupergraphSdl(), links, limits: limitsOf(config), introspection: config.INTROSPECTION ?? !isProduction, suggestions: !isProduction, log, metrics, budget });
  const licensing = required(links, 'licensing');
  const keys = new SigningKeys({ licensing, live, clock });
  const licenses = new LicenseCredential({ licensing, keys, live, clock });
  const lookup = new CredentialLookup({ customers: required(links, 'customers'), live, clock, onResult: metrics.credentialLookup });
  const authenticate = createAuthenticate({ adminToken: config.ADMIN_API_TOKEN, lookup, licenses });
  const clients = createLiveClients({ authenticate, live, maxPerCustomer: config.MAX_SOCKETS_PER_CUSTOMER, log });
  const subscriptions = createFederatedSubscriptions({ planner: graph.planner, links, metrics, log });
  const sse = createSseDoor({ subscriptions, clients, metrics, log });
  const shared = { graph, authenticate, subscriptions, clients, origins: createOrigins(config.CORS_ORIGINS), trustedProxies: config.TRUST_PROXY, rateLimits: createRateLimits(config, redis), metrics, log };
  const liveDoor = createLiveDoor({ ...shared, maxSubscriptionsPerSocket: config.MAX_SUBSCRIPTIONS_PER_SOCKET, maxPendingPerAddress: config.MAX_PENDING_SOCKETS_PER_ADDRESS, exemptsLoopback: !isProduction });
  const door = createGraphqlDoor({ ...shared, sse });
  const anonymous = createAnonymousBudget(shared);
  const metricsDoor = createMetricsDoor({ metrics: parts.metrics, token: config.METRICS_TOKEN, onStranger: (request) => anonymous.count(request, ANONYMOUS_COST.page) });
  const health = healthRoutes({ links, live, takesJobs: redis === null ? null : () => takesWrites(redis), isDraining: () => http.isDraining() });
  const http: HttpServer = await startHttpServer({
    host: parts.host ?? config.HOST,
    port: config.PORT,
    maxBodyBytes: config.MAX_BODY_BYTES,
    headers: SECURITY_HEADERS,
    log,
    service: 'gateway',
    metrics: parts.metrics,
    routes: {
      'POST /graphql': door.post,
      'GET /graphql': door.get,
      'OPTIONS /graphql': door.options,
      ...stripeDoor(required(links, 'billing'), anonymous),
      ...unsubscribeDoor(required(links, 'billing'), anonymous),
      ...(parts.queues === undefined ? {} : queueDoor({ ...shared, queues: parts.queues, adminToken: config.ADMIN_API_TOKEN, clock })),
      'GET /.well-known/jwks.json': anonymous.page(jwksRoute(keys)),
      'GET /.well-known/revocations.jwt': anonymous.page(revocationsRoute(licensing, clock)),
      'GET /healthz': health.healthz,
      'GET /readyz': anonymous.page(health.readyz),
      'GET /metrics': metricsDoor.route,
      'GET /': homePage,
    },
    upgrades: { '/graphql': (request, socket, head) => liveDoor.upgrade(request, socket, head) },
  });
  const metricsServer = await startMetricsServer(metricsDoor, { host: parts.host ?? config.HOST, port: config.METRICS_PORT, log });
  return {
    port: http.port,
    metricsPort: metricsServer?.port ?? null,
    drain: () => http.drain(),
    async close() {
      const finished = http.close();
      sse.close();
      await closeAll([() => liveDoor.close(), () => metricsServer?.close(), () => finished, () => subscriptions.close(), () => clients.close(), () => lookup.close(), () => licenses.close(), () => keys.close(), () => graph.close(), ...[...links.values()].map((link) => () => link.close()), () => redis?.disconnect()]);
    },
  };
}

function required(links: ReadonlyMap<string, SubgraphLink>, name: string): SubgraphLink {
  const link = links.get(name);
  if (link === undefined) throw new Error(`the gateway needs a link to ${name}`);
  return link;
}

function limitsOf(config: GatewayConfig): QueryLimits {
  return {
    tokens: config.MAX_QUERY_TOKENS,
    depth: config.MAX_QUERY_DEPTH,
    aliases: config.MAX_QUERY_ALIASES,
    rootFields: config.MAX_QUERY_ROOT_FIELDS,
    directives: config.MAX_QUERY_DIRECTIVES,
    fields: config.MAX_QUERY_FIELDS,
    cost: config.MAX_QUERY_COST,
  };
}
