import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@iotistic/chassis/embedded-postgres';
import { findFreePort } from '@iotistic/chassis/free-port';
import { createLog } from '@iotistic/chassis/log';
import pg from 'pg';
import { BILLED } from './brute-force.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { IntakeWatch } from './intake-watch.ts';
import { movableTime } from './movable-time.ts';
import type { Random } from './random.ts';
import type { MeterEvent, StripeWatch } from './stripe-watch.ts';
import { SupervisedProcess } from './supervised-process.ts';

export const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'] as const;
export type PartName = (typeof SUBGRAPHS)[number] | 'gateway' | 'stripe' | 'postgres' | 'redis';

export interface ChaosPlaneOptions {
  folder: string;
  /** Where the built product is: the repository, or a copy with a planted bug. */
  productRoot: string;
  redis: boolean;
  /** Whether the clocks of its processes can be moved. */
  isMovable: boolean;
  random: Random;
  /** How far in the past Stripe's account begins, so that a period holds more than one hour. Milliseconds. */
  stripeBehindMs: number;
  intake: IntakeWatch;
  stripe: StripeWatch;
}

export const ADMIN_TOKEN = 'an-admin-token-for-chaos';
const STRIPE_KEY = 'sk_test_chaos';
/** Longest that a held back call to Stripe takes: well below the SDK's own patience. Milliseconds. */
const STRIPE_DELAY_MS = 1_200;
/** What was not taken five times would else wait for five minutes, longer than a run takes to come to rest. */
const DELIVERY_RETRY_MS = '1000,5000,15000';
const QUICK_DEPLOYMENTS = { SIMULATED_DEPLOYMENT_MS: '1500', QUEUE_BACKOFF_DELAY: '500' };
/** As long as a busy machine needs. */
const READY_WITHIN_MS = 300_000;
/** A database that is down is not waited for. */
const NOTED_WITHIN_MS = 1_000;
const METER_OF: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(BILLED).map(([meter, { eventName }]) => [eventName, meter]));

/** The whole plane as separate processes, each of which can be killed, with what makes faults in front of the gateway and of Stripe. */
export class ChaosPlane {
  readonly parts = new Map<PartName, SupervisedProcess>();
  readonly folder: string;
  /** In front of the gateway: agents, and Stripe's webhooks. */
  gatewayProxy!: FaultProxy;
  /** Between billing and Stripe. */
  stripeProxy!: FaultProxy;
  postgresKills = 0;
  readonly #options: ChaosPlaneOptions;
  readonly #ports = new Map<string, number>();
  #postgres!: EmbeddedPostgres;
  #pool: pg.Pool | null = null;
  /** Its data: started by root, PostgreSQL is another user, and they may lie elsewhere. */
  #cluster = '';

  private constructor(options: ChaosPlaneOptions) {
    this.#options = options;
    this.folder = options.folder;
  }

  static async start(options: ChaosPlaneOptions): Promise<ChaosPlane> {
    const plane = new ChaosPlane(options);
    try {
      await plane.#start();
    } catch (error) {
      await plane.close();
      throw error;
    }
    return plane;
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.#ports.get('gateway')}`;
  }

  get stripeUrl(): string {
    return `http://127.0.0.1:${this.#ports.get('stripe')}`;
  }

  get stripeKey(): string {
    return STRIPE_KEY;
  }

  /** For looking, beside the plane's own connections. */
  get database(): pg.Pool {
    if (this.#pool === null) {
      this.#pool = new pg.Pool({ connectionString: this.#postgres.url, max: 4, connectionTimeoutMillis: 10_000, statement_timeout: 30_000, application_name: 'chaos' });
      this.#pool.on('error', () => undefined);
      this.#pool.on('connect', (client) => client.on('error', () => undefined));
    }
    return this.#pool;
  }

  /** Kill -9, unless it is not up: on a busy machine what is killed again and again would never come up, and nothing would be shown. @returns whether it was. */
  async kill(part: PartName, downMs: number): Promise<boolean> {
    if (part === 'postgres') return this.#killPostgres();
    const program = this.parts.get(part);
    if (program === undefined || !(await program.isUp())) return false;
    program.kill(downMs);
    return true;
  }

  /** Ends what this role's connections do now, as a failing network between process and database would. @returns how many. */
  async cutConnections(role: string): Promise<number> {
    const { rowCount } = await this.database.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and state <> 'idle'`, [`iotistic-${role}`]);
    return rowCount ?? 0;
  }

  async untilReady(timeoutMs = READY_WITHIN_MS): Promise<void> {
    await Promise.all([...this.parts.values()].map((part) => part.untilReady(timeoutMs)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.parts.values()].map((part) => part.stop()));
    await this.gatewayProxy?.close();
    await this.stripeProxy?.close();
    await this.#pool?.end();
    await this.#postgres?.stop();
  }

  async #start(): Promise<void> {
    const { folder, redis } = this.#options;
    mkdirSync(join(folder, 'logs'), { recursive: true });
    for (const name of [...SUBGRAPHS, 'gateway', 'stripe', 'redis', 'gateway-proxy', 'stripe-proxy']) this.#ports.set(name, await findFreePort());
    // Durable: what a killed server had acknowledged must be there again.
    this.#postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: createLog({ level: 'fatal', name: 'chaos-postgres' }) });
    await this.#keepUnflushed();
    const { rows } = await this.database.query<{ data_directory: string }>('show data_directory');
    this.#cluster = rows[0]?.data_directory ?? '';
    this.#options.stripe.isNoted = (asked) => this.#isNoted(asked);
    if (redis) this.#startRedis();
    await this.#startStripe();
    await this.#startProxies();
    const stripe = await this.#prepareStripe();
    const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    const shared = { LOG_LEVEL: 'warn', REPORT_CALLS_PER_HOUR: '1000000', ...(this.#options.isMovable ? movableTime(folder) : {}), ...QUICK_DEPLOYMENTS, DATABASE_URL: this.#postgres.url, ...(redis ? { REDIS_URL: `redis://127.0.0.1:${this.#port('redis')}` } : {}) };
    for (const name of SUBGRAPHS) {
      const environment = { ...shared, PORT: String(this.#port(name)), CALLER_PUBLIC_KEY: keys.publicKey, LICENSE_KEYS_DIR: join(folder, 'keys'), MAIL_DIR: join(folder, 'mail'), ...(name === 'billing' ? stripe : {}) };
      this.#add(name, [this.#main(`subgraphs/${name}`)], environment, '/readyz');
    }
    await this.untilReady();
    const urls = Object.fromEntries(SUBGRAPHS.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${this.#port(name)}/graphql`]));
    this.#add('gateway', [this.#main('gateway')], { ...shared, ...urls, PORT: String(this.#port('gateway')), ADMIN_API_TOKEN: ADMIN_TOKEN, CALLER_PRIVATE_KEY: keys.privateKey }, '/readyz', '/healthz');
    await this.untilReady();
  }

  /** What nobody waited for stays in the server's memory, and is lost with it: so a commit that was not waited for shows. */
  async #keepUnflushed(): Promise<void> {
    for (const setting of ["wal_writer_delay = '10s'", "wal_writer_flush_after = '1GB'"]) await this.database.query(`alter system set ${setting}`);
    await this.database.query('select pg_reload_conf()');
  }

  #startRedis(): void {
    const port = this.#port('redis');
    const program = new SupervisedProcess({ name: 'redis', command: 'redis-server', args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', this.folder], environment: {}, logFile: join(this.folder, 'logs/redis.log'), readyUrl: null });
    this.parts.set('redis', program);
    program.start();
  }

  async #startStripe(): Promise<void> {
    const dataDir = join(this.folder, 'stripe');
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, 'clock.json'), `${JSON.stringify({ offsetMs: -this.#options.stripeBehindMs })}\n`);
    this.#add('stripe', [this.#main('stripe-simulator')], { PORT: String(this.#port('stripe')), DATA_DIR: dataDir, DELIVERY_RETRY_MS }, '/_sim/health');
    await this.parts.get('stripe')?.untilReady();
  }

  async #startProxies(): Promise<void> {
    const { random, intake, stripe } = this.#options;
    this.gatewayProxy = await FaultProxy.start({ upstreamPort: this.#port('gateway'), random: random.fork(), onExchange: intake.see }, this.#port('gateway-proxy'));
    this.stripeProxy = await FaultProxy.start({ upstreamPort: this.#port('stripe'), random: random.fork(), onBegin: stripe.begin, onExchange: stripe.see, isTarget: () => true, maxDelayMs: STRIPE_DELAY_MS }, this.#port('stripe-proxy'));
  }

  /** Whether billing's table says that it says so, or something newer, to Stripe; null where the table cannot be asked in time. */
  async #isNoted({ identifier, stripeCustomerId, eventName }: MeterEvent): Promise<boolean | null> {
    const revision = Number(/-r(\d+)/.exec(identifier)?.[1] ?? 0);
    const asking = this.database.query<{ noted: boolean }>(
      `select exists (select 1 from billing.metered_quantities m join billing.customers c on c.id = m.customer_id
        where c.stripe_customer_id = $1 and m.meter = $2 and (m.identifier = $3 or m.sent_revision > $4)) as noted`,
      [stripeCustomerId, METER_OF[eventName] ?? '', identifier, revision],
    );
    return Promise.race([asking.then(({ rows }) => rows[0]?.noted ?? null), pause(NOTED_WITHIN_MS, null)]).catch(() => null);
  }

  /** Meters, products, prices and webhook endpoints, as an operator makes them. @returns what billing is to know of Stripe. */
  async #prepareStripe(): Promise<Record<string, string>> {
    const account = { STRIPE_SECRET_KEY: STRIPE_KEY, STRIPE_API_URL: this.stripeUrl };
    const script = join(this.#options.productRoot, 'subgraphs/billing/dist/stripe-sync.js');
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--webhook-url', `${this.gatewayProxy.url}/api/webhooks/stripe`], { env: { PATH: process.env['PATH'] ?? '', ...account } });
    const secrets = Object.fromEntries([...stdout.matchAll(/(STRIPE_\w+)=(whsec_\w+)/g)].map(([, name = '', secret = '']) => [name, secret]));
    return { ...account, STRIPE_API_URL: this.stripeProxy.url, ...secrets };
  }

  #add(name: PartName, args: readonly string[], environment: Record<string, string>, readyPath: string, upPath = readyPath): void {
    const program = new SupervisedProcess({ name, command: process.execPath, args, environment: { APOLLO_TELEMETRY_DISABLED: 'true', ...environment }, logFile: join(this.folder, `logs/${name}.log`), readyUrl: `http://127.0.0.1:${this.#port(name)}${readyPath}`, upUrl: `http://127.0.0.1:${this.#port(name)}${upPath}` });
    this.parts.set(name, program);
    program.start();
  }

  /** The server and all its processes at once, with what is in their memory: the chassis starts it again on its port, as it does in a plane of one process. */
  async #killPostgres(): Promise<boolean> {
    const isUp = await this.database.query('select 1').then(() => true, () => false);
    const pid = this.#postgresPid();
    if (!isUp || pid === null) return false;
    this.postgresKills += 1;
    for (const each of [pid, ...childrenOf(pid)]) killIfThere(each);
    return true;
  }

  #postgresPid(): number | null {
    try {
      return Number(readFileSync(join(this.#cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    } catch {
      // It is down already.
      return null;
    }
  }

  #main(part: string): string {
    return join(this.#options.productRoot, part, 'dist/main.js');
  }

  #port(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`${name} has no port`);
    return port;
  }
}

/** Of this process, where the system tells; PostgreSQL's end with their server at the latest. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((text) => text !== '').map(Number);
  } catch {
    return [];
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
