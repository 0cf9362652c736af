import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Product } from './product.ts';
import type { Random } from './random.ts';

/** What an instance tells at each turn. */
export interface InstanceStatus {
  pid: number;
  pending: number;
  sequence: number;
  /** The license that its keeper holds. */
  license: { id: string; version: number; plan: string } | null;
  /** Its last report was made after the products fell silent. */
  hasLastReport: boolean;
  /** This process's contact with the plane since the orders were to settle. */
  hasSettledContact: boolean;
}

/** What it is to do at its turn. */
export interface Orders {
  /** `settle`: one more report of what is left, then only exchanges. */
  phase: 'report' | 'settle';
  /** When its next interval ends: the run's hours, passed quickly. */
  intervalEnd: string;
}

const LIVE_EVERY_MS = 100;

/** Where the agents of a run get their orders, and their products' metrics; what they tell of themselves is kept here. */
export class Desk {
  readonly statuses = new Map<string, InstanceStatus>();
  readonly products = new Map<string, Product>();
  #phase: Orders['phase'] = 'report';
  #timer: NodeJS.Timeout | undefined;
  #timeline: { startMs: number; fromMs: number; durationMs: number } = { startMs: 0, fromMs: 0, durationMs: 1 };
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response).catch(() => response.destroy()));
  }

  static async open(): Promise<Desk> {
    const desk = new Desk();
    await new Promise<void>((resolve, reject) => desk.#server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return desk;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  addInstance(name: string, random: Random): void {
    this.products.set(name, new Product(random));
  }

  /** From now on products live; the hours from `from` until the end of the faults are passed in `durationMs`. */
  begin(from: Date, durationMs: number): void {
    this.#timeline = { startMs: Date.now(), fromMs: from.getTime(), durationMs };
    this.#timer = setInterval(() => {
      // Before the agent has seen an endpoint once it counts nothing, for nobody knows when its counters began.
      for (const [name, product] of this.products) if ((this.statuses.get(name)?.sequence ?? 0) > 0) product.live();
    }, LIVE_EVERY_MS);
  }

  /** Products fall silent, and agents bring home what they have. */
  settle(): void {
    clearInterval(this.#timer);
    this.#phase = 'settle';
  }

  /** Whether this process is at work. */
  hears(pid: number | null): boolean {
    return [...this.statuses.values()].some((status) => status.pid === pid);
  }

  /** Whether these instances have told everything. */
  unsettled(): string[] {
    return [...this.products.keys()].filter((name) => {
      const status = this.statuses.get(name);
      return status === undefined || status.pending > 0 || !status.hasLastReport || !status.hasSettledContact;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, kind = '', name = ''] = (request.url ?? '').split('/');
    const product = this.products.get(name);
    if (product === undefined) return void response.writeHead(404).end();
    if (kind === 'metrics') return void response.writeHead(200, { 'content-type': 'text/plain' }).end(product.page());
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.statuses.set(name, JSON.parse(Buffer.concat(chunks).toString()) as InstanceStatus);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ phase: this.#phase, intervalEnd: new Date(this.#intervalEndMs()).toISOString() } satisfies Orders));
  }

  /** The run's hours pass evenly, and end with the real time; after that they are the same. */
  #intervalEndMs(): number {
    const { startMs, fromMs, durationMs } = this.#timeline;
    const now = Date.now();
    const share = Math.min(1, (now - startMs) / durationMs);
    return Math.min(now, Math.round(fromMs + share * (startMs + durationMs - fromMs)));
  }
}
