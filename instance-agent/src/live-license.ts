import { setTimeout as wait } from 'node:timers/promises';
import type { Proxies } from '@iotistic/contracts/outbound-proxy';
import { ExponentialBackoff, fullJitterGenerator, type IBackoff } from 'cockatiel';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Credential } from './control-plane.ts';
import type { Log } from './log.ts';
import { outboundAgent } from './outbound.ts';
import { OPERATIONS } from './operations.ts';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 300_000;
const PING_EVERY_MS = 30_000;
const PONG_WITHIN_MS = 15_000;

interface LiveParts {
  /** BILLING_API_URL, without a slash at its end. */
  url: string;
  proxies: Proxies;
  credential: () => Credential | null;
  log: Log;
  /** The license changed, or may have while nobody listened. */
  onChange: () => void;
}

/**
 * Hears of a new license, or of a revocation, within a moment instead of at the next interval. Nothing depends on it: where
 * no WebSocket gets through, the next exchange brings the same.
 */
export class LicenseUpdates {
  private readonly stopping = new AbortController();
  private client: Client | null = null;
  private socket: WebSocket | null = null;
  private pongTimer: NodeJS.Timeout | null = null;
  private backoff: IBackoff<unknown> | null = null;
  private customerId: string | null = null;
  private connections = 0;

  constructor(private readonly parts: LiveParts) {}

  /** Listens to the license of this customer from now on; the same again changes nothing. */
  follow(customerId: string): void {
    if (this.stopping.signal.aborted || this.customerId === customerId) return;
    this.dispose();
    this.customerId = customerId;
    this.client = this.connect(customerId);
  }

  get isConnected(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  stop(): void {
    this.stopping.abort();
    if (this.pongTimer !== null) clearTimeout(this.pongTimer);
    this.dispose();
    this.socket?.terminate();
  }

  private connect(customerId: string): Client {
    const url = `${this.parts.url.replace(/^http/, 'ws')}/graphql`;
    const { proxies } = this.parts;
    class OutboundSocket extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { agent: outboundAgent(url, proxies) });
      }
    }
    const client = createClient({
      url,
      webSocketImpl: OutboundSocket,
      connectionParams: () => this.credentials(),
      keepAlive: PING_EVERY_MS,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => !this.stopping.signal.aborted,
      retryWait: () => this.waitForTurn(),
      onNonLazyError: () => undefined,
      on: {
        connected: (socket) => this.noteConnected(socket as WebSocket),
        ping: (received) => {
          if (!received) this.expectPong();
        },
        pong: () => {
          if (this.pongTimer !== null) clearTimeout(this.pongTimer);
        },
      },
    });
    client.subscribe(
      { query: OPERATIONS['license-changed'], variables: { customerId } },
      {
        next: () => this.parts.onChange(),
        error: (error) => this.forget(error),
        complete: () => this.forget(null),
      },
    );
    return client;
  }

  /** A connection that never came about fails once more when it is given up: that is known. */
  private dispose(): void {
    void Promise.resolve(this.client?.dispose()).catch(() => undefined);
  }

  /** The control plane ended it: the next exchange begins anew. */
  private forget(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.parts.log.info({ err: error ?? undefined }, 'Live license updates ended; the next exchange asks for them again');
    this.customerId = null;
  }

  private noteConnected(socket: WebSocket): void {
    this.socket = socket;
    this.backoff = null;
    this.connections += 1;
    // What happened while there was no connection was not heard.
    if (this.connections > 1) this.parts.onChange();
  }

  /** A connection whose other end is gone says nothing, for ever. */
  private expectPong(): void {
    this.pongTimer = setTimeout(() => this.socket?.terminate(), PONG_WITHIN_MS);
    this.pongTimer.unref();
  }

  private async waitForTurn(): Promise<void> {
    this.backoff = this.backoff === null ? new ExponentialBackoff({ generator: fullJitterGenerator, initialDelay: FIRST_DELAY_MS, maxDelay: MAX_DELAY_MS }).next() : this.backoff.next(undefined);
    await wait(FIRST_DELAY_MS + this.backoff.duration, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }

  private credentials(): Record<string, unknown> {
    const credential = this.parts.credential();
    if (credential === null) return {};
    return 'apiKey' in credential ? { apiKey: credential.apiKey } : { authorization: `Bearer ${credential.license}` };
  }
}
