import { randomUUID } from 'node:crypto';
import type { Log } from '@iotistic/chassis/log';
import { LiveIterator } from '@iotistic/chassis/live-iterator';
import type { SubgraphContext, SubgraphRequest, SubgraphResponse } from '@iotistic/chassis/subgraph-executor';
import { AppError } from '@iotistic/contracts/errors';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { SignCaller } from './caller.ts';

/** So many events of an operation may be on their way or wait here: the subgraph sends more only as they are read. */
const WINDOW = 500;
const SAY_READ_EVERY = 100;
/** Of a subgraph that knows nothing of windows. */
const MAX_WAITING_EVENTS = 2 * WINDOW;
const OPEN_WITHIN_MS = 5_000;
const PING_EVERY_MS = 10_000;
const PONG_WITHIN_MS = 5_000;

/** All live operations of one subgraph, over one WebSocket. */
export interface HttpLinkLive {
  /**
   * The stream fails with UNAVAILABLE when the connection is lost, or the subgraph sends more than may wait, once all before that
   * was read: whoever reads it subscribes again, freshly signed.
   */
  subscribe(request: SubgraphRequest, context: SubgraphContext): Promise<AsyncIterableIterator<SubgraphResponse>>;
  close(): Promise<void>;
}

export function openHttpLinkLive(options: { name: string; url: string; signCaller: SignCaller; log: Log }): HttpLinkLive {
  const connection = new Connection(options.url);
  return {
    async subscribe(request, context) {
      const caller = await options.signCaller(context.caller, options.name);
      const flow = { stream: randomUUID(), window: WINDOW };
      const extensions = { caller, requestId: context.requestId, ...(context.live === undefined ? {} : { live: context.live }), flow };
      const payload = { query: request.query, operationName: request.operationName ?? null, variables: request.variables ?? null, extensions };
      const stream = new RemoteStream((sink) => connection.client.subscribe(payload, sink), (read) => connection.sayRead(flow.stream, read));
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
      webSocketImpl: PromptWebSocket,
      // A subgraph that takes connections and says nothing is one that is away.
      connectionAckWaitTimeout: OPEN_WITHIN_MS,
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

  /** Lets the subgraph send on. By a pong, which it need not answer. */
  sayRead(stream: string, read: number): void {
    if (this.#isOpen && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ type: 'pong', payload: { stream, read } }));
  }

  opened(): Promise<void> {
    return this.#isOpen ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Gives up on a connection that is taken and not answered. */
class PromptWebSocket extends WebSocket {
  constructor(address: string, protocols: string | string[]) {
    super(address, protocols, { handshakeTimeout: OPEN_WITHIN_MS, perMessageDeflate: false });
  }
}

interface Sink {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** Events of one operation, in order and bounded: when too many wait the source is ended, and those are read before the end is heard of. */
class RemoteStream implements AsyncIterableIterator<SubgraphResponse> {
  readonly #events: LiveIterator<SubgraphResponse | AppError | null>;
  readonly #sayRead: (read: number) => void;
  /** Settles with the first thing heard of it; fails when that is that there is no connection. */
  readonly firstSign: Promise<void>;
  #waiting = 0;
  #read = 0;
  #hasEnded = false;

  constructor(start: (sink: Sink) => () => void, sayRead: (read: number) => void) {
    this.#sayRead = sayRead;
    let stop = (): void => {};
    this.#events = new LiveIterator({ limit: MAX_WAITING_EVENTS + 1, start: () => () => stop() });
    this.firstSign = new Promise((resolve, reject) => {
      const hear = (event: SubgraphResponse | AppError | null): void => {
        if (event instanceof AppError) reject(event);
        else resolve();
        this.#hear(event, () => stop());
      };
      stop = start({
        next: (value) => hear(value as SubgraphResponse),
        error: (error) => {
          if (!Array.isArray(error)) return hear(lost(error));
          hear({ errors: error as NonNullable<SubgraphResponse['errors']> });
          hear(null);
        },
        complete: () => hear(null),
      });
    });
    // Nobody may be waiting for the first sign when a later loss is it.
    this.firstSign.catch(() => {});
  }

  async next(): Promise<IteratorResult<SubgraphResponse>> {
    const { value, done } = await this.#events.next();
    if (done === true) return { value: undefined, done: true };
    if (value instanceof AppError) {
      await this.#events.return();
      throw value;
    }
    if (value === null) return this.return();
    this.#waiting -= 1;
    this.#read += 1;
    if (this.#read % SAY_READ_EVERY === 0) this.#sayRead(this.#read);
    return { value, done: false };
  }

  #hear(event: SubgraphResponse | AppError | null, stop: () => void): void {
    if (this.#hasEnded) return;
    this.#hasEnded = event === null || event instanceof AppError;
    if (!this.#hasEnded) this.#waiting += 1;
    if (this.#waiting <= MAX_WAITING_EVENTS) {
      this.#events.push(event);
      return;
    }
    this.#hasEnded = true;
    this.#events.push(lost(new Error('events came faster than they were read')));
    stop();
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
