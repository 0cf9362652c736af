import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '@iotistic/chassis/free-port';
import { emptyTestRedis } from '@iotistic/testkit/boot';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { Redis } from 'ioredis';
import pg from 'pg';
import { mainOf, ROOT } from './built.ts';

const ADMIN_TOKEN = 'an-admin-token-for-tests';
const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'] as const;
type Subgraph = (typeof SUBGRAPHS)[number];
type Gateway = 'gateway' | 'gateway-1';

export type ReplicaName = Subgraph | `${Subgraph}-1` | Gateway | 'stripe';

/**
 * The plane as separate processes, two of some of them, each to be ended, stopped and begun again. The second gateway asks the
 * second of each, so that what is sent to the first reaches its readers by the live bus.
 */
export class ReplicatedPlane {
  readonly #folder = mkdtempSync(join(tmpdir(), 'iotistic-replicated-'));
  readonly #keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  readonly #running = new Map<ReplicaName, StartedProcess>();
  readonly #ports = new Map<ReplicaName, number>();
  readonly #database: TestDatabase;
  readonly #redisUrl: string | undefined;
  readonly #replicated: readonly Subgraph[];
  #stripe: Record<string, string> = {};

  private constructor(database: TestDatabase, redisUrl: string | undefined, replicated: readonly Subgraph[]) {
    this.#database = database;
    this.#redisUrl = redisUrl;
    this.#replicated = replicated;
  }

  /** @param replicated of which there are two. */
  static async start(replicated: readonly Subgraph[]): Promise<ReplicatedPlane> {
    const plane = new ReplicatedPlane(await createTestDatabase({ template: 'replicated', migrate: () => Promise.resolve() }), await emptyTestRedis(), replicated);
    const seconds = replicated.map((name) => `${name}-1` as const);
    for (const name of ['stripe', ...SUBGRAPHS, ...seconds, 'gateway', 'gateway-1'] as const) plane.#ports.set(name, await findFreePort());
    await plane.#beginStripe();
    await Promise.all(SUBGRAPHS.map((name) => plane.begin(name)));
    // What they share is prepared by now.
    await Promise.all(seconds.map((name) => plane.begin(name)));
    await Promise.all([plane.begin('gateway'), plane.begin('gateway-1')]);
    return plane;
  }

  client(gateway: Gateway): GraphqlClient {
    return createGraphqlClient(this.#at(gateway, ''));
  }

  async metrics(name: ReplicaName): Promise<string> {
    return (await fetch(this.#at(name, '/metrics'))).text();
  }

  /** What it has said since it was begun. */
  output(name: ReplicaName): string {
    return this.#running.get(name)?.output() ?? '';
  }

  async begin(name: ReplicaName): Promise<void> {
    const [part, environment] = this.#partOf(name);
    const started = startProcess(process.execPath, [mainOf(part)], { ...environment, PORT: String(this.#ports.get(name)) });
    this.#running.set(name, started);
    await untilReady(this.#at(name, name === 'stripe' ? '/_sim/health' : '/readyz'), started);
  }

  /** SIGSTOP lets it hang, SIGCONT lets it go on. */
  signal(name: ReplicaName, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#running.get(name)?.child.kill(signal);
  }

  async kill(name: ReplicaName): Promise<void> {
    await this.#running.get(name)?.stop('SIGKILL');
  }

  /** Cuts what each process hears the live bus by. @returns how many were cut. */
  async cutLiveBus(): Promise<number> {
    if (this.#redisUrl !== undefined) {
      const operator = new Redis(this.#redisUrl);
      const count = Number(await operator.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
      operator.disconnect();
      return count;
    }
    const client = new pg.Client({ connectionString: this.#database.url });
    await client.connect();
    const { rowCount } = await client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'iotistic-listener' and datname = current_database()");
    await client.end();
    return rowCount ?? 0;
  }

  async stop(): Promise<void> {
    for (const { child } of this.#running.values()) child.kill('SIGCONT');
    await Promise.all([...this.#running.values()].map((started) => started.stop()));
    await this.#database.drop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #beginStripe(): Promise<void> {
    await this.begin('stripe');
    this.#stripe = { STRIPE_SECRET_KEY: 'sk_test_replicated', STRIPE_API_URL: this.#at('stripe', '') };
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'subgraphs/billing/dist/stripe-sync.js'), '--webhook-url', this.#at('gateway', '/api/webhooks/stripe')], { env: { PATH: process.env['PATH'] ?? '', ...this.#stripe } });
    for (const [, name = '', secret = ''] of stdout.matchAll(/(STRIPE_\w+)=(whsec_\w+)/g)) this.#stripe[name] = secret;
  }

  #partOf(name: ReplicaName): [part: string, environment: Record<string, string>] {
    if (name === 'stripe') return ['stripe-simulator', { DATA_DIR: join(this.#folder, 'stripe') }];
    // One instance reports here as a fleet does.
    const shared = { LOG_LEVEL: 'warn', REPORT_CALLS_PER_HOUR: '1000000', CUSTOMER_COST_PER_MINUTE: '0', DATABASE_URL: this.#database.url, ...(this.#redisUrl === undefined ? {} : { REDIS_URL: this.#redisUrl }) };
    if (name === 'gateway' || name === 'gateway-1') {
      const urls = Object.fromEntries(SUBGRAPHS.map((each) => [`${each.toUpperCase()}_URL`, this.#at(name === 'gateway-1' && this.#replicated.includes(each) ? `${each}-1` : each, '/graphql')]));
      return ['gateway', { ...shared, ...urls, ADMIN_API_TOKEN: ADMIN_TOKEN, CALLER_PRIVATE_KEY: this.#keys.privateKey }];
    }
    const own = { CALLER_PUBLIC_KEY: this.#keys.publicKey, LICENSE_KEYS_DIR: join(this.#folder, 'keys'), MAIL_DIR: join(this.#folder, 'mail'), SIMULATE_K8S_DEPLOYMENT: 'true' };
    return [`subgraphs/${name.replace(/-1$/, '')}`, { ...shared, ...own, ...this.#stripe }];
  }

  #at(name: ReplicaName, path: string): string {
    return `http://127.0.0.1:${this.#ports.get(name)}${path}`;
  }
}
