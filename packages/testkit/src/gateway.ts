import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Clock, systemClock } from '@iotistic/chassis/clock';
import { loadConfig } from '@iotistic/chassis/config';
import { findFreePort } from '@iotistic/chassis/free-port';
import type { HttpServer } from '@iotistic/chassis/http-server';
import type { QueueOverview } from '@iotistic/chassis/queue-overview';
import type { Live } from '@iotistic/chassis/live';
import { createLog, type Log } from '@iotistic/chassis/log';
import { createMetrics, type Metrics } from '@iotistic/chassis/metrics';
import { openSubgraphDoor } from '@iotistic/chassis/subgraph-door';
import { SUBGRAPH_NAMES, type SubgraphName } from '@iotistic/contracts/caller';
import { startGateway } from '@iotistic/gateway/app';
import { createCallerSigner } from '@iotistic/gateway/caller';
import { gatewayConfig } from '@iotistic/gateway/config';
import { httpLink } from '@iotistic/gateway/http-link';
import { inProcessLink, type SubgraphLink } from '@iotistic/gateway/subgraph-link';
import { createGraphqlClient, type GraphqlClient } from './client.ts';
import { createFakeGraph, type FakeGraph } from './fake-graph.ts';

export const TEST_ADMIN_TOKEN = 'test-admin-token-0123456789';

/** A live bus of one process. */
export interface TestLive extends Live {
  /** As after a loss of the line. */
  miss(): void;
}

export interface TestGateway {
  url: string;
  fake: FakeGraph;
  live: TestLive;
  metrics: Metrics;
  client: GraphqlClient;
  admin: GraphqlClient;
  stop(): Promise<void>;
}

/** The real gateway before fake subgraphs, which it reaches in this process or by the links given. */
export async function startTestGateway(options: { clock?: Clock; environment?: Record<string, string>; fake?: FakeGraph; links?: readonly SubgraphLink[]; queues?: QueueOverview; log?: Log } = {}): Promise<TestGateway> {
  const fake = options.fake ?? createFakeGraph();
  const live = createTestLive();
  const metrics = createMetrics();
  const config = loadConfig(gatewayConfig, { NODE_ENV: 'test', PORT: '0', ADMIN_API_TOKEN: TEST_ADMIN_TOKEN, ...options.environment });
  const links = options.links ?? SUBGRAPH_NAMES.map((name) => inProcessLink(fake.subgraphs[name]));
  const gateway = await startGateway(config, { links, live, clock: options.clock ?? systemClock, log: options.log ?? createLog({ level: 'silent', name: 'test' }), metrics, ...(options.queues === undefined ? {} : { queues: options.queues }) });
  const url = `http://127.0.0.1:${gateway.port}`;
  const client = createGraphqlClient(url);
  return { url, fake, live, metrics, client, admin: client.as({ bearer: TEST_ADMIN_TOKEN }), stop: () => gateway.close() };
}

function createTestLive(): TestLive {
  const listeners = new Map<string, Set<(message: string) => void>>();
  const gapListeners = new Set<() => void>();
  return {
    publish(topic, message) {
      for (const listener of listeners.get(topic) ?? []) listener(message);
      return Promise.resolve();
    },
    subscribe(topic, listener) {
      const own = listeners.get(topic) ?? new Set();
      listeners.set(topic, own.add(listener));
      return () => own.delete(listener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    ready: () => Promise.resolve(true),
    close: () => Promise.resolve(),
    miss() {
      for (const listener of gapListeners) listener();
    },
  };
}

/** Fake subgraphs behind real doors, and links that lead there. */
export interface RemoteSubgraphs {
  links: readonly SubgraphLink[];
  doors: Record<SubgraphName, HttpServer>;
  /** Ends a subgraph's server, as a crash or a deployment would, and begins it again at the same place. */
  stop(name: SubgraphName): Promise<void>;
  start(name: SubgraphName): Promise<void>;
  stopAll(): Promise<void>;
}

export async function startRemoteSubgraphs(fake: FakeGraph, options: { timeoutMs?: number; signedBy?: KeyObject } = {}): Promise<RemoteSubgraphs> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const log = createLog({ level: 'silent', name: 'test' });
  const open = (name: SubgraphName, port: number): Promise<HttpServer> => openSubgraphDoor({ subgraph: fake.subgraphs[name], host: '127.0.0.1', port, callerPublicKey: publicKey, clock: systemClock, log, metrics: createMetrics() });
  const doors = Object.fromEntries(await Promise.all(SUBGRAPH_NAMES.map(async (name) => [name, await open(name, await findFreePort())] as const))) as RemoteSubgraphs['doors'];
  const signCaller = createCallerSigner(options.signedBy ?? privateKey, systemClock);
  const stopped = new Set<SubgraphName>();
  const stop = async (name: SubgraphName): Promise<void> => {
    if (stopped.has(name)) return;
    stopped.add(name);
    const closed = doors[name].close();
    doors[name].server.closeAllConnections();
    await closed;
  };
  return {
    links: SUBGRAPH_NAMES.map((name) => httpLink({ name, url: `http://127.0.0.1:${doors[name].port}`, signCaller, log, ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }) })),
    doors,
    stop,
    async start(name) {
      doors[name] = await open(name, doors[name].port);
      stopped.delete(name);
    },
    stopAll: async () => void (await Promise.all(SUBGRAPH_NAMES.map(stop))),
  };
}
