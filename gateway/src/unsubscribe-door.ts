import type { Route, SocketRoute } from '@iotistic/chassis/http-server';
import { requireUncompressed } from '@iotistic/chassis/request-body';
import type { AnonymousBudget } from './anonymous-budget.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const PATH = '/api/mails/unsubscribe';
const MAX_BODY_BYTES = 4_096;
const MAX_VALUE_CHARACTERS = 100;

/**
 * Where a mail's link leads that stops mails of its kind: a page by GET, one click by POST (RFC 8058). The link's token is the
 * credential, and billing knows it; a mail provider posts for many readers from one address, so that only wrong links count.
 */
export function unsubscribeDoor(billing: SubgraphLink, budget: AnonymousBudget): Record<string, SocketRoute> {
  const forward: Route = async ({ method, headers, query, requestId, body }) => {
    requireUncompressed(headers);
    const link = new URLSearchParams();
    for (const name of ['kind', 'token']) link.set(name, (query.get(name) ?? '').slice(0, MAX_VALUE_CHARACTERS));
    return billing.forward(`/mails/unsubscribe?${link.toString()}`, { method, headers, requestId, body: method === 'POST' ? await body(MAX_BODY_BYTES) : Buffer.alloc(0) });
  };
  const counted = budget.signed(forward);
  return { [`GET ${PATH}`]: counted, [`POST ${PATH}`]: counted };
}
