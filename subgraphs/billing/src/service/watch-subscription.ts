import type { LiveEvent } from '@iotistic/chassis/live-event';
import type { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import { watchNewest } from '@iotistic/chassis/watch-newest';
import type { BillingApp } from '../app.ts';
import type { Subscription } from '../domain/subscription.ts';

/** Each version of a customer's subscription from now on, in order. */
export function watchSubscription(app: Pick<BillingApp, 'loaders' | 'live' | 'log'>, customerId: string, after?: string | null): PulledIterator<LiveEvent<Subscription>> {
  return watchNewest<Subscription>({
    live: app.live,
    log: app.log,
    after,
    topics: [`subscription:${customerId}`],
    read: async () => (await app.loaders.standings.load(customerId)).subscription,
    markOf: ({ version }) => String(version),
    isTold: ({ version }, told) => version >= Number(told),
  });
}
