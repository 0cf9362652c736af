import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, createMovableClock, type MovableClock, systemClock } from '@iotistic/chassis/clock';
import { findFreePort } from '@iotistic/chassis/free-port';
import type { Log } from '@iotistic/chassis/log';
import { listenFailure } from '@iotistic/chassis/start-failure';
import { type StripeSimulator, startStripeSimulator } from '@iotistic/stripe-simulator/app';
import type { PlaneConfig } from './config.ts';

/** Any key that looks like one of a test account: the simulator knows but one account. */
const SIMULATOR_KEY = 'sk_test_simulator';

/** Whether this plane talks to a Stripe of its own: when it was given no account, and in production only when asked for by name. */
export function usesSimulator(config: PlaneConfig): boolean {
  return config.STRIPE_SECRET_KEY === undefined && (config.NODE_ENV !== 'production' || config.STRIPE_SIMULATOR);
}

/** The time as the plane on this data folder has it: the simulator's, which goes on after a restart, else the system's. */
export function planeClock(config: PlaneConfig): Clock {
  return usesSimulator(config) ? createMovableClock({ file: join(config.DATA_DIR, 'clock.json') }) : systemClock;
}

/**
 * Stripe without an account. It shares the plane's clock: `/_sim/time` moves both, and after each step the plane does
 * what has fallen due.
 */
export async function startSimulator(config: PlaneConfig, clock: MovableClock, log: Log, onTime: () => Promise<void>): Promise<{ simulator: StripeSimulator; environment: NodeJS.ProcessEnv }> {
  const dataDir = join(config.DATA_DIR, 'stripe');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const port = config.STRIPE_SIMULATOR_PORT ?? (await samePort(join(dataDir, 'port')));
  const simulator = await startStripeSimulator({
    port,
    dataDir,
    clock,
    log: (message, fields) => log.info(fields, message),
    onTime,
  }).catch((error: unknown) => {
    throw listenFailure(error, { host: '127.0.0.1', port }, { host: 'HOST', port: 'STRIPE_SIMULATOR_PORT' });
  });
  return { simulator, environment: { STRIPE_SECRET_KEY: SIMULATOR_KEY, STRIPE_API_URL: simulator.url } };
}

/** The one of the last start where it is free, so that the links on old invoices still lead somewhere. */
async function samePort(file: string): Promise<number> {
  const last = readPort(file);
  const port = last !== null && (await isFree(last)) ? last : await findFreePort();
  if (port !== last) writeFileSync(file, String(port));
  return port;
}

function readPort(file: string): number | null {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch {
    return null;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
