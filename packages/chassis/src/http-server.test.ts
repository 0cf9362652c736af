import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { AppError } from '@iotistic/contracts/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from './http-server.ts';
import { createLog } from './log.ts';

let server: HttpServer;
const lines: string[] = [];
const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;

beforeAll(async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 100,
    headers: { 'x-content-type-options': 'nosniff' },
    log: createLog({ level: 'debug', name: 'test', destination: { write: (line) => void lines.push(line) } }),
    routes: {
      'POST /echo': async (request) => ({ body: await request.body() }),
      'GET /id': ({ requestId }) => ({ body: requestId }),
      'GET /own': (request) => {
        request.addHeader('vary', 'origin');
        return { headers: { 'x-content-type-options': 'own', 'x-other': 'too' } };
      },
      'GET /taken': (request) => {
        request.addHeader('vary', 'origin');
        request.takeResponse().writeHead(202, { 'x-other': 'too' }).end('by itself');
        return null;
      },
      'GET /taken/refused': (request) => {
        request.takeResponse();
        throw new AppError('FORBIDDEN', 'ADMIN_ONLY');
      },
      'GET /below/*': ({ path }) => ({ body: path }),
      'GET /refused': () => {
        throw new AppError('FORBIDDEN', 'ADMIN_ONLY');
      },
      'GET /broken': () => {
        throw new Error('the password is hunter2');
      },
    },
  });
});
afterAll(() => server.close());

async function reasonOf(response: Response): Promise<unknown> {
  const { errors } = (await response.json()) as { errors: { extensions: { reason: string } }[] };
  return errors[0]?.extensions.reason;
}

describe('the HTTP server', () => {
  it('answers a route with the headers that every answer has', async () => {
    const response = await fetch(url('/echo?x=1'), { method: 'POST', body: 'hello' });
    expect(await response.text()).toBe('hello');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('answers with the headers of the route instead of the common ones, and what was added before', async () => {
    const { headers } = await fetch(url('/own'));
    expect(['x-content-type-options', 'x-other', 'vary', 'content-length'].map((name) => headers.get(name))).toEqual(['own', 'too', 'origin', '0']);
  });

  it('gives a route that answers by itself the headers of every answer, once', async () => {
    const taken = await fetch(url('/taken'));
    expect([taken.status, await taken.text()]).toEqual([202, 'by itself']);
    expect(['x-content-type-options', 'x-other', 'vary'].map((name) => taken.headers.get(name))).toEqual(['nosniff', 'too', 'origin']);
    const refused = await fetch(url('/taken/refused'));
    expect([refused.status, refused.headers.get('x-content-type-options'), await reasonOf(refused)]).toEqual([403, 'nosniff', 'ADMIN_ONLY']);
  });

  it('keeps a request id that is safe to repeat and replaces one that is not', async () => {
    const kept = await fetch(url('/id'), { headers: { 'x-request-id': 'abc-123' } });
    expect([await kept.text(), kept.headers.get('x-request-id')]).toEqual(['abc-123', 'abc-123']);
    const replaced = await fetch(url('/id'), { headers: { 'x-request-id': 'a b"c' } });
    expect(await replaced.text()).toMatch(/^req_/);
  });

  it('goes on when clients that ask for a WebSocket hang up at once', async () => {
    await Promise.all(
      Array.from(
        { length: 20 },
        () =>
          new Promise((resolve) => {
            const socket = connect(server.port, '127.0.0.1', () => {
              socket.write('GET /nowhere HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
              socket.resetAndDestroy();
            });
            socket.on('close', resolve);
          }),
      ),
    );
    expect((await fetch(url('/below/a'))).status).toBe(200);
  });

  it('takes all paths below a prefix', async () => {
    expect(await (await fetch(url('/below/a/b'))).text()).toBe('/below/a/b');
  });

  it.each([
    ['GET', '/nowhere', 404, 'ROUTE_NOT_FOUND'],
    ['GET', '/echo', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/refused', 403, 'ADMIN_ONLY'],
    ['GET', '/broken', 500, 'UNEXPECTED'],
  ])('%s %s is %i %s', async (method, path, status, reason) => {
    const response = await fetch(url(path), { method });
    expect([response.status, await reasonOf(response)]).toEqual([status, reason]);
  });

  it('tells nobody what went wrong inside, but its log', async () => {
    lines.length = 0;
    const text = await (await fetch(url('/broken'))).text();
    expect(text).not.toContain('hunter2');
    expect(lines.join('')).toContain('hunter2');
  });

  it('refuses a body that is too large, declared or streamed, and answers the next request', async () => {
    const declared = await fetch(url('/echo'), { method: 'POST', body: 'x'.repeat(101) });
    expect([declared.status, await reasonOf(declared)]).toEqual([413, 'BODY_TOO_LARGE']);
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(url('/echo'), { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, (response) => resolve(response.statusCode));
      request.on('error', reject);
      request.write('x'.repeat(80));
      request.end('x'.repeat(80));
    });
    expect(status).toBe(413);
    expect((await fetch(url('/echo'), { method: 'POST', body: 'fine' })).status).toBe(200);
  });
});
