import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface TestProxy {
  /** With the credentials that it asks for. */
  url: string;
  /** What it was asked for: `CONNECT host:port`, or `POST http://host/path`. */
  asked: string[];
  /** How often it answered 407. */
  refused: number;
  stop(): Promise<void>;
}

/**
 * A forward proxy (RFC 9110: CONNECT, and requests in absolute form) that every host is behind: whatever name is asked for leads
 * to one port of 127.0.0.1, so that names which nobody knows are reached through it and in no other way.
 */
export async function startTestProxy(leadsToPort: number, credentials: string | null = null): Promise<TestProxy> {
  const proxy: Omit<TestProxy, 'url' | 'stop'> = { asked: [], refused: 0 };
  const sockets = new Set<Socket>();
  const expected = credentials === null ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  const admits = (request: IncomingMessage): boolean => {
    if (request.headers['proxy-authorization'] === expected) return true;
    proxy.refused += 1;
    return false;
  };
  const server = createServer((request, response) => {
    proxy.asked.push(`${String(request.method)} ${String(request.url)}`);
    if (admits(request)) forward(request, response, leadsToPort);
    else response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
  });
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    proxy.asked.push(`CONNECT ${String(request.url)}`);
    if (!admits(request)) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const upstream = connect(leadsToPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      socket.pipe(upstream).pipe(socket);
    });
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => each.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(proxy, { url: `http://${credentials === null ? '' : `${credentials}@`}${at}`, stop: () => stop(server, sockets) });
}

function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { pathname, search } = new URL(request.url ?? '/');
  const upstream = ask({ port, host: '127.0.0.1', method: request.method, path: `${pathname}${search}`, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
