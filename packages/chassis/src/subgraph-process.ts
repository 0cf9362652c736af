import { parseCallerPublicKey, type SubgraphName } from '@iotistic/contracts/caller';
import { z } from 'zod';
import { armConfiguredFailpoints, commonConfig, ConfigError, envInt, loadConfig } from './config.ts';
import { closeAll, type Running } from './lifecycle.ts';
import { createLog } from './log.ts';
import { openPlatform } from './platform.ts';
import { openSubgraphDoor } from './subgraph-door.ts';
import type { RunningSubgraph } from './subgraph.ts';
import type { Platform } from './platform.ts';
import { startTelemetry } from './telemetry.ts';

/** What a subgraph reads besides its own when it is a process of its own. */
export const subgraphProcessConfig = z.object({
  ...commonConfig,
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  HOST: z.string().default('127.0.0.1'),
  PORT: envInt(0, 65_535).optional(),
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
  const platform = await openPlatform({ databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL, logLevel: config.LOG_LEVEL, name, log });
  const subgraph = await start(platform);
  const door = await openSubgraphDoor({ subgraph, host: config.HOST, port: config.PORT ?? defaultPort, callerPublicKey, clock: platform.clock, log: platform.log, metrics: platform.metrics });
  platform.log.info({ port: door.port }, `${name} serves its gateway`);
  return { port: door.port, close: () => closeAll([() => door.close(), () => platform.jobs.close(), () => subgraph.close(), () => platform.close(), () => telemetry.close()]) };
}

function readKey(text: string): ReturnType<typeof parseCallerPublicKey> {
  try {
    return parseCallerPublicKey(text);
  } catch {
    throw new ConfigError(['CALLER_PUBLIC_KEY: is no public key in PEM, or that in base64']);
  }
}
