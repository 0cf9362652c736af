import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Responses } from './broken-requests.ts';
import type { Upgrade } from './http-server.ts';
import { canonicalPath, readTarget } from './request-target.ts';

/** Named for the change that is not made: they must not come along. */
const OF_THE_UPGRADE = new Set(['upgrade', 'http2-settings', 'connection']);

/**
 * Hands WebSockets to their paths. A server may ignore whatever else a client would rather speak (RFC 9110, 7.8): Java's HttpClient
 * offers `h2c` with every request, and is answered as if it had not.
 */
export function serveUpgrades(server: Server, upgrades: Readonly<Record<string, Upgrade>>, responses: Responses): void {
  function serveAsRequest(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket.destroyed) return;
    socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
    server.emit('connection', socket);
  }

  server.on('upgrade', (request, socket, head) => {
    const onError = (): void => void socket.destroy();
    // Node has let go of the socket: without a listener, a client that hangs up here would end the process.
    socket.on('error', onError);
    const upgrade = request.method === 'GET' && asksForWebSocket(request) ? upgrades[pathOf(request)] : undefined;
    if (upgrade !== undefined) {
      request.headers.upgrade = 'websocket';
      upgrade(request, socket, head);
      return;
    }
    const again = (): void => {
      socket.off('error', onError);
      serveAsRequest(request, socket, head);
    };
    // What came before on this connection is answered first.
    const before = responses.get(socket);
    if (before === undefined || before.writableFinished) again();
    else before.once('close', again);
  });
}

function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return (headers.upgrade ?? '').split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}

function pathOf(request: IncomingMessage): string {
  try {
    return canonicalPath(readTarget(request).path);
  } catch {
    // Refused as any other request, with its reason.
    return '';
  }
}

/** The request as it came, but for what it asked to change to. */
function headWithoutUpgrade({ method = 'GET', url = '/', httpVersion, headers, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (!OF_THE_UPGRADE.has((rawHeaders[index] as string).toLowerCase())) lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  const connection = (headers.connection ?? '').split(',').map((option) => option.trim()).filter((option) => !OF_THE_UPGRADE.has(option.toLowerCase()) && option !== '');
  if (connection.length > 0) lines.push(`connection: ${connection.join(', ')}`);
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
