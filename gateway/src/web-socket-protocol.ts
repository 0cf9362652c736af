import type { IncomingMessage } from 'node:http';
import type { Log } from '@iotistic/chassis/log';
import type { Reason } from '@iotistic/contracts/errors';
import { CloseCode, makeServer, type ServerOptions } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { SocketBudget } from './socket-budget.ts';

/** What graphql-ws keeps beside a connection's protocol state. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  socket: WebSocket;
  request: IncomingMessage;
  budget: SocketBudget;
}

const CUT_WITHIN_MS = 1_000;

export type Payload = Record<string, unknown> | undefined;

/**
 * Speaks graphql-transport-ws on a socket. graphql-ws's own adapter for ws writes faults to the console and keeps two
 * timers for each socket; here they are logged, and one sweep over all sockets finds the dead.
 */
export function createWebSocketProtocol(options: ServerOptions<Payload, SocketExtra>, log: Log): (socket: WebSocket, request: IncomingMessage, budget: SocketBudget) => void {
  const server = makeServer<Payload, SocketExtra>(options);
  return (socket, request, budget) => {
    /** Of a socket that is being closed nothing is read any more. */
    const mayGoOn = (): boolean => {
      if (budget.isOver || socket.readyState !== socket.OPEN) return false;
      if (budget.takeMessage()) return true;
      closeFlood({ socket, budget });
      return false;
    };
    socket.on('ping', (data: Buffer) => {
      if (mayGoOn()) socket.pong(data);
    });
    socket.on('pong', mayGoOn);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => {
          socket.on('message', (data: Buffer) => {
            if (!mayGoOn()) return;
            receive(data.toString('utf8')).catch((err: unknown) => {
              log.error({ err }, 'a WebSocket message could not be worked on');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      { socket, request, budget },
    );
    // A frame that is none, or too large: ws closes the socket with the code that fits.
    socket.on('error', (err) => log.debug({ err }, 'a WebSocket broke the protocol'));
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((err: unknown) => log.error({ err }, 'a WebSocket could not be cleared away'));
    });
  };
}

/** Closes a socket that sends too much, with a word, and reads no more of it: what it has under way would cost as much as before. */
export function closeFlood({ socket, budget }: Pick<SocketExtra, 'socket' | 'budget'>): void {
  if (budget.isOver || socket.readyState !== socket.OPEN) return;
  budget.isOver = true;
  socket.pause();
  // What was refused before is said first.
  setImmediate(() => {
    socket.close(CloseCode.TooManyInitialisationRequests, 'TOO_MANY_MESSAGES' satisfies Reason);
    cutSoon(socket, CUT_WITHIN_MS);
  });
}

/** A client that does not close its side does not keep it. */
export function cutSoon(socket: WebSocket, afterMs: number): void {
  const timer = setTimeout(() => socket.terminate(), afterMs).unref();
  socket.once('close', () => clearTimeout(timer));
}

function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else socket.send(data, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
