import { LiveIterator } from '@iotistic/chassis/live-iterator';
import type { BillingApp } from '../app.ts';
import type { Subscription } from '../domain/subscription.ts';

const MAX_WAITING = 100;
const READ_AGAIN_AFTER_MS = 1_000;

/**
 * Each version of a customer's subscription from now on, in order; versions that follow one another faster than they are
 * read become one. A message only says that something changed: what changed is read, as after a gap.
 */
export function watchSubscription(app: Pick<BillingApp, 'loaders' | 'live' | 'log'>, customerId: string): LiveIterator<Subscription> {
  return new LiveIterator<Subscription>({
    limit: MAX_WAITING,
    start(push) {
      let seen: number | null = null;
      let reading = false;
      let askedAgain = false;
      let timer: NodeJS.Timeout | undefined;

      async function readAll(): Promise<void> {
        do {
          askedAgain = false;
          const { subscription } = await app.loaders.standings.load(customerId);
          const version = subscription?.version ?? 0;
          if (seen !== null && subscription !== null && version > seen) push(subscription);
          seen = Math.max(seen ?? 0, version);
        } while (askedAgain);
      }

      function read(): void {
        askedAgain = true;
        if (reading) return;
        reading = true;
        readAll()
          .catch((err: unknown) => {
            app.log.warn({ err }, 'a subscription that may have changed could not be read');
            timer = setTimeout(read, READ_AGAIN_AFTER_MS);
          })
          .finally(() => {
            reading = false;
          });
      }

      const stopListening = app.live.subscribe(`subscription:${customerId}`, (version) => {
        seen ??= Number(version) - 1;
        read();
      });
      const stopGap = app.live.onGap(read);
      read();
      return () => {
        stopListening();
        stopGap();
        clearTimeout(timer);
      };
    },
  });
}
