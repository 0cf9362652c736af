import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How a server ends without a request being lost by it. */
export interface GracefulClose {
  /** From now on each answer is the last one of its connection, and says so. New connections are still taken. */
  drain(): void;
  isDraining(): boolean;
  /**
   * Takes no new connection and finishes what runs. A connection without a request has a moment in which one that is on its way
   * arrives and is answered; then it is ended, whether it ever sent a byte or not. Done within FINISH_WITHIN_MS, whatever clients do.
   */
  close(): Promise<void>;
}

interface Connection {
  /** Requests that are not answered yet, and their answers. */
  readonly running: Map<ServerResponse, IncomingMessage>;
  /** A WebSocket: ended by its door. */
  isUpgraded: boolean;
  bytesRead: number;
  bytesWaiting: number;
  movedAtMs: number;
}

/** A request that was sent when the server began to close is on its way for no longer. */
const LINGER_MS = 250;
/** What was ended politely and is still there is cut off. */
const CUT_AFTER_MS = 500;
/** A request whose body stops coming while the server closes will not be whole any more; an answer of which nothing is taken will not be read. */
const SILENT_MS = 1_500;
const FINISH_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;
/** A turn of the event loop as short as this had nothing to do. */
const QUIET_TURN_MS = 0.2;
const QUIET_WITHIN_MS = 250;

/** Watches the connections of a server from its start on: Node itself counts one that never sent a byte as busy. */
export function gracefulClose(server: Server): GracefulClose {
  return new Connections(server);
}

class Connections implements GracefulClose {
  readonly #server: Server;
  readonly #open = new Map<Socket, Connection>();
  #isDraining = false;
  #taken = 0;
  #closed: Promise<void> | null = null;

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#taken += 1;
      this.#open.set(socket, { running: new Map(), isUpgraded: false, bytesRead: 0, bytesWaiting: 0, movedAtMs: performance.now() });
      socket.once('close', () => this.#open.delete(socket));
    });
    const note = (request: IncomingMessage, response: ServerResponse): void => this.#note(request, response);
    // Before the listeners that answer: Node tells requests with an Expect header by events of their own.
    for (const event of ['request', 'checkContinue', 'checkExpectation']) server.prependListener(event, note);
    server.prependListener('upgrade', (request) => {
      const connection = this.#open.get(request.socket);
      if (connection !== undefined) connection.isUpgraded = true;
    });
  }

  #note(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#open.get(request.socket);
    if (this.#isDraining) response.shouldKeepAlive = false;
    connection?.running.set(response, request);
    response.once('close', () => connection?.running.delete(response));
  }

  isDraining(): boolean {
    return this.#isDraining;
  }

  drain(): void {
    this.#isDraining = true;
    for (const { running } of this.#open.values()) {
      for (const response of running.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#isDraining) await this.#untilQuiet();
    // Node's own close() destroys idle connections at once, also one on which a request is on its way.
    const ended = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(this.#server, () => resolve());
    });
    // Not before: clients that have to connect anew are refused from here on, and none of them is taken and then cut off.
    this.drain();
    const beganMs = performance.now();
    const look = setInterval(() => this.#look(performance.now() - beganMs), LOOK_EVERY_MS);
    await ended;
    clearInterval(look);
    // Nothing is left: this ends Node's own timer, and says that the server is closed already.
    this.#server.close(() => undefined);
  }

  /** While it drains, clients connect anew for each request. The kernel resets those that we have not taken yet: listening ends in a moment in which there are none. */
  async #untilQuiet(): Promise<void> {
    const giveUpMs = performance.now() + QUIET_WITHIN_MS;
    for (let beganMs = performance.now(); beganMs < giveUpMs; beganMs = performance.now()) {
      const taken = this.#taken;
      await nextTurn();
      if (this.#taken === taken && performance.now() - beganMs < QUIET_TURN_MS) return;
    }
  }

  #look(sinceMs: number): void {
    for (const [socket, connection] of this.#open) {
      if (sinceMs >= FINISH_WITHIN_MS || isStuck(socket, connection)) socket.destroy();
      else if (isIdle(socket, connection) && sinceMs >= LINGER_MS) {
        if (sinceMs >= CUT_AFTER_MS) socket.destroy();
        else socket.end();
      }
    }
  }
}

/** An upgrade that was refused is over as well, whatever its client does. */
function isIdle(socket: Socket, { running, isUpgraded }: Connection): boolean {
  return running.size === 0 && (!isUpgraded || socket.writableEnded);
}

/** Whether it waits for its client, in vain: for the rest of a body, or for somebody who reads. */
function isStuck(socket: Socket, connection: Connection): boolean {
  const now = performance.now();
  const isComing = [...connection.running.values()].some((request) => !request.complete);
  const hasMoved = socket.bytesRead !== connection.bytesRead || socket.writableLength !== connection.bytesWaiting;
  if (hasMoved || (!isComing && socket.writableLength === 0)) {
    connection.bytesRead = socket.bytesRead;
    connection.bytesWaiting = socket.writableLength;
    connection.movedAtMs = now;
  }
  return now - connection.movedAtMs >= SILENT_MS;
}
