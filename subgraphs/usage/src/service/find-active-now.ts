import type { UsageApp } from '../app.ts';
import { type ActiveNow, activeSince, NOTHING_ACTIVE } from '../domain/active.ts';

/** What reports now of a customer: an instance that has not for 35 days does not count, nor do its devices, until it reports again. */
export async function findActiveNow(app: Pick<UsageApp, 'loaders' | 'clock'>, customerId: string): Promise<ActiveNow> {
  return (await app.loaders.activeNow.load({ customerId, sinceMs: activeSince(app.clock.now()).getTime() })) ?? NOTHING_ACTIVE;
}
