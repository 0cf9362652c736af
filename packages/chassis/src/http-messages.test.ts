import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { openRaw, type RawAnswer, readAnswers, reasonIn, sendRaw } from '@iotistic/testkit/raw-http';
import { waitFor } from '@iotistic/testkit/wait';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { createLog } from './log.ts';

/** Requests as RFC 9112 has them and has them not, written byte by byte: no client would send most of these. */
let server: HttpServer;
let upgraded = 0;
const LIMIT = 10_000;
beforeAll(async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: LIMIT,
    log: createLog({ level: 'silent', name: 'test' }),
    deadlines: { headersMs: 400, requestMs: 800, silenceMs: 1_500, checkMs: 50 },
    routes: {
      'POST /echo': async (request) => ({ body: await request.body() }),
      'GET /seen': ({ path, query, headers }) => ({ body: JSON.stringify({ path, query: query.toString(), host: headers.host }) }),
      'GET /large': () => ({ body: Buffer.alloc(16 * 1024 * 1024, 'x') }),
      'POST /refused': () => Promise.reject(new Error('it is not read')),
    },
    upgrades: {
      '/live': (_request, socket) => {
        upgraded += 1;
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
      },
    },
  });
});
afterAll(() => server.close());

const send = async (text: string | Buffer): Promise<RawAnswer> => (await sendRaw(server.port, text)).at(-1) ?? { status: 0, headers: {}, body: '' };
const get = (target: string, more = ''): Promise<RawAnswer> => send(`GET ${target} HTTP/1.1\r\nhost: a\r\n${more}connection: close\r\n\r\n`);
const post = (body: Buffer, more = ''): Promise<RawAnswer> => send(Buffer.concat([Buffer.from(`POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n${more}connection: close\r\n\r\n`), body]));

describe('an offer to speak another protocol', () => {
  const offers: [string, string][] = [
    ['h2c, as the HttpClient of Java', 'connection: Upgrade, HTTP2-Settings\r\nhttp2-settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nupgrade: h2c\r\n'],
    ['TLS', 'connection: upgrade\r\nupgrade: TLS/1.2\r\n'],
    ['a list', 'connection: keep-alive, Upgrade\r\nupgrade: h2c, IRC/6.9\r\n'],
    ['a WebSocket where there is none', 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'],
  ];
  it.each(offers)('is ignored: %s', async (_name, headers) => {
    const closing = headers.replace('connection: ', 'connection: close, ');
    const seen = await send(`GET /seen?a=1 HTTP/1.1\r\nhost: b\r\n${closing}\r\n`);
    expect([seen.status, JSON.parse(seen.body)]).toEqual([200, { path: '/seen', query: 'a=1', host: 'b' }]);
    const echoed = await send(`POST /echo HTTP/1.1\r\nhost: b\r\n${closing}content-length: 5\r\n\r\nhello`);
    expect([echoed.status, echoed.body]).toEqual([200, 'hello']);
    const chunked = await send(`POST /echo HTTP/1.1\r\nhost: b\r\n${closing}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
    expect([chunked.status, chunked.body]).toEqual([200, 'hello']);
    const nowhere = await send(`GET /nowhere HTTP/1.1\r\nhost: b\r\n${closing}\r\n`);
    expect([nowhere.status, reasonIn(nowhere)]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  it('keeps the connection, and what was sent behind it', async () => {
    const offer = 'GET /seen?n=1 HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, HTTP2-Settings\r\nhttp2-settings: AA\r\nupgrade: h2c\r\n\r\n';
    const answers = await sendRaw(server.port, `${offer}${offer.replace('n=1', 'n=2')}GET /seen?n=3 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(answers.map(({ body }) => (JSON.parse(body) as { query: string }).query)).toEqual(['n=1', 'n=2', 'n=3']);
  });

  it('is taken up for WebSocket alone, at its path, whatever else is offered with it', async () => {
    const before = upgraded;
    for (const protocols of ['websocket', 'WebSocket', 'h2c, websocket']) expect((await send(`GET /live HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: ${protocols}\r\n\r\n`)).status).toBe(101);
    expect(upgraded - before).toBe(3);
    expect((await send('GET /live HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n')).status).toBe(404);
  });
});

describe('the target of a request', () => {
  it.each([
    ['a path', '/seen?a=1', { path: '/seen', query: 'a=1', host: 'a' }],
    ['a query with question marks', '/seen?a=b?c?d', { path: '/seen', query: 'a=b%3Fc%3Fd', host: 'a' }],
    ['the form for proxies, whose host counts', 'http://other.example:81/seen?a=1', { path: '/seen', query: 'a=1', host: 'other.example:81' }],
    ['the form for proxies, in capitals', 'HTTP://other.example/seen', { path: '/seen', query: '', host: 'other.example' }],
  ])('may be %s', async (_name, target, seen) => {
    const answer = await get(target);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, seen]);
  });

  it.each(['//seen', '/seen/', '/%73een', '///seen//', 'http://a//seen'])('reaches its route as %s', async (target) => {
    expect((await get(target)).status).toBe(200);
  });

  it.each(['/seen/x', '/./seen', '/x/../seen', '/%2fseen', '/seen%00', '/%zz', '/SEEN', 'http://a'])('reaches nothing as %s', async (target) => {
    const answer = await get(target);
    expect([answer.status, reasonIn(answer)]).toEqual([404, 'ROUTE_NOT_FOUND']);
  });

  it.each(['ftp://a/seen', 'seen', 'http:///seen', 'http://a b/seen', 'http://a\\@b/seen'])('is refused as %s', async (target) => {
    const answer = await get(target);
    expect([answer.status, reasonIn(answer)]).toEqual([400, 'MALFORMED_HTTP']);
  });

  it('names the methods that a path takes', async () => {
    const wrong = await get('/echo');
    expect([wrong.status, wrong.headers['allow'], reasonIn(wrong)]).toEqual([405, 'POST', 'METHOD_NOT_ALLOWED']);
    const put = await send('PUT /seen HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    expect([put.status, put.headers['allow']]).toEqual([405, 'GET, HEAD']);
    const options = await send('OPTIONS /seen HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS']);
    expect((await send('OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')).status).toBe(204);
    const tunnel = await send('CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n');
    expect([tunnel.status, reasonIn(tunnel)]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  });
});

describe('a message that two servers could read differently', () => {
  const shapes: [string, string][] = [
    ['no host', 'GET /seen HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /seen HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n'],
    ['a host that is none', 'GET /seen HTTP/1.1\r\nhost: a/b@c\r\n\r\n'],
    ['two lengths', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello!'],
    ['the same length twice', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello'],
    ['two lengths in one field', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5, 6\r\n\r\nhello!'],
    ['a length that is none', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: +5\r\n\r\nhello'],
    ['a length in hexadecimal', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 0x5\r\n\r\nhello'],
    ['a negative length', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n'],
    ['a length and chunks', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks and a length', 'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n'],
    ['a transfer-encoding that is not known', 'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['a transfer-encoding in disguise', 'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a transfer-encoding twice', 'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks in HTTP/1.0', 'POST /echo HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a chunk whose size is none', 'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n'],
    ['a space before the colon', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length : 5\r\n\r\nhello'],
    ['a field that goes on in the next line', 'GET /seen HTTP/1.1\r\nhost: a\r\nx-folded: a\r\n b\r\n\r\n'],
    ['a NUL in a field', 'GET /seen HTTP/1.1\r\nhost: a\r\nx-nul: a\0b\r\n\r\n'],
    ['a bare carriage return', 'GET /seen HTTP/1.1\r\nhost: a\r\nx-bare: a\rb\r\n\r\n'],
    ['a field without a name', 'GET /seen HTTP/1.1\r\nhost: a\r\n: x\r\n\r\n'],
    ['a version that is none', 'GET /seen HTTP/9.9\r\nhost: a\r\n\r\n'],
    ['HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003'],
    ['a method that is none', 'GE\u0001T /seen HTTP/1.1\r\nhost: a\r\n\r\n'],
  ];
  it.each(shapes)('is refused, with its reason, and nothing behind it is read: %s', async (_name, text) => {
    const answers = await sendRaw(server.port, `${text}GET /seen?smuggled HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    const [first = { status: 0, headers: {}, body: '{}' }] = answers;
    expect([first.status, reasonIn(first), first.headers['connection']]).toEqual([400, 'MALFORMED_HTTP', 'close']);
    expect(answers.length).toBe(1);
    expect(first.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('is 431 where its headers are too large, as 20 kB of cookies are', async () => {
    const answer = await get('/seen', `cookie: ${'a=b; '.repeat(4_000)}\r\n`);
    expect([answer.status, reasonIn(answer)]).toEqual([431, 'HEADERS_TOO_LARGE']);
    const many = await get('/seen', Array.from({ length: 2_500 }, (_, index) => `x-${index}: 1\r\n`).join(''));
    expect([many.status, reasonIn(many)]).toEqual([431, 'HEADERS_TOO_LARGE']);
  });

  it('does not cost the one before it its answer', async () => {
    const behind = await sendRaw(server.port, 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello\0rubbish\r\n\r\n');
    expect(behind.map(({ status, body }) => [status, body])).toEqual([[200, 'hello']]);
    const afterClose = await sendRaw(server.port, 'POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello\r\n\r\nmore');
    expect(afterClose.map(({ status, body }) => [status, body])).toEqual([[200, 'hello']]);
  });

  it('is taken in the forms that old clients send', async () => {
    expect((await send('GET /seen HTTP/1.0\r\n\r\n')).status).toBe(200);
    expect((await send('\r\nGET /seen HTTP/1.1\r\nhost:a\r\nconnection: close\r\n\r\n')).status).toBe(200);
    expect((await send('POST /echo HTTP/1.1\r\nHOST: a\r\nTransfer-Encoding: Chunked\r\nconnection: close\r\n\r\n5;name=value\r\nhello\r\n0\r\ntrailer: x\r\n\r\n')).body).toBe('hello');
  });
});

describe('a client that waits for a word before it sends its body', () => {
  const head = (path: string, length: number, expects = '100-continue'): string => `POST ${path} HTTP/1.1\r\nhost: a\r\nexpect: ${expects}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;

  it('gets it once the body is wanted', async () => {
    const { socket, closed, received } = openRaw(server.port);
    socket.write(head('/echo', 5));
    await waitFor(() => expect(received()).toContain('100 Continue'));
    socket.write('hello');
    expect(readAnswers(await closed).map(({ status, body }) => [status, body])).toEqual([[100, ''], [200, 'hello']]);
  });

  it.each([
    ['too large', '/echo', LIMIT + 1, 413],
    ['for nothing that is served', '/nowhere', 5, 404],
    ['refused for another reason', '/refused', 5, 500],
  ])('gets the refusal instead where it is %s', async (_name, path, length, status) => {
    expect((await sendRaw(server.port, head(path, length))).map((answer) => answer.status)).toEqual([status]);
  });

  it('may expect something else, which is ignored', async () => {
    expect((await send(`${head('/echo', 5, 'a-miracle')}hello`)).body).toBe('hello');
  });
});

describe('a compressed body', () => {
  const text = Buffer.from('{"hello":"world"}'.repeat(20));
  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['identity', text],
  ])('is read as it was before: %s', async (coding, body) => {
    const answer = await post(body, `content-encoding: ${coding}\r\n`);
    expect([answer.status, answer.body]).toEqual([200, text.toString()]);
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(LIMIT + 1))],
    ['br', brotliCompressSync(Buffer.alloc(200 * 1024 * 1024))],
    ['deflate', deflateSync(Buffer.alloc(1024 * 1024))],
  ])('is 413 where it would be too large, whatever it has become: %s', async (coding, body) => {
    expect(body.length).toBeLessThan(LIMIT);
    const answer = await post(body, `content-encoding: ${coding}\r\n`);
    expect([answer.status, reasonIn(answer)]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it.each([
    ['gzip', text],
    ['gzip', gzipSync(text).subarray(0, 20)],
    ['gzip', Buffer.alloc(0)],
    ['br', text],
    ['deflate', gzipSync(text)],
  ])('is 400 where it is not what it says: %s', async (coding, body) => {
    const answer = await post(body, `content-encoding: ${coding}\r\n`);
    expect([answer.status, reasonIn(answer)]).toEqual([400, 'MALFORMED_ENCODING']);
  });

  it.each(['zstd', 'compress', 'gzip, gzip', 'gzip, br', 'rubbish', 'gzip;q=1'])('is 415 in a coding that is not known, and says which are: %s', async (coding) => {
    const answer = await post(gzipSync(text), `content-encoding: ${coding}\r\n`);
    expect([answer.status, reasonIn(answer), answer.headers['accept-encoding']]).toEqual([415, 'UNSUPPORTED_ENCODING', 'gzip, deflate, br']);
  });
});

describe('a client that takes its time', () => {
  it.each([
    ['says nothing', ''],
    ['does not end its first line', 'GET /se'],
    ['does not end its headers', 'GET /seen HTTP/1.1\r\nhost: a\r\nx-'],
    ['does not send the body that it announced', 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 50\r\n\r\nabc'],
    ['does not end its chunks', 'POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ])('and %s is answered 408', async (_name, text) => {
    const answer = await send(text);
    expect([answer.status, reasonIn(answer), answer.headers['connection']]).toEqual([408, 'REQUEST_TIMEOUT', 'close']);
  });

  it('and sends byte by byte, on many connections, is cut off on each while others are answered', async () => {
    const slow = Array.from({ length: 100 }, () => openRaw(server.port));
    for (const { socket } of slow) socket.write('POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    const trickle = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write('1\r\nx\r\n');
    }, 20);
    expect((await get('/seen')).status).toBe(200);
    const ends = await Promise.all(slow.map(({ closed }) => closed));
    clearInterval(trickle);
    for (const end of ends) expect(readAnswers(end).map(({ status }) => status)).toEqual([408]);
  });

  it('and does not read its answer is cut off', async () => {
    const connections = (): Promise<number> => new Promise((resolve) => server.server.getConnections((_error, count) => resolve(count)));
    const { socket } = openRaw(server.port);
    socket.pause();
    socket.write('GET /large HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(4));
    await waitFor(async () => expect(await connections()).toBeGreaterThan(0));
    await waitFor(async () => expect(await connections()).toBe(0));
    socket.destroy();
  });

  it('is cut off within two seconds of the limit: late requests are looked for each second', async () => {
    const serving = await startHttpServer({ host: '127.0.0.1', port: 0, maxBodyBytes: LIMIT, log: createLog({ level: 'silent', name: 'test' }), routes: {} });
    expect(serving.server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 });
    await serving.close();
  });
});

describe('a refusal before the body has come', () => {
  it('reaches the client, however much it is sending', async () => {
    const { socket, closed } = openRaw(server.port);
    socket.write(`POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: ${8 * 1024 * 1024}\r\n\r\n`);
    for (let part = 0; part < 8; part += 1) socket.write(Buffer.alloc(1024 * 1024));
    const answers = readAnswers(await closed);
    expect(answers.map((answer) => [answer.status, reasonIn(answer)])).toEqual([[413, 'BODY_TOO_LARGE']]);
  });
});
