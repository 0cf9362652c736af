import { systemClock } from '@iotistic/chassis/clock';
import { armConfiguredFailpoints, ConfigError, loadConfig } from '@iotistic/chassis/config';
import { lazyQueues } from '@iotistic/chassis/lazy-queues';
import { closeAll, drainFirst, type Running } from '@iotistic/chassis/lifecycle';
import { createLog } from '@iotistic/chassis/log';
import { createMetrics } from '@iotistic/chassis/metrics';
import { openLive } from '@iotistic/chassis/open-live';
import { startTelemetry } from '@iotistic/chassis/telemetry';
import { SUBGRAPH_NAMES } from '@iotistic/contracts/caller';
import { startGateway } from './app.ts';
import { createCallerSigner } from './caller.ts';
import { gatewayProcessConfig } from './config.ts';
import { httpLink } from './http-link.ts';
import { PATIENT_TIMEOUT_MS } from './subgraph-link.ts';

/** The gateway as a process of its own: `npm run start:gateway`. */
export async function startGatewayProcess(environment: NodeJS.ProcessEnv): Promise<Running & { port: number }> {
  const config = loadConfig(gatewayProcessConfig, environment);
  armConfiguredFailpoints(config);
  if (config.REDIS_URL === undefined && config.DATABASE_URL === undefined) throw new ConfigError(['REDIS_URL or DATABASE_URL: one of them carries the news that a credential was revoked']);
  const log = createLog({ level: config.LOG_LEVEL, name: 'gateway' });
  const telemetry = await startTelemetry({ environment, name: 'iotistic-gateway', log });
  const live = await openLive({ redisUrl: config.REDIS_URL, databaseUrl: config.DATABASE_URL, log });
  const queues = lazyQueues({ redisUrl: config.REDIS_URL, databaseUrl: config.DATABASE_URL ?? '', log });
  const signCaller = createCallerSigner(config.CALLER_PRIVATE_KEY, systemClock);
  const urls = { customers: config.CUSTOMERS_URL, billing: config.BILLING_URL, licensing: config.LICENSING_URL, usage: config.USAGE_URL };
  const links = SUBGRAPH_NAMES.map((name) => httpLink({ name, url: urls[name], signCaller, log, ...(name === 'billing' ? { timeoutMs: PATIENT_TIMEOUT_MS } : {}) }));
  try {
    const gateway = await startGateway(config, { links, live, queues, clock: systemClock, log, metrics: createMetrics({ defaults: true }) });
    log.info({ port: gateway.port }, 'the gateway serves the graph');
    const drainMs = config.DRAIN_MS;
    return { port: gateway.port, drainMs, close: () => closeAll([() => drainFirst(gateway, drainMs, () => Promise.resolve()), () => gateway.close(), () => queues.close(), () => live.close(), () => telemetry.close()]) };
  } catch (error) {
    await closeAll([...links.map((link) => () => link.close()), () => queues.close(), () => live.close(), () => telemetry.close()]);
    throw error;
  }
}
