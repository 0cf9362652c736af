import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { billingDueHandlers } from './billing/due.ts';
import { controlRoutes, type Controls } from './control/control-routes.ts';
import { endpoints } from './endpoints.ts';
import { Faults } from './faults.ts';
import { openSimulation, type OpenSimulation, type SimulatorClock } from './open-simulation.ts';
import { pageRoutes } from './pages/routes.ts';
import type { Pipeline } from './pipeline.ts';
import { planPurge, PURGE, purge } from './purge.ts';
import { Router } from './router.ts';
import { requestListener } from './request-listener.ts';
import type { AccountSettings, DueHandler } from './simulation.ts';
import { Timekeeper } from './timekeeper.ts';
import { DEFAULT_RETRY_MS, Deliverer } from './webhooks/deliverer.ts';

export type { SimulatorClock } from './open-simulation.ts';

export interface StripeSimulatorOptions {
  /** 0 for a free one. */
  port: number;
  /** Where the account is kept; null keeps it in memory. */
  dataDir: string | null;
  /** The account's time is the host's. */
  clock: SimulatorClock;
  log?: (message: string, fields: Record<string, unknown>) => void;
  /** The host's own work after each step of `/_sim/time`. */
  onTime?: (now: Date) => Promise<void>;
  settings?: Partial<AccountSettings>;
  /** How long after a failed delivery the next attempt is made, in ms of real time; the last one repeats. */
  deliveryRetryMs?: readonly number[];
}

export interface StripeSimulator {
  port: number;
  url: string;
  /** No webhook is under way or about to be; those that wait for another attempt are not waited for. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const KEEP_ALIVE_MS = 65_000;
/** How long requests, and then a step of time that waits for its host, may take to end when the simulator is closed. */
const CLOSING_MS = 2_000;

/** Starts a Stripe of its own on 127.0.0.1. @throws Error when the port is taken or the account's data cannot be read. */
export async function startStripeSimulator(options: StripeSimulatorOptions): Promise<StripeSimulator> {
  const log = options.log ?? (() => undefined);
  const simulation = openSimulation(options);
  const deliverer = new Deliverer(simulation, options.deliveryRetryMs ?? DEFAULT_RETRY_MS, log);
  const timekeeper = new Timekeeper({
    simulation,
    clock: options.clock,
    handlers: { ...billingDueHandlers, ...ownDueHandlers(simulation) },
    settle: () => deliverer.idle(),
    retryDeliveries: () => deliverer.retryDue(),
    onTime: options.onTime ?? (() => Promise.resolve()),
    log,
  });
  simulation.onCommitted = (deliveries) => {
    deliverer.add(deliveries);
    timekeeper.poke();
  };
  const faults = new Faults();
  const pipeline: Pipeline = { simulation, router: new Router(endpoints), faults, keysInUse: new Set(), log };
  const controls: Controls = { simulation, clock: options.clock, timekeeper, deliverer, faults, prepare: () => planPurge(simulation) };
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, requestListener({ pipeline, pages: new Router(pageRoutes), controls, controlRouter: new Router(controlRoutes), log }));
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  simulation.origin = `http://${HOST}:${port}`;
  planPurge(simulation);
  deliverer.resume();
  timekeeper.poke();
  return {
    port,
    url: simulation.origin,
    idle: () => deliverer.idle(),
    async close() {
      const stoodStill = timekeeper.close();
      await deliverer.close();
      await stopListening(server);
      await Promise.race([stoodStill, wait(CLOSING_MS, undefined, { ref: false })]);
      simulation.store.close();
    },
  };
}

function ownDueHandlers(simulation: OpenSimulation): Record<string, DueHandler> {
  return { [PURGE]: () => purge(simulation) };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function stopListening(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(timer);
}
