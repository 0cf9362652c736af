import type { Route, SocketRoute } from '@iotistic/chassis/http-server';
import { requireUncompressed } from '@iotistic/chassis/request-body';
import type { AnonymousBudget } from './anonymous-budget.ts';
import type { SubgraphLink } from './subgraph-link.ts';

const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Stripe's webhook, handed to billing as it came: the signature is over these very bytes, and billing checks it. So there
 * is no credential, and no limit on how often: what is refused here, Stripe would send again. What is not signed by Stripe counts
 * as any other stranger's request. An answer that does not come is 503, which Stripe takes as not delivered.
 */
export function stripeDoor(billing: SubgraphLink, budget: AnonymousBudget): Record<string, SocketRoute> {
  const forward: Route = async ({ method, headers, requestId, body }) => {
    requireUncompressed(headers);
    return billing.forward('/webhooks/stripe', { method, headers, requestId, body: await body(MAX_EVENT_BYTES) });
  };
  const counted = budget.signed(forward);
  return { 'POST /api/webhooks/stripe': counted, 'POST /webhooks/stripe': counted };
}
