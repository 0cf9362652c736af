import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startStripeSimulator, type StripeSimulator, type StripeSimulatorOptions } from './app.ts';

/** For tests: a simulator whose clock stands still until it is moved, and what a test does with it. */
export interface TestAccount {
  simulator: StripeSimulator;
  clock: { now(): Date; advance(ms: number): void };
  /** `new Stripe(account.key, account.client)` */
  key: string;
  client: { host: string; port: number; protocol: 'http'; maxNetworkRetries: number; telemetry: false };
  /** What was logged: nothing, where all went well. */
  logged: { message: string; fields: Record<string, unknown> }[];
  /** Asks a control. @throws Error with what it answers when it refuses. */
  simulate<T = Record<string, unknown>>(path: string, body?: unknown): Promise<T>;
  /** Ends this process's simulator and starts another one on the same data, at the same time. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const TEST_START = '2026-01-31T10:00:00.000Z';

export async function startTestAccount(options: Partial<StripeSimulatorOptions> & { start?: string } = {}): Promise<TestAccount> {
  const { start = TEST_START, ...rest } = options;
  let timeMs = new Date(start).getTime();
  const clock = options.clock ?? { now: () => new Date(timeMs), advance: (ms: number) => void (timeMs += ms) };
  const logged: TestAccount['logged'] = [];
  const open = (port: number): Promise<StripeSimulator> => startStripeSimulator({ dataDir: null, deliveryRetryMs: [10], ...rest, port, clock, log: (message, fields) => logged.push({ message, fields }) });
  const account: TestAccount = {
    simulator: await open(0),
    clock,
    key: 'sk_test_simulator',
    client: { host: '127.0.0.1', port: 0, protocol: 'http', maxNetworkRetries: 0, telemetry: false },
    logged,
    async simulate(path, body = {}) {
      const response = await fetch(`${account.simulator.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
      return JSON.parse(text);
    },
    async restart() {
      const { port } = account.simulator;
      await account.simulator.close();
      account.simulator = await open(port);
    },
    stop: () => account.simulator.close(),
  };
  account.client.port = account.simulator.port;
  return account;
}

export interface Received {
  body: string;
  headers: IncomingHttpHeaders;
  /** The event's id, as the body has it. */
  id: string;
  type: string;
}

/** An endpoint that keeps what it is sent. */
export interface Receiver {
  url: string;
  received: Received[];
  /** What it answers from now on; 200 at first. */
  status: number;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const { id, type } = JSON.parse(body) as { id: string; type: string };
      receiver.received.push({ body, headers: request.headers, id, type });
      response.writeHead(receiver.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    status: 200,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
