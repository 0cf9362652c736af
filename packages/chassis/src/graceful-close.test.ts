import { Agent, get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { waitFor } from '@iotistic/testkit/wait';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { createLog } from './log.ts';

const BIG = Buffer.alloc(16 * 1024 * 1024, 120);
let server: HttpServer;
/** Lets the slow route answer. */
let answerSlow: () => void;
let slowAsked: Promise<void>;
const sockets: Socket[] = [];

beforeEach(async () => {
  let sayAsked = (): void => undefined;
  slowAsked = new Promise((resolve) => {
    sayAsked = resolve;
  });
  const mayAnswer = new Promise<void>((resolve) => {
    answerSlow = resolve;
  });
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 1_000,
    log: createLog({ level: 'silent', name: 'test' }),
    routes: {
      'GET /': () => ({ body: 'here' }),
      'GET /big': () => ({ body: BIG }),
      'POST /body': async (request) => ({ body: await request.body() }),
      'GET /slow': async () => {
        sayAsked();
        await mayAnswer;
        return { body: 'late' };
      },
      'GET /stream': (request) => {
        request.takeResponse().writeHead(200, { 'content-type': 'text/event-stream' }).write(': connected\n\n');
        return null;
      },
    },
  });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** A connection that sends this and then neither reads (unless told) nor ends. */
function hold(text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(text, () => resolve(socket));
    });
    sockets.push(socket);
    socket.on('error', reject);
    socket.pause();
  });
}

function ask(path: string, agent: Agent): Promise<{ body: string; connection: string | undefined }> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: server.port, path, agent }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += String(chunk)));
      response.on('end', () => resolve({ body, connection: response.headers.connection }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

const open = (): Promise<number> => new Promise((resolve) => server.server.getConnections((_error, count) => resolve(count)));

describe('a server that is closed', () => {
  it('fails no request of eight clients that keep their connections: each is answered, or was never taken', async () => {
    let answered = 0;
    const failures: string[] = [];
    const client = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      let code = '';
      while (code === '') {
        await ask('/', agent).then(
          () => (answered += 1),
          (error: NodeJS.ErrnoException) => (code = error.code ?? error.message),
        );
      }
      failures.push(code);
      agent.destroy();
    };
    const clients = Array.from({ length: 8 }, client);
    await waitFor(() => expect(answered).toBeGreaterThan(200));
    await server.close();
    await Promise.all(clients);
    expect(failures).toEqual(Array.from({ length: 8 }, () => 'ECONNREFUSED'));
  });

  it('says in each answer, also of a request that ran already, that it is the last of its connection', async () => {
    const agent = new Agent({ keepAlive: true });
    expect((await ask('/', agent)).connection).toBe('keep-alive');
    const slow = ask('/slow', agent);
    await slowAsked;
    expect(server.isDraining()).toBe(false);
    server.drain();
    expect(server.isDraining()).toBe(true);
    answerSlow();
    expect([await slow, (await ask('/', agent)).connection]).toEqual([{ body: 'late', connection: 'close' }, 'close']);
    agent.destroy();
  });

  it('answers the request that comes on a kept connection just as it closes', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await ask('/', agent);
    const closed = server.close();
    expect(await ask('/', agent)).toEqual({ body: 'here', connection: 'close' });
    await closed;
    agent.destroy();
  });

  it('finishes what runs, beside a connection that never sent a byte', async () => {
    await hold('');
    const agent = new Agent({ keepAlive: true });
    const slow = ask('/slow', agent);
    await slowAsked;
    const closed = server.close();
    answerSlow();
    expect((await slow).body).toBe('late');
    await closed;
    agent.destroy();
  });

  it.each([
    ['nothing at all', ''],
    ['half a request line', 'GET /x'],
    ['half of the headers', 'GET / HTTP/1.1\r\nhost: a\r\naccept'],
    ['the beginning of a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['half of a body', 'POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf'],
    ['half of a chunked body', 'POST /body HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel'],
    ['a body that it was asked to wait with', 'POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n'],
    ['a request whose answer it never reads', 'GET /big HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['two requests at once, and reads none', 'GET /big HTTP/1.1\r\nhost: a\r\n\r\nGET /big HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['a request for a stream that nobody ends', 'GET /stream HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['a request, and keeps the connection', 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['an upgrade that is refused', 'GET /x HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['a method for proxies', 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n'],
  ])('ends, and is not held by a client that sent %s', async (_what, text) => {
    await hold(text);
    await waitFor(async () => expect(await open()).toBe(1));
    await server.close();
    expect(await open()).toBe(0);
  });
});
