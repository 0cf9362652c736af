import type { IncomingMessage } from 'node:http';
import type { Log } from '@iotistic/chassis/log';
import { CloseCode, makeServer, type ServerOptions } from 'graphql-ws';
import type { WebSocket } from 'ws';

/** What graphql-ws keeps beside a connection's protocol state. */
export interface SocketExtra extends Record<PropertyKey, unknown> {
  socket: WebSocket;
  request: IncomingMessage;
}

export type Payload = Record<string, unknown> | undefined;

/**
 * Speaks graphql-transport-ws on a socket. graphql-ws's own adapter for ws writes faults to the console and keeps two
 * timers for each socket; here they are logged, and one sweep over all sockets finds the dead.
 */
export function createWebSocketProtocol(options: ServerOptions<Payload, SocketExtra>, log: Log): (socket: WebSocket, request: IncomingMessage) => void {
  const server = makeServer<Payload, SocketExtra>(options);
  return (socket, request) => {
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (data) => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (receive) => {
          socket.on('message', (data: Buffer) => {
            receive(data.toString('utf8')).catch((err: unknown) => {
              log.error({ err }, 'a WebSocket message could not be worked on');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      { socket, request },
    );
    // A frame that is none, or too large: ws closes the socket with the code that fits.
    socket.on('error', (err) => log.debug({ err }, 'a WebSocket broke the protocol'));
    socket.once('close', (code, reason) => {
      closed(code, String(reason)).catch((err: unknown) => log.error({ err }, 'a WebSocket could not be cleared away'));
    });
  };
}

function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState !== socket.OPEN) resolve();
    else socket.send(data, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
