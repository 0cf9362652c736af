/** An upgrade as an orchestrator does it: two of each part, each replaced in turn by SIGTERM and a new one, under load, behind a balancer that asks /readyz. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { findRedis, type TestRedis } from '@iotistic/testkit/redis';
import { waitFor } from '@iotistic/testkit/wait';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { build } from '../built.ts';
import { reportOf, SIGN_UP } from '../documents.ts';
import { findHaproxy, PARTS, Replicas } from './replicas.ts';

/** ROLLING_REQUESTS=10000 for the long run. */
const REQUESTS = Number(process.env['ROLLING_REQUESTS'] ?? 3_000);
const REQUESTS_PER_SECOND = 100;
const CLIENTS = 10;
const WATCHERS = 6;

const haproxy = findHaproxy();
const redis: TestRedis | null = haproxy === null ? null : await findRedis({ PATH: process.env['PATH'] });
if (haproxy === null || redis === null) process.stderr.write("no haproxy or redis-server (Debian's packages): the rolling restart is skipped\n");

describe.skipIf(haproxy === null || redis === null)('a rolling restart of two of each part', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iotistic-rolling-'));
  let database: TestDatabase;
  let plane: Replicas;
  let customerId: string;
  let user: GraphqlClient;
  let instance: GraphqlClient;
  const failures: string[] = [];
  /** What is being replaced, for whoever reads a failure. */
  let phase = 'before';
  /** Answered SUBGRAPH_TIMEOUT, which a machine with too much to do brings about by itself. */
  let late = 0;
  let isStarved = false;
  const counts = { requests: 0, sent: 0, reports: 0, names: 0 };
  const watchers: Watcher[] = [];

  beforeAll(async () => {
    await build();
    database = await createTestDatabase({ template: 'processes', migrate: () => Promise.resolve() });
    plane = await Replicas.start({ folder, databaseUrl: database.url, redisUrl: redis?.url ?? '', count: 2, haproxy: haproxy ?? '', environment: { DRAIN_MS: '6000' }, of: Object.fromEntries(PARTS.map((part) => [part, part === 'gateway' ? {} : { DATABASE_MAX_CONNECTIONS: '10' }])) });
    const client = createGraphqlClient(plane.url('gateway'));
    const { signUp } = await client.ask<{ signUp: { customer: { id: string }; session: { token: string } } }>(SIGN_UP, { input: { email: 'rolling@example.com', password: 'correct horse', companyName: 'Acme 0' } });
    customerId = signUp.customer.id;
    user = client.as({ bearer: signUp.session.token });
    const { createApiKey } = await user.ask<{ createApiKey: { secret: string } }>('mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret } }', { input: { customerId, name: 'k' } });
    instance = client.as({ apiKey: createApiKey.secret });
    for (let index = 0; index < WATCHERS; index += 1) watchers.push(new Watcher(plane.url('gateway'), signUp.session.token, customerId));
    await Promise.all(watchers.map(({ opened }) => opened));
  }, 600_000);
  afterAll(async () => {
    for (const watcher of watchers) watcher.stop();
    await plane?.stop();
    await database?.drop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const QUERY = 'query ($id: ID!) { customer(id: $id) { companyName subscription { status } license { status } latestUsage { activeDevices } } }';
  const REPORT = 'mutation ($input: ReportUsageInput!) { reportUsage(input: $input) { accepted } }';
  const RENAME = 'mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) { customer { id } } }';
  const LICENSE = 'mutation ($input: FetchLicenseInput!) { fetchLicense(input: $input) { license { token } } }';

  /** One request of each kind in turn: what reads, what may come twice, and what may not. */
  async function sendOne(client: number): Promise<void> {
    const turn = counts.requests;
    counts.requests += 1;
    const name = `instance-${client}`;
    const kind = turn % 10;
    if (kind < 4) return void (await user.ask(QUERY, { id: customerId }));
    if (kind < 8) {
      counts.sent += 1;
      const { reportUsage } = await instance.ask<{ reportUsage: { accepted: number } }>(REPORT, { input: { instance: name, reports: [reportOf({ minutesAgo: 1 })] } });
      counts.reports += reportUsage.accepted;
      return;
    }
    if (kind === 8) return void (await instance.ask(LICENSE, { input: { instance: name } }));
    await user.ask(RENAME, { input: { id: customerId, companyName: `Acme ${turn}` } });
    counts.names += 1;
  }

  async function load(client: number, isOver: () => boolean): Promise<void> {
    const everyMs = (CLIENTS * 1_000) / REQUESTS_PER_SECOND;
    while (!isOver()) {
      const startedMs = performance.now();
      await sendOne(client).catch((error: unknown) => {
        const text = error instanceof Error ? `${error.message} ${(error.cause as Error | undefined)?.message ?? ''}` : String(error);
        if (text.includes('SUBGRAPH_TIMEOUT')) late += 1;
        else failures.push(`${phase}: ${text}`);
      });
      isStarved ||= (loadavg()[0] ?? 0) > 4 * availableParallelism();
      await pause(Math.max(0, everyMs - (performance.now() - startedMs)));
    }
  }

  it(`fails none of ${REQUESTS} requests and more, and each process ends with 0`, async () => {
    let isRestarted = false;
    const clients = Array.from({ length: CLIENTS }, (_, client) => load(client, () => isRestarted && counts.requests >= REQUESTS));
    const ends: unknown[] = [];
    for (const part of PARTS) {
      for (const index of [0, 1]) {
        phase = `${part} ${index}`;
        ends.push([part, index, await plane.process(part, index).stop('SIGTERM')]);
        await plane.startOne(part, index);
      }
    }
    isRestarted = true;
    await Promise.all(clients);
    expect(ends).toEqual(PARTS.flatMap((part) => [0, 1].map((index) => [part, index, 0])));
    expect({ failed: failures.length, first: failures.slice(0, 5) }).toEqual({ failed: 0, first: [] });
    if (isStarved) process.stderr.write(`the machine had far too much to do: ${late} of ${counts.requests} requests were late\n`);
    expect(isStarved ? 0 : late).toBe(0);
  }, 1_200_000);

  it('has every report that was answered, once', async () => {
    const { customer } = await user.ask<{ customer: { usageReports: { totalCount: number } } }>('query ($id: ID!) { customer(id: $id) { usageReports(first: 1) { totalCount } } }', { id: customerId });
    expect([counts.reports > 0, counts.names > 0]).toEqual([true, true]);
    // One that was late may be stored all the same; one that was answered is.
    expect(customer.usageReports.totalCount).toBeGreaterThanOrEqual(counts.reports);
    expect(customer.usageReports.totalCount).toBeLessThanOrEqual(late === 0 ? counts.reports : counts.sent);
  });

  it('closes live sockets with 1001 only, and each goes on where another gateway answers', async () => {
    expect([...new Set(watchers.flatMap(({ codes }) => codes))]).toEqual([1001]);
    await waitFor(async () => {
      await instance.ask(REPORT, { input: { instance: 'last', reports: [reportOf({ minutesAgo: 1, activeDevices: 77 })] } });
      expect(watchers.map(({ seen }) => seen.has(77))).toEqual(watchers.map(() => true));
    }, { timeout: 60_000, interval: 500 });
  });
});

/** A live client that comes back by itself, as ours and graphql-ws's own do. */
class Watcher {
  readonly codes: number[] = [];
  readonly seen = new Set<number>();
  readonly opened: Promise<void>;
  readonly #client: Client;

  constructor(url: string, token: string, customerId: string) {
    let open = (): void => undefined;
    this.opened = new Promise((resolve) => {
      open = resolve;
    });
    this.#client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 1_000,
      shouldRetry: () => true,
      retryWait: () => pause(200),
      on: { connected: () => open(), closed: (event) => void this.codes.push((event as { code: number }).code) },
    });
    const hear = ({ data }: { data?: { usageReported?: { activeDevices: number } } | null }): void => {
      if (data?.usageReported !== undefined) this.seen.add(data.usageReported.activeDevices);
    };
    this.#client.subscribe({ query: 'subscription ($id: ID!) { usageReported(customerId: $id) { activeDevices customer { companyName } } }', variables: { id: customerId } }, { next: hear as never, error: () => undefined, complete: () => undefined });
  }

  stop(): void {
    void this.#client.dispose();
  }
}
