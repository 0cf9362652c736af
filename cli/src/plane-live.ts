import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { CliError, EXIT } from './cli-error.ts';
import { errorsSchema, refusalOf, unreachable } from './plane-error.ts';
import { environmentProxies, outboundAgent } from './outbound.ts';
import type { Document, Listening, Target } from './plane.ts';
import type { Terminal } from './terminal.ts';

const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];
const PING_EVERY_MS = 20_000;
/** How the plane closes a socket whose credential it does not accept, and one that it has no room for. */
const FORBIDDEN = 4403;
const TRY_AGAIN_LATER = 1013;
/** What of the events before this one did not arrive. */
const gapSchema = z.object({ gap: z.object({ missed: z.int().min(0).nullable() }) });
const closeSchema = z.object({ code: z.number(), reason: z.string() });

/** A live operation over WebSocket. One that never came about is an error; one that breaks is made again. */
export async function listenToPlane<R, V>({ url, token, timeoutSeconds }: Target, terminal: Pick<Terminal, 'signal'> & Partial<Pick<Terminal, 'environment'>>, document: Document<R, V>, variables: V, listening: Listening<R>): Promise<void> {
  const enough = AbortSignal.any([terminal.signal, ...(listening.signal === undefined ? [] : [listening.signal])]);
  let connections = 0;
  const sockets = new Set<WebSocket>();
  class WatchedSocket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { handshakeTimeout: timeoutSeconds * 1000, agent: outboundAgent(address, environmentProxies(terminal.environment ?? {})) });
      sockets.add(this);
      this.once('close', () => sockets.delete(this));
    }
  }
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WatchedSocket,
    connectionParams: token === null ? {} : { authorization: `Bearer ${token}` },
    connectionAckWaitTimeout: timeoutSeconds * 1000,
    keepAlive: PING_EVERY_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (error) => connections > 0 && !enough.aborted && !isFinal(error),
    retryWait: (retries) => wait(RETRY_MS[Math.min(retries, RETRY_MS.length - 1)], undefined, { signal: enough }).catch(() => undefined),
  });
  client.on('connected', () => {
    connections += 1;
    // The operation is sent once this event is over.
    setImmediate(() => listening.opened?.());
  });
  client.on('closed', () => {
    if (connections > 0 && !enough.aborted) listening.lost?.();
  });
  try {
    await heard(client, document, variables, listening, enough);
  } catch (error) {
    throw error instanceof CliError ? error : failureOf(url, error);
  } finally {
    void Promise.resolve(client.dispose()).catch(() => undefined);
    for (const socket of sockets) socket.terminate();
  }
  terminal.signal.throwIfAborted();
}

function heard<R, V>(client: Client, document: Document<R, V>, variables: V, listening: Listening<R>, enough: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const stop = client.subscribe<R>(
      { query: document.toString(), variables: variables as Record<string, unknown> },
      {
        next: ({ data, errors, extensions }) => {
          const { data: told } = gapSchema.safeParse(extensions);
          if (told !== undefined) listening.missed?.(told.gap.missed);
          // A field that is null says why beside it: the event is there all the same.
          if (data !== null && data !== undefined) return listening.hear(data);
          const refused = errorsSchema.safeParse(errors);
          if (refused.success) reject(refusalOf(refused.data));
        },
        error: (error) => {
          const refused = errorsSchema.safeParse(error);
          reject(refused.success ? refusalOf(refused.data) : error);
        },
        complete: () => resolve(),
      },
    );
    const leave = (): void => {
      stop();
      resolve();
    };
    if (enough.aborted) leave();
    else enough.addEventListener('abort', leave, { once: true });
  });
}

/** A credential that has ended does not come back by trying again. */
function isFinal(error: unknown): boolean {
  return closeSchema.safeParse(error).data?.code === FORBIDDEN;
}

/** @param error what graphql-ws gave up with: how the socket was closed, or what broke it. */
function failureOf(url: string, error: unknown): CliError {
  const closed = closeSchema.safeParse(error).data;
  if (closed?.code === FORBIDDEN) return new CliError(EXIT.notAllowed, 'The plane does not accept this token for a live connection. See iotctl doctor.', { code: 'UNAUTHENTICATED', reason: closed.reason });
  if (closed?.code === TRY_AGAIN_LATER) return new CliError(EXIT.limit, 'The plane takes no live connection at the moment; try again later.', { code: 'LIMIT_EXCEEDED', reason: closed.reason });
  const answered = typeof error === 'object' && error !== null && 'message' in error ? /Unexpected server response: (\d+)/.exec(String(error.message))?.[1] : undefined;
  if (answered !== undefined) return new CliError(EXIT.unreachable, `What answered at ${url} takes no WebSocket (HTTP ${answered}): is there a proxy in between that lets none through?`);
  return unreachable(url, typeof error === 'object' && error !== null && 'error' in error ? error.error : error);
}
