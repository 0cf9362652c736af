import type { HttpRequest, Route, SocketRoute } from '@iotistic/chassis/http-server';
import { isOfThisHost } from '@iotistic/chassis/local-peer';
import { clientAddress } from './client-address.ts';
import { ANONYMOUS_COST, type RateLimits } from './rate-limits.ts';

/** Routes that anyone may ask, each of which counts into the one budget of its address. Programs of this host, such as its probes, are not counted. */
export interface AnonymousBudget {
  count(request: HttpRequest, cost: number): Promise<void>;
  /** A page that is kept ready. */
  page(route: Route): SocketRoute;
  /** A webhook: what is refused for its signature counts, and an address that has nothing left is not heard. */
  signed(route: Route): SocketRoute;
}

const REFUSED = 400;

export function createAnonymousBudget({ rateLimits, trustedProxies }: { rateLimits: RateLimits; trustedProxies: number }): AnonymousBudget {
  const count = async ({ raw }: HttpRequest, cost: number): Promise<void> => {
    if (!isOfThisHost(raw)) await rateLimits.countAnonymous(clientAddress(raw, trustedProxies), cost);
  };
  return {
    count,
    page: (route) => async (request) => {
      await count(request, ANONYMOUS_COST.page);
      return route(request);
    },
    signed: (route) => async (request) => {
      const address = clientAddress(request.raw, trustedProxies);
      await rateLimits.checkAnonymous(address);
      const answer = await route(request);
      if (answer.status === REFUSED) await rateLimits.countAnonymous(address, ANONYMOUS_COST.badSignature).catch(() => undefined);
      return answer;
    },
  };
}
