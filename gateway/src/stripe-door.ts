import type { Route } from '@iotistic/chassis/http-server';
import type { SubgraphLink } from './subgraph-link.ts';

const MAX_EVENT_BYTES = 1024 * 1024;

/**
 * Stripe's webhook, handed to billing as it came: the signature is over these very bytes, and billing checks it. So there
 * is no credential, and no limit on how often: what is refused here, Stripe would send again. An answer that does not
 * come is 503, which Stripe takes as not delivered.
 */
export function stripeDoor(billing: SubgraphLink): Record<string, Route> {
  const forward: Route = async ({ method, headers, requestId, body }) => billing.forward('/webhooks/stripe', { method, headers, requestId, body: await body(MAX_EVENT_BYTES) });
  return { 'POST /api/webhooks/stripe': forward, 'POST /webhooks/stripe': forward };
}
