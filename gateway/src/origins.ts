import type { IncomingMessage } from 'node:http';
import type { HttpRequest } from '@iotistic/chassis/http-server';
import { AppError } from '@iotistic/contracts/errors';

/** Which web pages may call: our own, and those that the operator lists. Whoever is no browser sends no Origin. */
export interface Origins {
  allows(raw: IncomingMessage): boolean;
  /** Lets the page read the answer, if it may. */
  addHeaders(request: Pick<HttpRequest, 'headers' | 'addHeader'>): void;
  /** Answers a browser that asks before it sends. @throws AppError ORIGIN_NOT_ALLOWED */
  preflight(raw: IncomingMessage): { status: number; headers: Record<string, string> };
}

const PREFLIGHT_SECONDS = 600;
const ALLOWED_HEADERS = 'authorization, content-type, x-api-key, x-request-id, x-apollo-operation-name, apollo-require-preflight';

export function createOrigins(list: readonly string[]): Origins {
  const listed = new Set(list);

  function allows(raw: IncomingMessage): boolean {
    const { origin, host } = raw.headers;
    if (origin === undefined || listed.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  }

  return {
    allows,
    addHeaders(request) {
      if (listed.size > 0) request.addHeader('vary', 'origin');
      const { origin } = request.headers;
      if (origin === undefined || !listed.has(origin)) return;
      request.addHeader('access-control-allow-origin', origin);
      request.addHeader('access-control-expose-headers', 'x-request-id, retry-after');
    },
    preflight(raw) {
      if (!allows(raw)) throw new AppError('FORBIDDEN', 'ORIGIN_NOT_ALLOWED');
      return { status: 204, headers: { 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': ALLOWED_HEADERS, 'access-control-max-age': String(PREFLIGHT_SECONDS) } };
    },
  };
}
