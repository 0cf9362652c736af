import { createHash } from 'node:crypto';
import type { Clock } from '@iotistic/chassis/clock';
import type { Route } from '@iotistic/chassis/http-server';
import { AppError } from '@iotistic/contracts/errors';
import { newId } from '@iotistic/contracts/ids';
import { RevalidatingCache } from './revalidating-cache.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const LIST_QUERY = 'query GatewayRevocationList { revocationList }';
/** In force online within a minute (a list that is old warns, and never blocks). */
const RULES = { maxEntries: 1, freshMs: 5_000, staleMs: 30_000, staleIfErrorMs: 7 * 86_400_000 };
const ONLY = 'list';

/** The signed list of revoked licenses, as whoever checks licenses offline fetches it. */
export function revocationsRoute(licensing: SubgraphLink, clock: Clock): Route {
  const cache = new RevalidatingCache<{ list: string; etag: string }>(RULES, clock);

  async function ask(): Promise<{ list: string; etag: string }> {
    const response = await licensing.execute({ query: LIST_QUERY, operationName: 'GatewayRevocationList' }, { caller: { kind: 'anonymous' }, requestId: newId('req') });
    const list = response.data?.['revocationList'];
    if (typeof list !== 'string') throw new AppError('UNAVAILABLE', 'SUBGRAPH_UNAVAILABLE', undefined, { cause: response.errors });
    return { list, etag: `"${createHash('sha256').update(list).digest('base64url')}"` };
  }

  return async ({ headers: asked }) => {
    const { list, etag } = await cache.get(ONLY, () => ask());
    const headers = { 'content-type': 'application/jwt', 'cache-control': 'public, max-age=30', 'access-control-allow-origin': '*', etag };
    return asked['if-none-match'] === etag ? { status: 304, headers } : { headers, body: list };
  };
}
