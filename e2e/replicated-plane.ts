import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@iotistic/chassis/free-port';
import { emptyTestRedis } from '@iotistic/testkit/boot';
import { createGraphqlClient, type GraphqlClient } from '@iotistic/testkit/client';
import { createTestDatabase, type TestDatabase } from '@iotistic/testkit/database';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { mainOf } from './built.ts';

const ADMIN_TOKEN = 'an-admin-token-for-tests';
/** Two of usage, and a gateway for each, so that what one is sent reaches the readers of the other by the live bus. */
const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage', 'usage-1'] as const;
const GATEWAYS = { gateway: 'usage', 'gateway-1': 'usage-1' } as const;

export type ReplicaName = (typeof SUBGRAPHS)[number] | keyof typeof GATEWAYS | 'stripe';

/** The plane as separate processes, two of some of them, each to be ended, stopped and begun again. */
export class ReplicatedPlane {
  readonly #folder = mkdtempSync(join(tmpdir(), 'iotistic-replicated-'));
  readonly #keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  readonly #running = new Map<ReplicaName, StartedProcess>();
  readonly #ports = new Map<ReplicaName, number>();
  readonly #database: TestDatabase;
  readonly #shared: Record<string, string>;

  private constructor(database: TestDatabase, redisUrl: string | undefined) {
    this.#database = database;
    this.#shared = { LOG_LEVEL: 'warn', DATABASE_URL: database.url, ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }) };
  }

  /** @param redisUrl instead of the one that the suites run on. */
  static async start(redisUrl?: string): Promise<ReplicatedPlane> {
    const plane = new ReplicatedPlane(await createTestDatabase({ template: 'replicated', migrate: () => Promise.resolve() }), redisUrl ?? (await emptyTestRedis()));
    const names: ReplicaName[] = ['stripe', ...SUBGRAPHS, 'gateway', 'gateway-1'];
    for (const name of names) plane.#ports.set(name, await findFreePort());
    // One after another where they share a schema: the second finds it prepared.
    await plane.begin('stripe');
    await Promise.all((['customers', 'billing', 'licensing', 'usage'] as const).map((name) => plane.begin(name)));
    await plane.begin('usage-1');
    await Promise.all([plane.begin('gateway'), plane.begin('gateway-1')]);
    return plane;
  }

  get databaseUrl(): string {
    return this.#database.url;
  }

  client(gateway: keyof typeof GATEWAYS): GraphqlClient {
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

  /** SIGKILL ends it, SIGSTOP lets it hang, SIGCONT lets it go on. */
  signal(name: ReplicaName, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#running.get(name)?.child.kill(signal);
  }

  async kill(name: ReplicaName): Promise<void> {
    await this.#running.get(name)?.stop('SIGKILL');
  }

  async stop(): Promise<void> {
    for (const { child } of this.#running.values()) child.kill('SIGCONT');
    await Promise.all([...this.#running.values()].map((started) => started.stop()));
    await this.#database.drop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #partOf(name: ReplicaName): [part: string, environment: Record<string, string>] {
    const stripe = { STRIPE_SECRET_KEY: 'sk_test_replicated', STRIPE_API_URL: this.#at('stripe', ''), STRIPE_WEBHOOK_SECRET: 'whsec_replicated', STRIPE_THIN_WEBHOOK_SECRET: 'whsec_replicated_thin' };
    if (name === 'stripe') return ['stripe-simulator', { DATA_DIR: join(this.#folder, 'stripe') }];
    if (name === 'gateway' || name === 'gateway-1') {
      const urls = Object.fromEntries((['customers', 'billing', 'licensing'] as const).map((each) => [`${each.toUpperCase()}_URL`, this.#at(each, '/graphql')]));
      return ['gateway', { ...this.#shared, ...urls, USAGE_URL: this.#at(GATEWAYS[name], '/graphql'), ADMIN_API_TOKEN: ADMIN_TOKEN, CALLER_PRIVATE_KEY: this.#keys.privateKey }];
    }
    const own = { CALLER_PUBLIC_KEY: this.#keys.publicKey, LICENSE_KEYS_DIR: join(this.#folder, 'keys'), MAIL_DIR: join(this.#folder, 'mail') };
    return [`subgraphs/${name.replace(/-\d$/, '')}`, { ...this.#shared, ...own, ...stripe }];
  }

  #at(name: ReplicaName, path: string): string {
    return `http://127.0.0.1:${this.#ports.get(name)}${path}`;
  }
}
