import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@iotistic/contracts/errors';
import { z } from 'zod';
import { envInt } from './config.ts';
import { createFresh } from './fresh.ts';
import { type HttpRequest, type HttpServer, type Route, type SocketRoute, startHttpServer } from './http-server.ts';
import { isOfThisHost } from './local-peer.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** A page of metrics is some milliseconds of work: it is done for all who ask within this time. */
const FRESH_FOR_MS = 1_000;
const HEADERS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' };
const MAX_BODY_BYTES = 1_024;
const MIN_TOKEN_CHARACTERS = 16;

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
  /** The same page for whoever reaches it. */
  open: Route;
}

/** What a process reads of how its metrics are reached. */
export const metricsConfig = {
  /** What strangers show, as a bearer, to read /metrics; without it only programs of this host do. */
  METRICS_TOKEN: z.string().min(MIN_TOKEN_CHARACTERS, `has fewer than ${MIN_TOKEN_CHARACTERS} characters`).optional(),
  /** /metrics at a port of its own, for whoever reaches that. */
  METRICS_PORT: envInt(0, 65_535).optional(),
};

export function createMetricsDoor({ metrics, token, onStranger }: MetricsDoorOptions): MetricsDoor {
  const page = createFresh(async () => Buffer.from(await metrics.text()), FRESH_FOR_MS);
  const expected = token === undefined ? null : digest(token);
  const serve = async (): Promise<{ headers: Record<string, string>; body: Buffer }> => ({ headers: HEADERS, body: await page() });

  return {
    async route(request) {
      if (isOfThisHost(request.raw)) return serve();
      const shown = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
      if (expected !== null && shown !== undefined && timingSafeEqual(digest(shown), expected)) return serve();
      await onStranger?.(request);
      throw new AppError('UNAUTHENTICATED', shown === undefined ? 'CREDENTIAL_REQUIRED' : 'INVALID_CREDENTIAL');
    },
    open: serve,
  };
}

/** The metrics at a port of their own, where one is asked for: whoever opens it sees to who reaches it. */
export async function startMetricsServer(door: MetricsDoor, { host, port, log }: { host: string; port: number | undefined; log: Log }): Promise<HttpServer | null> {
  return port === undefined ? null : startHttpServer({ host, port, log, maxBodyBytes: MAX_BODY_BYTES, routes: { 'GET /metrics': door.open } });
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
