import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestProxy } from '@iotistic/testkit/proxy';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { CliViewerDocument } from './generated.ts';
import { environmentProxies, outboundFetch } from './outbound.ts';
import { askPlane } from './plane.ts';
import { listenToPlane } from './plane-live.ts';

const { signal } = new AbortController();
/** A name that nobody knows: what reaches it goes through the proxy. */
const target = { url: 'http://plane.invalid', token: 'secret', timeoutSeconds: 30 };

async function proxyTo(port: number): Promise<Awaited<ReturnType<typeof startTestProxy>>> {
  const proxy = await startTestProxy(port, 'user:hunter2');
  onTestFinished(() => proxy.stop());
  return proxy;
}

describe('where a proxy is the only way out', () => {
  it('the plane is asked through it, unless NO_PROXY names it', async () => {
    const server = createServer((_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"viewer":null}}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const proxy = await proxyTo((server.address() as AddressInfo).port);
    const ask = (environment: Record<string, string>): Promise<unknown> => askPlane(target, { fetch: outboundFetch(environmentProxies(environment), fetch), signal }, CliViewerDocument, {});
    expect(await ask({ HTTP_PROXY: proxy.url })).toEqual({ viewer: null });
    await expect(ask({ HTTP_PROXY: proxy.url, NO_PROXY: 'plane.invalid' })).rejects.toThrow(/plane\.invalid/);
    expect(proxy.asked).toEqual(['POST http://plane.invalid/graphql']);
  });

  it('a live operation tunnels through it', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'graphql-transport-ws' });
    await once(sockets, 'listening');
    onTestFinished(() => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    });
    sockets.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => {
        const { type, id } = JSON.parse(data.toString('utf8')) as { type: string; id?: string };
        if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
        if (type === 'subscribe') for (const message of [{ type: 'next', id, payload: { data: { viewer: null } } }, { type: 'complete', id }]) socket.send(JSON.stringify(message));
      }),
    );
    const proxy = await proxyTo((sockets.address() as AddressInfo).port);
    const heard: unknown[] = [];
    await listenToPlane(target, { signal, environment: { http_proxy: proxy.url } }, CliViewerDocument, {}, { hear: (data) => void heard.push(data) });
    expect([heard, proxy.asked]).toEqual([[{ viewer: null }], ['CONNECT plane.invalid:80']]);
  });
});
