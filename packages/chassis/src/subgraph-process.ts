import { parseCallerPublicKey, type SubgraphName } from '@iotistic/contracts/caller';
import { z } from 'zod';
import { MIN_CONNECTIONS } from './connection-budget.ts';
import { armConfiguredFailpoints, commonConfig, ConfigError, envInt, loadConfig } from './config.ts';
import { databaseUrl } from './database-url.ts';
import { closeAll, drainFirst, type Running } from './lifecycle.ts';
import { createLog } from './log.ts';
import { metricsConfig } from './metrics-door.ts';
import { openPlatform } from './platform.ts';
import { openSubgraphDoor } from './subgraph-door.ts';
import type { RunningSubgraph } from './subgraph.ts';
import type { Platform } from './platform.ts';
import { startTelemetry } from './telemetry.ts';

/** What a subgraph reads besides its own when it is a process of its own. */
export const subgraphProcessConfig = z.object({
  ...commonConfig,
  ...metricsConfig,
  DATABASE_URL: databaseUrl,
  HOST: z.string().default('127.0.0.1'),
  PORT: envInt(0, 65_535).optional(),
  /** What this process opens in all, with Redis; without, the queues and the live bus come to it. */
  DATABASE_MAX_CONNECTIONS: envInt(MIN_CONNECTIONS, 1_000).optional(),
  /** Ed25519 public key of the gateway, SPKI PEM or that in base64. */
  CALLER_PUBLIC_KEY: z.string(),
});

/** One subgraph as a process of its own: `npm run start:usage`. */
export async function startSubgraphProcess(name: SubgraphName, defaultPort: number, environment: NodeJS.ProcessEnv, start: (platform: Platform) => Promise<RunningSubgraph>): Promise<Running & { port: number }> {
  const config = loadConfig(subgraphProcessConfig, environment);
  armConfiguredFailpoints(config);
  const callerPublicKey = readKey(config.CALLER_PUBLIC_KEY);
  const log = createLog({ level: config.LOG_LEVEL, name });
  const telemetry = await startTelemetry({ environment, name: `iotistic-${name}`, log });
  const platform = await openPlatform({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, logLevel: config.LOG_LEVEL, name, log, budget: { maximum: config.DATABASE_MAX_CONNECTIONS, hasRedis: config.REDIS_URL !== undefined } });
  const subgraph = await start(platform);
  const door = await openSubgraphDoor({ subgraph, host: config.HOST, port: config.PORT ?? defaultPort, callerPublicKey, clock: platform.clock, log: platform.log, metrics: platform.metrics, metricsToken: config.METRICS_TOKEN, metricsPort: config.METRICS_PORT });
  platform.log.info({ port: door.port }, `${name} serves its gateway`);
  const drainMs = config.DRAIN_MS;
  return { port: door.port, drainMs, close: () => closeAll([() => drainFirst(door, drainMs, () => platform.jobs.stopWorking()), () => door.close(), () => platform.jobs.close(), () => subgraph.close(), () => platform.close(), () => telemetry.close()]) };
}

function readKey(text: string): ReturnType<typeof parseCallerPublicKey> {
  try {
    return parseCallerPublicKey(text);
  } catch {
    throw new ConfigError(['CALLER_PUBLIC_KEY: is no public key in PEM, or that in base64']);
  }
}
