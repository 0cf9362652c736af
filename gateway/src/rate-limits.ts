import { AppError } from '@iotistic/contracts/errors';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { isLoopback } from './client-address.ts';
import type { GatewayConfig } from './config.ts';

/** Counts requests that nobody answers for: without a credential, or with a bad one. */
export interface RateLimits {
  /** @throws AppError RATE_LIMITED with retryAfterSeconds */
  countAnonymous(address: string): Promise<void>;
}

export function createRateLimits(config: Pick<GatewayConfig, 'NODE_ENV' | 'RATE_LIMIT_ANONYMOUS' | 'RATE_LIMIT_WINDOW_SECONDS'>, redis: unknown): RateLimits {
  const rules = { points: config.RATE_LIMIT_ANONYMOUS, duration: config.RATE_LIMIT_WINDOW_SECONDS, keyPrefix: 'iotistic_gateway_anonymous' };
  const memory = new RateLimiterMemory(rules);
  // While Redis does not answer each gateway counts for itself: slower to refuse, never refusing everyone.
  const limiter: RateLimiterAbstract = redis === null ? memory : new RateLimiterRedis({ ...rules, storeClient: redis, insuranceLimiter: memory });
  // Scripts on the developer's own machine sign up by the hundred.
  const exemptsLoopback = config.NODE_ENV !== 'production';
  return {
    async countAnonymous(address) {
      if (exemptsLoopback && isLoopback(address)) return;
      try {
        await limiter.consume(address);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        throw new AppError('LIMIT_EXCEEDED', 'RATE_LIMITED', undefined, { details: { retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) } });
      }
    },
  };
}
