import { setMaxListeners } from 'node:events';
import { createServer, Agent, type IncomingHttpHeaders, type IncomingMessage, request as sendRequest, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.ts';

/** How often each befalls a request, 0 to 1. */
export interface FaultRates {
  /** The connection is reset before anything is passed on. */
  reset: number;
  /** Carried out, and no byte of the answer comes back. */
  lostReply: number;
  /** Carried out, and the answer breaks off in its middle. */
  cutReply: number;
  /** Sent on twice at once; the first answer goes back. */
  duplicate: number;
  /** Sent on once more, seconds later, when others have long been served. */
  lateDuplicate: number;
  /** Held back a while, so that later ones overtake it. */
  delay: number;
  /** Something in between answers instead: an error page, or a login page with status 200. */
  stranger: number;
}

export const NO_FAULTS: FaultRates = { reset: 0, lostReply: 0, cutReply: 0, duplicate: 0, lateDuplicate: 0, delay: 0, stranger: 0 };

export interface Exchange {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** What the server answered; null when it did not, or was never asked. */
  answer: { status: number; body: Buffer } | null;
  /** Whether it may have been asked. */
  isSent: boolean;
  /** Whether whoever asked was told all of the answer, as far as the proxy can see. */
  isDelivered: boolean;
}

export interface FaultProxyOptions {
  upstreamPort: number;
  random: Random;
  /** Sees each exchange with the server when it is over, also those that nobody was told of. */
  onExchange?: (exchange: Exchange) => void;
  /** Sees each request when it comes, before anything is done with it; `response` closes when whoever asked is gone. */
  onBegin?: (request: Asked, response: ServerResponse) => Promise<void> | void;
  /** Whether anything may befall a request; POST unless told. */
  isTarget?: (request: { method: string; path: string }) => boolean;
  /** Longest that one is held back. Milliseconds. */
  maxDelayMs?: number;
}

const LATE_MS = [1_500, 6_000] as const;
const DEFAULT_MAX_DELAY_MS = 800;
const STRANGERS: readonly [status: number, body: string][] = [
  [502, '<html><body><h1>502 Bad Gateway</h1></body></html>'],
  [503, '{"message":"no healthy upstream"}'],
  [200, '<html><body>Please log in to the guest network.</body></html>'],
  [404, 'Not Found'],
];

/** Stands between a client and a server on 127.0.0.1 and does to requests what networks do. */
export class FaultProxy {
  rates: FaultRates = NO_FAULTS;
  readonly counts: Record<keyof FaultRates | 'requests' | 'unanswered', number> = { requests: 0, reset: 0, lostReply: 0, cutReply: 0, duplicate: 0, lateDuplicate: 0, delay: 0, stranger: 0, unanswered: 0 };
  readonly #options: FaultProxyOptions;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #late = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
    setMaxListeners(0, this.#closing.signal);
    this.#server = createServer((request, response) => void this.#serve(request, response).catch(() => response.destroy()));
  }

  static async start(options: FaultProxyOptions, port: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve, reject) => proxy.#server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when nothing that was held back is still to come. */
  async calm(): Promise<void> {
    this.rates = NO_FAULTS;
    await Promise.all(this.#late);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#late);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#agent.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = { method: request.method ?? 'GET', path: request.url ?? '/', headers: request.headers, body: Buffer.concat(chunks) };
    await this.#options.onBegin?.(asked, response);
    const isTarget = this.#options.isTarget?.(asked) ?? asked.method === 'POST';
    if (!isTarget) return this.#pass(asked, response, 'whole');
    this.counts.requests += 1;
    const befalls = (fault: keyof FaultRates): boolean => {
      const does = this.#options.random.chance(this.rates[fault]);
      if (does) this.counts[fault] += 1;
      return does;
    };
    if (befalls('delay')) await this.#pause(this.#options.random.between(50, this.#options.maxDelayMs ?? DEFAULT_MAX_DELAY_MS));
    if (befalls('reset')) {
      this.#tell(asked, null, { isSent: false, isDelivered: false });
      request.socket.resetAndDestroy();
      return;
    }
    if (befalls('stranger')) {
      const [status, body] = this.#options.random.pick(STRANGERS);
      this.#tell(asked, null, { isSent: false, isDelivered: false });
      response.writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/html' }).end(body);
      return;
    }
    if (befalls('lateDuplicate')) this.#sendLater(asked);
    if (befalls('duplicate')) this.#keep(this.#ask(asked).then((answer) => this.#tell(asked, answer, { isSent: true, isDelivered: false })));
    await this.#pass(asked, response, befalls('lostReply') ? 'none' : befalls('cutReply') ? 'half' : 'whole');
  }

  async #pass(asked: Asked, response: ServerResponse, how: 'whole' | 'half' | 'none'): Promise<void> {
    const answer = await this.#ask(asked);
    const isDelivered = answer !== null && how === 'whole' && !response.destroyed;
    this.#tell(asked, answer, { isSent: true, isDelivered });
    if (answer === null) this.counts.unanswered += 1;
    if (answer === null || how === 'none') {
      response.socket?.resetAndDestroy();
      return;
    }
    const headers = { ...answer.headers, 'content-length': String(answer.body.length) };
    delete (headers as IncomingHttpHeaders)['transfer-encoding'];
    response.writeHead(answer.status, headers);
    if (how === 'whole') response.end(answer.body);
    else response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.socket?.resetAndDestroy());
  }

  #sendLater(asked: Asked): void {
    const [low, high] = LATE_MS;
    const delayMs = this.#options.random.between(low, high);
    this.#keep(
      this.#pause(delayMs).then(async () => {
        if (!this.#closing.signal.aborted) this.#tell(asked, await this.#ask(asked), { isSent: true, isDelivered: false });
      }),
    );
  }

  #keep(work: Promise<void>): void {
    const kept = work.catch(() => undefined);
    this.#late.add(kept);
    void kept.finally(() => this.#late.delete(kept));
  }

  #pause(ms: number): Promise<void> {
    return pause(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  #tell(asked: Asked, answer: Answer | null, how: { isSent: boolean; isDelivered: boolean }): void {
    this.#options.onExchange?.({ ...asked, answer, ...how });
  }

  #ask({ method, path, headers, body }: Asked): Promise<Answer | null> {
    return new Promise((resolve) => {
      // Uncompressed, so that what is answered can be read on its way.
      const { 'transfer-encoding': _chunked, connection: _connection, 'accept-encoding': _encoding, ...rest } = headers;
      const upstream = sendRequest({ host: '127.0.0.1', port: this.#options.upstreamPort, method, path, headers: { ...rest, 'content-length': String(body.length) }, agent: this.#agent, timeout: 60_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
        answer.once('error', () => resolve(null));
        answer.once('close', () => resolve(null));
      });
      upstream.once('error', () => resolve(null));
      upstream.once('timeout', () => upstream.destroy());
      upstream.end(body);
    });
  }
}

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}
