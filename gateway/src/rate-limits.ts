import { AppError } from '@iotistic/contracts/errors';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { isLoopback } from '@iotistic/chassis/local-peer';
import { networkOf } from './client-address.ts';
import type { GatewayConfig } from './config.ts';

/** Counts what nobody answers for: requests without a credential, or with a bad one, at whatever door. */
export interface RateLimits {
  /** @param cost one of ANONYMOUS_COST. @throws AppError RATE_LIMITED with retryAfterSeconds */
  countAnonymous(address: string, cost?: number): Promise<void>;
  /** Counts nothing. @throws AppError RATE_LIMITED with retryAfterSeconds, where nothing is left */
  checkAnonymous(address: string): Promise<void>;
}

/** One budget for all doors, counted by what is done: RATE_LIMIT_ANONYMOUS is as many requests to the graph. */
export const ANONYMOUS_COST = {
  /** A request to the graph, or a guess at a credential. */
  request: 10,
  /** A webhook that was not signed by Stripe: its body is read, and hashed. */
  badSignature: 10,
  /** What is kept ready, and only handed out. */
  page: 1,
} as const;

export function createRateLimits(config: Pick<GatewayConfig, 'NODE_ENV' | 'RATE_LIMIT_ANONYMOUS' | 'RATE_LIMIT_WINDOW_SECONDS'>, redis: unknown): RateLimits {
  const points = config.RATE_LIMIT_ANONYMOUS * ANONYMOUS_COST.request;
  const rules = { points, duration: config.RATE_LIMIT_WINDOW_SECONDS, keyPrefix: 'iotistic_gateway_anonymous_cost' };
  const memory = new RateLimiterMemory(rules);
  // While Redis does not answer each gateway counts for itself: slower to refuse, never refusing everyone. Who is refused costs it nothing.
  const limiter: RateLimiterAbstract = redis === null ? memory : new RateLimiterRedis({ ...rules, storeClient: redis, insuranceLimiter: memory, inMemoryBlockOnConsumed: points + 1 });
  // Scripts on the developer's own machine sign up by the hundred.
  const exemptsLoopback = config.NODE_ENV !== 'production';
  return {
    async countAnonymous(address, cost = ANONYMOUS_COST.request) {
      if (exemptsLoopback && isLoopback(address)) return;
      try {
        await limiter.consume(networkOf(address), cost);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        throw rateLimited(refused);
      }
    },
    async checkAnonymous(address) {
      if (exemptsLoopback && isLoopback(address)) return;
      const counted = await limiter.get(networkOf(address));
      if (counted !== null && counted.consumedPoints >= points) throw rateLimited(counted);
    },
  };
}

function rateLimited({ msBeforeNext }: RateLimiterRes): AppError {
  return new AppError('LIMIT_EXCEEDED', 'RATE_LIMITED', undefined, { details: { retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) } });
}
