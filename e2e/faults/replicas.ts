/** The plane as separate processes, each part several times, behind one address a part: haproxy where there are several. */
import { execFile, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFreePort } from '@iotistic/chassis/free-port';
import { type StartedProcess, startProcess, untilReady } from '@iotistic/testkit/process';
import { mainOf, ROOT } from '../built.ts';

export const SUBGRAPHS = ['customers', 'billing', 'licensing', 'usage'] as const;
export const PARTS = [...SUBGRAPHS, 'gateway'] as const;
export type Part = (typeof PARTS)[number];
export const ADMIN_TOKEN = 'an-admin-token-for-faults';

/** haproxy of Debian, or one on the PATH. */
export function findHaproxy(): string | null {
  const found = spawnSync('sh', ['-c', 'PATH="$PATH:/usr/sbin" command -v haproxy'], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

export interface ReplicasOptions {
  folder: string;
  databaseUrl: string;
  redisUrl?: string;
  /** Of each part. */
  count: number;
  /** Needed where there is more than one of each. */
  haproxy?: string;
  /** For every process, and by part. */
  environment?: Record<string, string>;
  of?: Partial<Record<Part, Record<string, string>>>;
  /** Node's own arguments, by part. */
  nodeArgs?: Partial<Record<Part, readonly string[]>>;
}

const READY_WITHIN_MS = 240_000;

export class Replicas {
  readonly #options: ReplicasOptions;
  readonly #keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  readonly #ports = new Map<string, number>();
  readonly #running = new Map<string, StartedProcess>();
  #stripe: Record<string, string> = {};

  private constructor(options: ReplicasOptions) {
    this.#options = options;
  }

  static async start(options: ReplicasOptions): Promise<Replicas> {
    const replicas = new Replicas(options);
    try {
      await replicas.#start();
    } catch (error) {
      await replicas.stop();
      throw error;
    }
    return replicas;
  }

  /** Where a part is reached, whichever of it answers. */
  url(part: Part): string {
    return `http://127.0.0.1:${this.#port(this.#options.count === 1 ? `${part}-0` : part)}`;
  }

  urlOf(part: Part, index: number): string {
    return `http://127.0.0.1:${this.#port(`${part}-${index}`)}`;
  }

  process(part: Part, index = 0): StartedProcess {
    const found = this.#running.get(`${part}-${index}`);
    if (found === undefined) throw new Error(`${part}-${index} was not started`);
    return found;
  }

  /** Starts it, again perhaps, and waits until it is served to. */
  async startOne(part: Part, index = 0): Promise<void> {
    const name = `${part}-${index}`;
    const args = [...(this.#options.nodeArgs?.[part] ?? []), mainOf(part === 'gateway' ? 'gateway' : `subgraphs/${part}`)];
    const started = startProcess(process.execPath, args, this.#environmentOf(part, index), { cwd: ROOT });
    this.#running.set(name, started);
    await untilReady(`${this.urlOf(part, index)}/readyz`, started, READY_WITHIN_MS);
    await this.#untilServed(part, index);
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    for (const { child } of all) child.kill('SIGCONT');
    await Promise.all(all.map((started) => started.stop('SIGKILL')));
  }

  async #start(): Promise<void> {
    const { count, folder, haproxy } = this.#options;
    mkdirSync(folder, { recursive: true });
    for (const part of PARTS) {
      for (let index = 0; index < count; index += 1) this.#ports.set(`${part}-${index}`, await findFreePort());
      this.#ports.set(part, await findFreePort());
    }
    this.#ports.set('stripe', await findFreePort());
    this.#ports.set('stats', await findFreePort());
    await this.#startStripe();
    if (count > 1) this.#startBalancer(haproxy ?? '');
    for (const parts of [SUBGRAPHS, ['gateway'] as const]) await Promise.all(parts.flatMap((part) => Array.from({ length: count }, (_, index) => this.startOne(part, index))));
  }

  async #startStripe(): Promise<void> {
    const url = `http://127.0.0.1:${this.#port('stripe')}`;
    const simulator = startProcess(process.execPath, [mainOf('stripe-simulator')], { PORT: String(this.#port('stripe')), DATA_DIR: join(this.#options.folder, 'stripe') });
    this.#running.set('stripe', simulator);
    await untilReady(`${url}/_sim/health`, simulator, READY_WITHIN_MS);
    const account = { STRIPE_SECRET_KEY: 'sk_test_faults', STRIPE_API_URL: url };
    const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'subgraphs/billing/dist/stripe-sync.js'), '--webhook-url', `${this.url('gateway')}/api/webhooks/stripe`], { env: { PATH: process.env['PATH'] ?? '', ...account } });
    this.#stripe = { ...account, ...Object.fromEntries([...stdout.matchAll(/(STRIPE_\w+)=(whsec_\w+)/g)].map(([, name = '', secret = '']) => [name, secret])) };
  }

  /** As an operator would write it: each part behind one address, out of service while its /readyz says so. */
  #startBalancer(haproxy: string): void {
    const { count, folder } = this.#options;
    const lines = [
      'defaults',
      '  mode http',
      '  timeout connect 5s',
      '  timeout client 120s',
      '  timeout server 120s',
      '  timeout tunnel 1h',
      '  timeout check 10s',
      '  option redispatch 1',
      '  retries 3',
      '  default-server inter 200ms fall 3 rise 1',
      'listen stats',
      `  bind 127.0.0.1:${this.#port('stats')}`,
      '  http-request return status 200 content-type text/plain string up if { path /up }',
      '  stats enable',
      '  stats uri /stats',
    ];
    for (const part of PARTS) {
      lines.push(`listen ${part}`, `  bind 127.0.0.1:${this.#port(part)}`, '  balance roundrobin', '  option httpchk GET /readyz', '  http-check expect status 200');
      for (let index = 0; index < count; index += 1) lines.push(`  server ${part}-${index} 127.0.0.1:${this.#port(`${part}-${index}`)} check`);
    }
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, `${lines.join('\n')}\n`);
    this.#running.set('haproxy', startProcess(haproxy, ['-db', '-f', file], {}));
  }

  /** Until the balancer has seen that it is ready. */
  async #untilServed(part: Part, index: number): Promise<void> {
    if (this.#options.count === 1) return;
    const giveUpMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const csv = await (await fetch(`http://127.0.0.1:${this.#port('stats')}/stats;csv`)).text();
      const line = csv.split('\n').find((each) => each.startsWith(`${part},${part}-${index},`));
      if (line?.includes(',UP,') === true) return;
      if (performance.now() > giveUpMs) throw new Error(`the balancer does not serve ${part}-${index}: ${line}`);
      await pause(100);
    }
  }

  #environmentOf(part: Part, index: number): Record<string, string> {
    const { databaseUrl, redisUrl, environment, of, folder } = this.#options;
    // One instance reports here as a fleet does.
    const shared = { LOG_LEVEL: 'warn', REPORT_CALLS_PER_HOUR: '1000000', CUSTOMER_COST_PER_MINUTE: '0', DATABASE_URL: databaseUrl, ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }), PORT: String(this.#port(`${part}-${index}`)), ...environment, ...of?.[part] };
    if (part === 'gateway') {
      const urls = Object.fromEntries(SUBGRAPHS.map((name) => [`${name.toUpperCase()}_URL`, `${this.url(name)}/graphql`]));
      return { ...shared, ...urls, ADMIN_API_TOKEN: ADMIN_TOKEN, CALLER_PRIVATE_KEY: this.#keys.privateKey };
    }
    const licensing = { LICENSE_KEYS_DIR: join(folder, 'keys'), LICENSE_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64') };
    return { ...shared, CALLER_PUBLIC_KEY: this.#keys.publicKey, MAIL_DIR: join(folder, 'mail'), ...(part === 'licensing' ? licensing : {}), ...(part === 'billing' ? this.#stripe : {}) };
  }

  #port(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`${name} has no port`);
    return port;
  }
}

/** A connection that sends this, and neither reads nor ends. */
export function holdConnection(url: string, text: string): Promise<{ destroy(): void }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(text, () => resolve(socket)));
    socket.once('error', reject);
    socket.on('error', () => undefined);
    socket.pause();
  });
}
