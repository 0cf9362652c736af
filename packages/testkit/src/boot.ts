import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MovableClock } from '@iotistic/chassis/clock';
import { loadConfig } from '@iotistic/chassis/config';
import { planeConfig } from '@iotistic/control-plane/config';
import { type RunningPlane, startPlane } from '@iotistic/control-plane/plane';
import { Redis } from 'ioredis';
import { createGraphqlClient, type GraphqlClient } from './client.ts';
import { createTestDatabase } from './database.ts';

export interface BootedPlane {
  plane: RunningPlane;
  /** Without a credential. */
  client: GraphqlClient;
  admin: GraphqlClient;
  databaseUrl: string;
  /** Asks the simulator's own controls (`/_sim/time`). @throws Error with what it answers when it refuses. */
  simulate<T = Record<string, unknown>>(path: string, body?: Record<string, unknown>): Promise<T>;
  stop(): Promise<void>;
}

/** Where TEST_REDIS_URL is set the same suites run on Redis: emptied first, since every plane names its queues alike. */
export async function emptyTestRedis(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const url = environment['TEST_REDIS_URL'];
  if (url === undefined || url === '') return undefined;
  const connection = new Redis(url);
  await connection.flushall();
  connection.disconnect();
  return url;
}

/** The whole plane in this process, on a database of its own. */
export async function bootPlane(options: { clock?: MovableClock; environment?: Record<string, string> } = {}): Promise<BootedPlane> {
  const dataDir = mkdtempSync(join(tmpdir(), 'iotistic-plane-'));
  const database = await createTestDatabase({ template: 'plane', migrate: () => Promise.resolve() });
  const redisUrl = await emptyTestRedis();
  const environment = { NODE_ENV: 'test', LOG_LEVEL: 'warn', PORT: '0', DRAIN_MS: '0', DATA_DIR: dataDir, DATABASE_URL: database.url, ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }), ...options.environment };
  const plane = await startPlane(loadConfig(planeConfig, environment), environment, options.clock === undefined ? {} : { clock: options.clock });
  const client = createGraphqlClient(plane.url);
  return {
    plane,
    client,
    admin: client.as({ bearer: plane.adminToken }),
    databaseUrl: database.url,
    simulate: (path, body = {}) => simulate(plane.stripeUrl ?? '', path, body),
    async stop() {
      await plane.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What the simulator at this address answers to one of its own controls. @throws Error with its refusal. */
export async function simulate<T>(stripeUrl: string, path: string, body: Record<string, unknown>): Promise<T> {
  const response = await fetch(`${stripeUrl}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
