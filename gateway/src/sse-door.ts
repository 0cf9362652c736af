import type { ServerResponse } from 'node:http';
import type { HttpAnswer, HttpRequest } from '@iotistic/chassis/http-server';
import type { Log } from '@iotistic/chassis/log';
import { AppError } from '@iotistic/contracts/errors';
import { credentialsOf, type Identity } from './authenticate.ts';
import type { Operation } from './documents.ts';
import type { FederatedSubscriptions } from './federated-subscriptions.ts';
import { formatError, type PublicResult, statusOf } from './format-error.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { LiveClient, LiveClients } from './live-clients.ts';

/** Live operations as text/event-stream, in the protocol that graphql-sse calls distinct connections: one operation, one stream. */
export interface SseDoor {
  /** Writes to the response until the client leaves or the operation completes. @throws AppError before the first byte. */
  open(request: HttpRequest, operation: Operation, variables: Record<string, unknown>, identity: Identity): void;
  /** A query's result, for a client that reads nothing but event streams. */
  single(result: PublicResult): HttpAnswer;
  close(): void;
}

const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
const COMPLETE = 'event: complete\ndata:\n\n';
const MAX_WAITING_BYTES = 1024 * 1024;
/** A client that did not read gets so long to read why its stream ended. */
const READ_WITHIN_MS = 2_000;

/** What an open stream is written to, and how it says why it ends. */
class EventStream {
  readonly #response: ServerResponse;
  readonly #errorOf: (error: AppError) => string;

  constructor(response: ServerResponse, errorOf: (error: AppError) => string) {
    this.#response = response;
    this.#errorOf = errorOf;
  }

  get hasEnded(): boolean {
    return this.#response.writableEnded;
  }

  get isBehind(): boolean {
    return this.#response.writableLength > MAX_WAITING_BYTES;
  }

  write(text: string): void {
    if (!this.hasEnded) this.#response.write(text);
  }

  next(json: string): void {
    this.write(`event: next\ndata: ${json}\n\n`);
  }

  /** The operation has ended, for good. */
  complete(): void {
    if (!this.hasEnded) this.#response.end(COMPLETE);
  }

  refuse(error: AppError): void {
    this.next(this.#errorOf(error));
    this.complete();
  }

  /** The stream ends, not the operation: without a `complete`, clients open it again. */
  interrupt(error: AppError): void {
    this.next(this.#errorOf(error));
    if (!this.hasEnded) this.#response.end();
    const timer = setTimeout(() => this.#response.destroy(), READ_WITHIN_MS).unref();
    this.#response.once('close', () => clearTimeout(timer));
  }
}

export function createSseDoor(options: { subscriptions: FederatedSubscriptions; clients: LiveClients; metrics: GatewayMetrics; log: Log }): SseDoor {
  const { subscriptions, clients, metrics, log } = options;
  const streams = new Set<EventStream>();
  let isClosing = false;

  function write(stream: EventStream, text: string): void {
    if (stream.hasEnded) return;
    if (!stream.isBehind) return stream.write(text);
    metrics.slowConsumers.inc({ transport: 'sse' });
    stream.interrupt(new AppError('LIMIT_EXCEEDED', 'SLOW_CONSUMER'));
  }

  return {
    open(request, operation, variables, { caller, sha256 }) {
      if (isClosing) throw new AppError('UNAVAILABLE', 'SHUTTING_DOWN');
      const { raw } = request;
      const response = request.takeResponse();
      // Gone while it was being checked: nobody would tell us again.
      if (response.destroyed) return;
      const stream = new EventStream(response, (error) => JSON.stringify({ errors: [formatError(error, request.requestId, log)] }));
      const client: LiveClient = { caller, sha256, credentials: credentialsOf(raw.headers), ping: () => write(stream, ': ping\n\n'), expire: (error) => stream.refuse(error) };
      clients.add(client);
      let leave: () => void;
      try {
        // The sink may be fed only after the head was written: the hub never calls back before join() returns.
        leave = subscriptions.join(operation, variables, caller, {
          next: (json) => write(stream, `event: next\ndata: ${json}\n\n`),
          complete(refusal) {
            if (refusal !== undefined) stream.next(refusal);
            stream.complete();
          },
          waitingBytes: () => response.writableLength,
        });
      } catch (error) {
        clients.remove(client);
        throw error;
      }
      streams.add(stream);
      metrics.liveConnections.inc({ transport: 'sse' });
      response.writeHead(200, HEADERS);
      response.write(': connected\n\n');
      response.once('close', () => {
        streams.delete(stream);
        metrics.liveConnections.dec({ transport: 'sse' });
        clients.remove(client);
        leave();
      });
    },
    single: (result) => ({ status: statusOf(result), headers: HEADERS, body: `event: next\ndata: ${JSON.stringify(result)}\n\n${COMPLETE}` }),
    close() {
      isClosing = true;
      for (const stream of streams) stream.interrupt(new AppError('UNAVAILABLE', 'SHUTTING_DOWN'));
    },
  };
}
