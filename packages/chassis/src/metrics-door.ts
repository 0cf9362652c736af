import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@iotistic/contracts/errors';
import { createFresh } from './fresh.ts';
import { type HttpRequest, type HttpServer, type SocketRoute, startHttpServer } from './http-server.ts';
import { isOfThisHost } from './local-peer.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** A page of metrics is some milliseconds of work: it is done for all who ask within this time. */
const FRESH_FOR_MS = 1_000;
const HEADERS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' };
const MAX_BODY_BYTES = 1_024;

export interface MetricsDoorOptions {
  metrics: Metrics;
  /** What strangers show to read the metrics; without it they do not. */
  token?: string | undefined;
  /** Called with each stranger that shows no good token, before it is refused. @throws AppError where it asked too often. */
  onStranger?: (request: HttpRequest) => Promise<void>;
}

/** The metrics of this process: for programs of this host, and for others with a token. */
export interface MetricsDoor {
  route: SocketRoute;
  /** The same page at a port of its own, to anyone who reaches it: whoever opens one sees to that. */
  listen(options: { host: string; port: number; log: Log }): Promise<HttpServer>;
}

export function createMetricsDoor({ metrics, token, onStranger }: MetricsDoorOptions): MetricsDoor {
  const page = createFresh(() => metrics.text(), FRESH_FOR_MS);
  const expected = token === undefined ? null : digest(token);
  const serve = async (): Promise<{ headers: Record<string, string>; body: string }> => ({ headers: HEADERS, body: await page() });

  return {
    async route(request) {
      if (isOfThisHost(request.raw)) return serve();
      const shown = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
      if (expected !== null && shown !== undefined && timingSafeEqual(digest(shown), expected)) return serve();
      await onStranger?.(request);
      throw new AppError('UNAUTHENTICATED', shown === undefined ? 'CREDENTIAL_REQUIRED' : 'INVALID_CREDENTIAL');
    },
    listen: ({ host, port, log }) => startHttpServer({ host, port, log, maxBodyBytes: MAX_BODY_BYTES, routes: { 'GET /metrics': serve } }),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
