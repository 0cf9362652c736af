import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerOnSocket } from '@iotistic/chassis/error-answer';
import { isLoopback } from '@iotistic/chassis/local-peer';
import type { Log } from '@iotistic/chassis/log';
import { toAppError } from '@iotistic/chassis/public-error';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, type Context, handleProtocols, type ServerOptions } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Authenticate, type Credentials, credentialsOf, type Identity } from './authenticate.ts';
import { clientAddress } from './client-address.ts';
import type { Operation } from './documents.ts';
import type { FederatedSubscriptions } from './federated-subscriptions.ts';
import { formatError, RefusedOperation } from './format-error.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import { requestOf } from './graphql-request.ts';
import type { LiveClient, LiveClients } from './live-clients.ts';
import { EndedByRefusal, LiveFrames, PublicGraphQLError } from './live-frames.ts';
import type { Origins } from './origins.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Graph } from './supergraph.ts';
import { createSocketBudget } from './socket-budget.ts';
import { closeFlood, createWebSocketProtocol, cutSoon, type Payload, type SocketExtra } from './web-socket-protocol.ts';

export interface LiveDoorOptions {
  graph: Graph;
  subscriptions: FederatedSubscriptions;
  clients: LiveClients;
  authenticate: Authenticate;
  origins: Origins;
  trustedProxies: number;
  maxSubscriptionsPerSocket: number;
  maxPendingPerAddress: number;
  exemptsLoopback: boolean;
  rateLimits: RateLimits;
  metrics: GatewayMetrics;
  log: Log;
}

/** GraphQL over WebSocket (graphql-transport-ws): live operations, and queries and mutations for those who have nothing else. */
export interface LiveDoor {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

const MAX_FRAME_BYTES = 64 * 1024;
const INIT_WITHIN_MS = 3_000;
/** More than this unsent, and the client is not reading: it is cut off, since a polite close would keep what waits for it. */
const MAX_WAITING_BYTES = 1024 * 1024;
const CLOSE_WITHIN_MS = 2_000;
const FORBIDDEN = 4403;
const GOING_AWAY = 1001;
const SAID_NOTHING: number = CloseCode.ConnectionInitialisationTimeout;
const TRY_AGAIN_LATER = 1013;

/** What a live operation carries from graphql-ws's one callback to the next. */
interface Asked {
  operation: Operation;
  variables: Record<string, unknown>;
  identity: Identity;
  budget: SocketExtra['budget'];
  socket: WebSocket;
  requestId: string;
  clientAddress: string;
  /** Of a live operation: an iterator that yields nothing, and ends or fails with it. */
  frames: LiveFrames | null;
}

type LiveContext = Context<Payload, SocketExtra>;

export function createLiveDoor(options: LiveDoorOptions): LiveDoor {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, autoPong: false, handleProtocols: (protocols) => handleProtocols(protocols) });
  const door = new SocketDoor(options);
  const speak = createWebSocketProtocol(door.protocol, options.log);
  const pending = new Map<string, number>();
  let isClosing = false;
  server.on('wsClientError', (_error, socket) => answerOnSocket(socket, new AppError('INVALID_INPUT', 'MALFORMED_HTTP', 'This is no opening of a WebSocket.'), { 'sec-websocket-version': '13' }));

  function admit(request: IncomingMessage, socket: Duplex): string | null {
    const address = clientAddress(request, options.trustedProxies);
    const isExempt = options.exemptsLoopback && isLoopback(address);
    let refused: AppError | null = null;
    if (isClosing) refused = new AppError('UNAVAILABLE', 'SHUTTING_DOWN');
    else if (!options.origins.allows(request)) refused = new AppError('FORBIDDEN', 'ORIGIN_NOT_ALLOWED');
    else if (!isExempt && (pending.get(address) ?? 0) >= options.maxPendingPerAddress) refused = new AppError('LIMIT_EXCEEDED', 'TOO_MANY_CONNECTIONS', 'Too many WebSockets of this address have not shown a credential yet.');
    if (refused === null) return address;
    answerOnSocket(socket, refused);
    return null;
  }

  return {
    upgrade(request, socket, head) {
      const address = admit(request, socket);
      if (address === null) return;
      pending.set(address, (pending.get(address) ?? 0) + 1);
      let isPending = true;
      const settle = (): void => {
        if (!isPending) return;
        isPending = false;
        const left = (pending.get(address) ?? 1) - 1;
        if (left === 0) pending.delete(address);
        else pending.set(address, left);
      };
      socket.once('close', settle);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        door.admitted.set(webSocket, settle);
        // A client that opens one and says nothing is a stranger like any other.
        webSocket.once('close', (code) => {
          if (code === SAID_NOTHING) void options.rateLimits.countAnonymous(address).catch(() => undefined);
        });
        speak(webSocket, request, createSocketBudget(options.maxSubscriptionsPerSocket));
      });
    },
    async close() {
      isClosing = true;
      for (const socket of server.clients) socket.close(GOING_AWAY, 'Going away');
      const cut = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, CLOSE_WITHIN_MS);
      await new Promise((resolve) => {
        server.close(resolve);
      });
      clearTimeout(cut);
    },
  };
}

/** What graphql-ws asks of us. */
class SocketDoor {
  readonly protocol: ServerOptions<Payload, SocketExtra>;
  /** Sockets that have yet to present a credential, and what to call when they did. */
  readonly admitted = new WeakMap<WebSocket, () => void>();
  readonly #options: LiveDoorOptions;
  readonly #identities = new WeakMap<WebSocket, Identity>();

  constructor(options: LiveDoorOptions) {
    this.#options = options;
    this.protocol = {
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: (context) => this.#connect(context),
      onSubscribe: (context, id, payload) => this.#ask(context, id, payload),
      execute: (args) => this.#execute(args.contextValue as Asked) as never,
      subscribe: (args) => (args.contextValue as Asked).frames as never,
      // Results are made public already; graphql-ws would call toJSON on each error.
      onNext: (_context, _id, _payload, _args, result) => result as never,
      onError: (_context, _id, _payload, errors) => errors.flatMap((error) => (error.originalError instanceof EndedByRefusal ? error.originalError.errors : error.toJSON())),
    };
  }

  async #connect(context: LiveContext): Promise<boolean> {
    const { socket, request } = context.extra;
    try {
      const credentials = { ...credentialsOf(request.headers), ...credentialsOfPayload(context.connectionParams) };
      const identity = await this.#options.authenticate(credentials);
      if (identity.caller.kind === 'anonymous') throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
      if (socket.readyState !== socket.OPEN) return false;
      this.#keep(socket, identity, credentials);
      this.admitted.get(socket)?.();
      return true;
    } catch (error) {
      const appError = await this.#counted(toAppError(error), request);
      if (appError.code === 'INTERNAL') this.#options.log.error({ err: error }, 'a WebSocket could not be opened');
      socket.close(appError.code === 'UNAUTHENTICATED' ? FORBIDDEN : TRY_AGAIN_LATER, appError.reason);
      return false;
    }
  }

  /** Who shows no good credential is counted by address, as by HTTP. */
  async #counted(error: AppError, request: IncomingMessage): Promise<AppError> {
    if (error.code !== 'UNAUTHENTICATED') return error;
    return this.#options.rateLimits.countAnonymous(clientAddress(request, this.#options.trustedProxies)).then(
      () => error,
      (refused: unknown) => toAppError(refused),
    );
  }

  #keep(socket: WebSocket, identity: Identity, credentials: Credentials): void {
    const { clients, metrics } = this.#options;
    let isAlive = true;
    const client: LiveClient = {
      caller: identity.caller,
      credentials,
      sha256: identity.sha256,
      ping: () => {
        if (!isAlive) socket.terminate();
        else if (!this.#dropIfSlow(socket)) socket.ping();
        isAlive = false;
      },
      expire: ({ reason }) => socket.close(FORBIDDEN, reason),
    };
    clients.add(client);
    this.#identities.set(socket, identity);
    metrics.liveConnections.inc({ transport: 'websocket' });
    socket.on('pong', () => {
      isAlive = true;
    });
    socket.once('close', () => {
      clients.remove(client);
      metrics.liveConnections.dec({ transport: 'websocket' });
    });
  }

  #ask(context: LiveContext, id: string, payload: unknown): ExecutionArgs | GraphQLError[] {
    const { socket, budget } = context.extra;
    const identity = this.#identities.get(socket);
    const requestId = newId('req');
    try {
      if (identity === undefined) throw new AppError('UNAUTHENTICATED', 'CREDENTIAL_REQUIRED');
      const maximum = this.#options.maxSubscriptionsPerSocket;
      if (Object.keys(context.subscriptions).length > maximum) throw new AppError('LIMIT_EXCEEDED', 'TOO_MANY_SUBSCRIPTIONS', undefined, { details: { maximum } });
      const asked = requestOf(payload);
      const operation = this.#options.graph.documents.operationOf(asked);
      const variables = this.#options.graph.admission.admit(operation, asked, identity.caller);
      const address = clientAddress(context.extra.request, this.#options.trustedProxies);
      const contextValue: Asked = { operation, variables, identity, socket, budget, requestId, clientAddress: address, frames: null };
      // Joined here and not when graphql-ws subscribes: what is refused now is an error, and not a result.
      if (operation.kind === 'subscription') contextValue.frames = this.#join(contextValue, id);
      return { schema: this.#options.graph.schema, document: operation.document, operationName: operation.name, contextValue };
    } catch (error) {
      this.#noteRefusal(context.extra);
      return this.#refuse(error, requestId);
    }
  }

  #refuse(error: unknown, requestId: string): PublicGraphQLError[] {
    const errors = error instanceof RefusedOperation ? error.errors : [toAppError(error)];
    return errors.map((each) => new PublicGraphQLError(formatError(each, requestId, this.#options.log)));
  }

  #noteRefusal(own: Pick<SocketExtra, 'socket' | 'budget'>): void {
    if (!own.budget.takeRefusal()) closeFlood(own);
  }

  async #execute(asked: Asked): Promise<unknown> {
    const startedAtMs = performance.now();
    const { operation, variables, identity, requestId, clientAddress: address } = asked;
    const result = await this.#options.graph.execute(operation, variables, { caller: identity.caller, requestId, clientAddress: address });
    this.#options.metrics.request(operation.kind, result, startedAtMs);
    if (result.data === undefined || result.data === null) this.#noteRefusal(asked);
    return result;
  }

  /** Writes the frames itself, so that all clients of a group share one text; graphql-ws keeps the protocol's state over an iterator that yields nothing. */
  #join(asked: Asked, id: string): LiveFrames {
    const { operation, variables, identity, socket } = asked;
    const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    const frames = new LiveFrames();
    frames.leave = this.#options.subscriptions.join(operation, variables, identity.caller, {
      next: (json) => {
        if (!this.#dropIfSlow(socket) && socket.readyState === socket.OPEN) socket.send(`${head}${json}}`);
      },
      complete: (refusal) => {
        if (refusal !== undefined) this.#noteRefusal(asked);
        frames.end(refusal);
      },
      waitingBytes: () => socket.bufferedAmount,
    });
    return frames;
  }

  #dropIfSlow(socket: WebSocket): boolean {
    if (socket.bufferedAmount <= MAX_WAITING_BYTES) return false;
    if (socket.readyState === socket.OPEN) {
      this.#options.metrics.slowConsumers.inc({ transport: 'websocket' });
      socket.close(TRY_AGAIN_LATER, 'SLOW_CONSUMER');
      cutSoon(socket, CLOSE_WITHIN_MS);
    }
    return true;
  }
}

const PAYLOAD_NAMES: Record<string, keyof Credentials> = { authorization: 'authorization', apikey: 'apiKey', xapikey: 'apiKey' };

/** The credentials in a connection_init payload, however their names are written. @throws AppError MALFORMED_CREDENTIAL */
function credentialsOfPayload(payload: Record<string, unknown> | undefined): Credentials {
  const credentials: Credentials = {};
  for (const [name, value] of Object.entries(payload ?? {})) {
    const target = PAYLOAD_NAMES[name.toLowerCase().replaceAll(/[-_]/g, '')];
    if (target === undefined || value === null || value === undefined) continue;
    if (typeof value !== 'string') throw new AppError('UNAUTHENTICATED', 'MALFORMED_CREDENTIAL');
    credentials[target] = value;
  }
  return credentials;
}
