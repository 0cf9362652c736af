import type { Log } from '@iotistic/chassis/log';
import { LiveIterator } from '@iotistic/chassis/live-iterator';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { AppError } from '@iotistic/contracts/errors';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { SignCaller } from './caller.ts';

const MAX_WAITING_EVENTS = 1_000;
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;

/** All live operations of one subgraph, over one WebSocket. */
export interface HttpLinkLive {
  /** The stream fails with UNAVAILABLE when the connection is lost, or events were dropped: whoever reads it subscribes again, freshly signed. */
  subscribe(request: SubgraphRequest, context: SubgraphContext): Promise<AsyncIterableIterator<SubgraphResponse>>;
  close(): Promise<void>;
}

export function openHttpLinkLive(options: { name: string; url: string; signCaller: SignCaller; log: Log }): HttpLinkLive {
  const connection = new Connection(options.url);
  return {
    async subscribe(request, context) {
      const caller = await options.signCaller(context.caller, options.name);
      const payload = { query: request.query, operationName: request.operationName ?? null, variables: request.variables ?? null, extensions: { caller, requestId: context.requestId } };
      const stream = new RemoteStream((sink) => connection.client.subscribe(payload, sink));
      await Promise.race([connection.opened(), stream.firstSign]);
      return stream;
    },
    close: () => Promise.resolve(connection.client.dispose()),
  };
}

/** One connection for all callers, so that who asks travels with each operation. It opens when first needed, and is found dead by its silence. */
class Connection {
  readonly client: Client;
  #isOpen = false;
  #waiting: (() => void)[] = [];
  #socket: WebSocket | null = null;
  #pongTimer: NodeJS.Timeout | undefined;

  constructor(url: string) {
    this.client = createClient({
      url,
      webSocketImpl: WebSocket,
      lazy: true,
      // Not the client's to repeat: a subscribe message carries a signature that lives for a minute.
      retryAttempts: 0,
      keepAlive: PING_EVERY_MS,
      on: {
        opened: (socket) => {
          this.#socket = socket as WebSocket;
        },
        connected: () => {
          this.#isOpen = true;
          for (const resolve of this.#waiting.splice(0)) resolve();
        },
        ping: (received) => {
          if (!received) this.#pongTimer = setTimeout(() => this.#socket?.terminate(), PONG_WITHIN_MS).unref();
        },
        pong: (received) => {
          if (received) clearTimeout(this.#pongTimer);
        },
        closed: () => {
          this.#isOpen = false;
          clearTimeout(this.#pongTimer);
        },
      },
    });
  }

  opened(): Promise<void> {
    return this.#isOpen ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

interface Sink {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** Events of one operation, in order and bounded. */
class RemoteStream implements AsyncIterableIterator<SubgraphResponse> {
  readonly #events: LiveIterator<SubgraphResponse | AppError | null>;
  /** Settles with the first thing heard of it; fails when that is that there is no connection. */
  readonly firstSign: Promise<void>;

  constructor(start: (sink: Sink) => () => void) {
    let stop = (): void => {};
    this.#events = new LiveIterator({ limit: MAX_WAITING_EVENTS, start: () => () => stop() });
    this.firstSign = new Promise((resolve, reject) => {
      const hear = (event: SubgraphResponse | AppError | null): void => {
        if (event instanceof AppError) reject(event);
        else resolve();
        this.#events.push(event);
      };
      stop = start({
        next: (value) => hear(value as SubgraphResponse),
        error: (error) => hear(Array.isArray(error) ? { errors: error as NonNullable<SubgraphResponse['errors']> } : lost(error)),
        complete: () => hear(null),
      });
    });
    // Nobody may be waiting for the first sign when a later loss is it.
    this.firstSign.catch(() => {});
  }

  async next(): Promise<IteratorResult<SubgraphResponse>> {
    if (this.#events.dropped > 0) {
      await this.#events.return();
      throw lost(new Error('events came faster than they were read'));
    }
    const { value, done } = await this.#events.next();
    if (done === true) return { value: undefined, done: true };
    if (value instanceof AppError) {
      await this.#events.return();
      throw value;
    }
    if (value !== null) return { value, done: false };
    return this.return();
  }

  return(): Promise<IteratorResult<SubgraphResponse>> {
    return this.#events.return() as Promise<IteratorResult<SubgraphResponse>>;
  }

  throw(error: unknown): Promise<IteratorResult<SubgraphResponse>> {
    return this.#events.throw(error) as Promise<IteratorResult<SubgraphResponse>>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function lost(cause: unknown): AppError {
  return new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause });
}
