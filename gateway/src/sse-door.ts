import type { ServerResponse } from 'node:http';
import type { HttpAnswer, HttpRequest } from '@iotistic/chassis/http-server';
import { AppError } from '@iotistic/contracts/errors';
import { credentialsOf, type Identity } from './authenticate.ts';
import type { Operation } from './documents.ts';
import type { FederatedSubscriptions } from './federated-subscriptions.ts';
import { type PublicResult, statusOf } from './format-error.ts';
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

export function createSseDoor(options: { subscriptions: FederatedSubscriptions; clients: LiveClients; metrics: GatewayMetrics }): SseDoor {
  const { subscriptions, clients, metrics } = options;
  const streams = new Set<ServerResponse>();
  let isClosing = false;

  function write(response: ServerResponse, text: string): void {
    if (response.writableLength > MAX_WAITING_BYTES) {
      metrics.slowConsumers.inc({ transport: 'sse' });
      response.destroy();
    } else if (!response.writableEnded) {
      response.write(text);
    }
  }

  return {
    open(request, operation, variables, { caller, sha256 }) {
      if (isClosing) throw new AppError('UNAVAILABLE', 'SHUTTING_DOWN');
      const { raw } = request;
      const response = request.takeResponse();
      // Gone while it was being checked: nobody would tell us again.
      if (response.destroyed) return;
      const end = (): void => {
        if (!response.writableEnded) response.end(COMPLETE);
      };
      const client: LiveClient = { caller, sha256, credentials: credentialsOf(raw.headers), ping: () => write(response, ': ping\n\n'), expire: end };
      clients.add(client);
      let leave: () => void;
      try {
        // The sink may be fed only after the head was written: the hub never calls back before join() returns.
        leave = subscriptions.join(operation, variables, caller, { next: (json) => write(response, `event: next\ndata: ${json}\n\n`), complete: end, waitingBytes: () => response.writableLength });
      } catch (error) {
        clients.remove(client);
        throw error;
      }
      streams.add(response);
      metrics.liveConnections.inc({ transport: 'sse' });
      response.writeHead(200, HEADERS);
      response.write(': connected\n\n');
      response.once('close', () => {
        streams.delete(response);
        metrics.liveConnections.dec({ transport: 'sse' });
        clients.remove(client);
        leave();
      });
    },
    single: (result) => ({ status: statusOf(result), headers: HEADERS, body: `event: next\ndata: ${JSON.stringify(result)}\n\n${COMPLETE}` }),
    close() {
      isClosing = true;
      for (const response of streams) response.end();
    },
  };
}
