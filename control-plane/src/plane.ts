import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RunningBilling, startBilling } from '@iotistic/billing/app';
import { billingConfig } from '@iotistic/billing/config';
import { type Clock, createMovableClock, type MovableClock, systemClock } from '@iotistic/chassis/clock';
import { armConfiguredFailpoints, ConfigError, loadConfig } from '@iotistic/chassis/config';
import { closeAll, drainFirst, type Running } from '@iotistic/chassis/lifecycle';
import { createLog } from '@iotistic/chassis/log';
import { openPlatform, type Platform } from '@iotistic/chassis/platform';
import type { RunningSubgraph } from '@iotistic/chassis/subgraph';
import { startTelemetry } from '@iotistic/chassis/telemetry';
import { readSetting } from '@iotistic/contracts/setting';
import { startCustomers } from '@iotistic/customers/app';
import { customersConfig } from '@iotistic/customers/config';
import { startGateway } from '@iotistic/gateway/app';
import { gatewayConfig } from '@iotistic/gateway/config';
import { inProcessLink } from '@iotistic/gateway/subgraph-link';
import { startLicensing } from '@iotistic/licensing/app';
import { licensingConfig } from '@iotistic/licensing/config';
import { startUsage } from '@iotistic/usage/app';
import { usageConfig } from '@iotistic/usage/config';
import { findOrCreateAdminToken } from './admin-token.ts';
import { missingInProduction, type PlaneConfig } from './config.ts';
import { openOrStartDatabase } from './database.ts';
import { startSimulator, usesSimulator } from './stripe.ts';

export interface RunningPlane extends Running {
  url: string;
  adminToken: string;
  /** Where the operator's token is read from; null where ADMIN_API_TOKEN has it. */
  adminTokenFile: string | null;
  dataDir: string;
  /** The simulator's; null where a real account is used. */
  stripeUrl: string | null;
  clock: Clock;
  /** Where mails go, in words. */
  mail: string;
  startedInMs: number;
}

interface Subgraphs {
  all: RunningSubgraph[];
  billing: RunningBilling;
}

/**
 * The whole plane in this process: database, four subgraphs, their workers and the gateway, which calls them without HTTP.
 * @param environment what the parts read besides: each takes only what it knows.
 * @param options.startsBehindMs where the simulated time begins, on a data folder that has none yet.
 * @throws ConfigError when production is asked for without what production needs.
 */
export async function startPlane(config: PlaneConfig, environment: NodeJS.ProcessEnv, options: { clock?: MovableClock; startsBehindMs?: number } = {}): Promise<RunningPlane> {
  const startedAt = performance.now();
  const problems = missingInProduction(config);
  if (problems.length > 0) throw new ConfigError(problems);
  armConfiguredFailpoints(config);
  // Others may pass through, not look: started by root, PostgreSQL is another user. Each secret in it has a mode of its own.
  mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o711 });
  const log = createLog({ level: config.LOG_LEVEL, name: 'control-plane' });
  const admin = findOrCreateAdminToken(config.ADMIN_API_TOKEN, config.DATA_DIR);
  const closing: (() => unknown)[] = [];
  let subgraphs: Subgraphs | null = null;
  const runScheduled = async (): Promise<void> => void (await Promise.all((subgraphs?.all ?? []).map((subgraph) => subgraph.runScheduled())));
  try {
    const telemetry = await startTelemetry({ environment, name: 'iotistic-control-plane', log });
    closing.unshift(() => telemetry.close());
    const simulated = usesSimulator(config);
    const clock = options.clock ?? (simulated ? createMovableClock({ file: join(config.DATA_DIR, 'clock.json'), startsBehindMs: options.startsBehindMs ?? 0 }) : systemClock);
    const stripe = simulated ? await startSimulator(config, clock as MovableClock, log.child({ service: 'stripe-simulator' }), runScheduled) : null;
    closing.unshift(() => stripe?.simulator.close());
    const database = await openOrStartDatabase(config.DATABASE_URL, config.DATA_DIR, log);
    closing.unshift(() => database.stop());
    const platform = await openPlatform({ databaseUrl: database.url, redisUrl: config.REDIS_URL, logLevel: config.LOG_LEVEL, name: 'control-plane', log, clock });
    closing.unshift(() => platform.close());
    const started = await startSubgraphs(config, { ...environment, ...stripe?.environment }, platform);
    subgraphs = started;
    // Workers stop before the databases that they write to.
    closing.unshift(() => platform.jobs.close(), () => closeAll(started.all.map((subgraph) => () => subgraph.close())));
    // Who asks is answered from the start on, but nothing can be bought before Stripe has the catalogue.
    let isConnected = stripe === null;
    const gateway = await startGateway(loadConfig(gatewayConfig, { ...environment, PORT: String(config.PORT), HOST: config.HOST, ADMIN_API_TOKEN: admin.token }), {
      links: started.all.map((subgraph) => inProcessLink({ ...subgraph, ready: async () => isConnected && (await subgraph.ready()) })),
      live: platform.live,
      queues: platform.jobs,
      clock: platform.clock,
      log: log.child({ service: 'gateway' }),
      metrics: platform.metrics,
    });
    closing.unshift(() => drainFirst(gateway, config.DRAIN_MS, () => platform.jobs.stopWorking()), () => gateway.close());
    if (stripe !== null) await started.billing.connectStripe({ webhookUrl: `http://127.0.0.1:${gateway.port}/api/webhooks/stripe` });
    isConnected = true;
    return {
      url: `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${gateway.port}`,
      adminToken: admin.token,
      adminTokenFile: admin.file ?? givenTokenFile(environment),
      dataDir: resolve(config.DATA_DIR),
      clock,
      stripeUrl: stripe?.simulator.url ?? null,
      mail: config.SMTP_URL === undefined ? resolve(mailDirOf(config)) : 'by SMTP',
      startedInMs: performance.now() - startedAt,
      drainMs: config.DRAIN_MS,
      close: () => closeAll(closing),
    };
  } catch (error) {
    await closeAll(closing).catch((err: unknown) => log.warn({ err }, 'what had started did not close'));
    throw error;
  }
}

async function startSubgraphs(config: PlaneConfig, environment: NodeJS.ProcessEnv, platform: Platform): Promise<Subgraphs> {
  const address = config.PORT === 0 ? {} : { CONSOLE_URL: `${ownUrl(config)}/`, CONTROL_PLANE_URL: ownUrl(config) };
  const local = { ...withDefaults(environment, { ...address, LICENSE_KEYS_DIR: join(config.DATA_DIR, 'keys') }), MAIL_DIR: mailDirOf(config) };
  const [customers, billing, licensing, usage] = await Promise.all([
    startCustomers(loadConfig(customersConfig, local), platform),
    startBilling(loadConfig(billingConfig, local), platform),
    startLicensing(loadConfig(licensingConfig, local), platform),
    startUsage(loadConfig(usageConfig, local), platform),
  ]);
  return { all: [customers, billing, licensing, usage], billing };
}

/** The file that the operator's token was given in; null where the environment has the token itself. */
function givenTokenFile(environment: NodeJS.ProcessEnv): string | null {
  return readSetting(environment['ADMIN_API_TOKEN']) === null ? readSetting(environment['ADMIN_API_TOKEN_FILE']) : null;
}

/** These where the environment says nothing, by name or by file. */
function withDefaults(environment: NodeJS.ProcessEnv, defaults: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const unset = Object.entries(defaults).filter(([name]) => readSetting(environment[name]) === null && readSetting(environment[`${name}_FILE`]) === null);
  return { ...environment, ...Object.fromEntries(unset) };
}

/** Where a program on this machine reaches this plane, unless it is told otherwise: what listens on all networks answers here too. */
function ownUrl({ HOST, PORT }: PlaneConfig): string {
  const host = ['0.0.0.0', '::', '[::]'].includes(HOST) ? '127.0.0.1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

function mailDirOf(config: PlaneConfig): string {
  return config.MAIL_DIR ?? join(config.DATA_DIR, 'mail');
}
