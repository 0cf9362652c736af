import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CliError, EXIT, InterruptedError } from './cli-error.ts';
import { CliViewerDocument } from './generated.ts';
import { unreachable } from './plane-error.ts';
import { askPlane } from './plane.ts';
import { listenToPlane } from './plane-live.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (status: number, type: string, body: string, headers: Record<string, string> = {}): RequestListener => (_request, response) => void response.writeHead(status, { 'content-type': type, ...headers }).end(body);
const refusing = (extensions: Record<string, unknown>): RequestListener => answering(200, 'application/json', JSON.stringify({ errors: [{ message: 'No such customer, or not yours.', extensions }], data: null }));

async function failure(url: string, options: { timeoutSeconds?: number; signal?: AbortSignal; token?: string } = {}): Promise<CliError> {
  const terminal = { fetch, signal: options.signal ?? new AbortController().signal };
  return askPlane({ url, token: options.token ?? 'secret', timeoutSeconds: options.timeoutSeconds ?? 10 }, terminal, CliViewerDocument, {}).then(
    () => {
      throw new Error('it was answered');
    },
    (error: unknown) => error as CliError,
  );
}

describe('an answer', () => {
  it('is the data, asked for with the token and as JSON', async () => {
    const seen: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization, request.headers['content-type'], request.url);
      answering(200, 'application/json', '{"data":{"viewer":null}}')(request, response);
    });
    expect(await askPlane({ url, token: 'secret', timeoutSeconds: 10 }, { fetch, signal: new AbortController().signal }, CliViewerDocument, {})).toEqual({ viewer: null });
    expect(seen).toEqual(['Bearer secret', 'application/json', '/graphql']);
  });

  it.each([
    ['INVALID_INPUT', 'INVALID_EMAIL', EXIT.usage],
    ['INVALID_INPUT', 'MALFORMED_QUERY', EXIT.failure],
    ['UNAUTHENTICATED', 'SESSION_EXPIRED', EXIT.notAllowed],
    ['FORBIDDEN', 'ADMIN_ONLY', EXIT.notAllowed],
    ['NOT_FOUND', 'CUSTOMER_NOT_FOUND', EXIT.notFound],
    ['CONFLICT', 'EMAIL_TAKEN', EXIT.failure],
    ['LIMIT_EXCEEDED', 'RATE_LIMITED', EXIT.limit],
    ['UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', EXIT.unreachable],
    ['INTERNAL', 'INTERNAL', EXIT.failure],
  ] as const)('that is %s %s keeps reason and request, with its exit code', async (code, reason, exitCode) => {
    const error = await failure(await serve(refusing({ code, reason, requestId: 'req_7' })));
    expect(error).toMatchObject({ exitCode, code, reason, requestId: 'req_7' });
    expect(error.message).toMatch(/^No such customer, or not yours\./);
  });

  it('says when to try again', async () => {
    expect((await failure(await serve(refusing({ code: 'LIMIT_EXCEEDED', reason: 'RATE_LIMITED', retryAfterSeconds: 42 })))).message).toContain('Try again in 42 s.');
  });

  it.each([
    ['of a proxy, in HTML,', answering(502, 'text/html', '<html><body>Bad gateway</body></html>'), /is not the control plane \(HTTP 502, text\/html\)/],
    ['of another server, in JSON,', answering(404, 'application/json', '{"message":"not found"}'), /is not the control plane \(HTTP 404, application\/json\)/],
    ['that is empty', answering(204, 'text/plain', ''), /is not the control plane/],
    ['that was cut off', answering(200, 'application/json', '{"data":{"viewer'), /is not the control plane/],
    ['that sends somewhere else', answering(308, 'text/plain', '', { location: 'https://plane.example/graphql' }), /sends to https:\/\/plane\.example\/graphql/],
  ])('%s is a plain sentence and 6', async (_what, listener, message) => {
    const error = await failure(await serve(listener));
    expect(error.exitCode).toBe(EXIT.unreachable);
    expect(error.message).toMatch(message);
  });

  it('that never comes ends with --timeout, one that is interrupted at once', async () => {
    const url = await serve(() => undefined);
    expect(await failure(url, { timeoutSeconds: 0.05 })).toMatchObject({ exitCode: EXIT.unreachable, message: expect.stringContaining('did not answer within 0.05 s') as string });
    const interrupted = new AbortController();
    const asked = failure(url, { signal: interrupted.signal });
    interrupted.abort(new InterruptedError());
    expect(await asked).toBeInstanceOf(InterruptedError);
  });
});

describe('no answer', () => {
  it('where nothing listens is a plain sentence and 6', async () => {
    const url = await serve(() => undefined);
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await failure(url)).toMatchObject({ exitCode: EXIT.unreachable, message: `The plane at ${url} cannot be reached: nothing listens there.` });
    expect((await failure('http://127.0.0.1:1')).message).toBe('The plane at http://127.0.0.1:1 cannot be reached: bad port.');
  });

  it('where TLS is expected and HTTP spoken says so', async () => {
    const url = await serve(answering(200, 'application/json', '{}'));
    const error = await failure(url.replace('http:', 'https:'));
    expect(error.exitCode).toBe(EXIT.unreachable);
    expect(error.message).toContain('it does not speak TLS');
  });

  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'signed by itself'],
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another name'],
    ['ENOTFOUND', 'its name is not known'],
  ])('for %s says what is wrong', (code, words) => {
    const error = unreachable('https://plane.example', new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) }));
    expect(error.exitCode).toBe(EXIT.unreachable);
    expect(error.message).toContain(words);
  });
});

describe('a live operation', () => {
  const listen = (url: string): Promise<unknown> => listenToPlane({ url, token: 'secret', timeoutSeconds: 5 }, { signal: new AbortController().signal }, CliViewerDocument, {}, { hear: () => undefined }).catch((error: unknown) => error);

  it('where nothing listens ends with 6, and is not tried for ever', async () => {
    expect(await listen('http://127.0.0.1:1')).toMatchObject({ exitCode: EXIT.unreachable, message: expect.stringContaining('nothing listens there') as string });
  });

  it('through a proxy that lets no WebSocket through ends with 6 and says so', async () => {
    expect(await listen(await serve(answering(400, 'text/html', 'no')))).toMatchObject({ exitCode: EXIT.unreachable, message: expect.stringContaining('takes no WebSocket') as string });
  });
});
