import { LiveIterator } from '@iotistic/chassis/live-iterator';
import type { LicensingApp } from '../app.ts';
import type { LicenseRow } from '../repository/licenses.ts';

const MAX_WAITING = 100;
const READ_AGAIN_AFTER_MS = 1_000;

/** What makes a license in force another one to those who watch. */
const markOf = (license: LicenseRow | null): string => (license === null ? '' : `${license.id} ${license.revokedAt?.getTime() ?? ''}`);

/**
 * Each license that comes into force for a customer from now on, and the revocation of the one that is; changes that
 * follow one another faster than they are read become one. A message only says that something changed: what changed is
 * read, as after a gap.
 */
export function watchLicense(app: Pick<LicensingApp, 'loaders' | 'live' | 'log'>, customerId: string): LiveIterator<LicenseRow> {
  return new LiveIterator<LicenseRow>({
    limit: MAX_WAITING,
    start(push) {
      let seen: string | null = null;
      let told: string | null = null;
      let reading = false;
      let askedAgain = false;
      let timer: NodeJS.Timeout | undefined;

      async function readAll(): Promise<void> {
        do {
          askedAgain = false;
          const { license } = await app.loaders.standings.load(customerId);
          const isNew = seen === null ? license?.id === told : markOf(license) !== seen;
          if (license !== null && isNew) push(license);
          seen = markOf(license);
        } while (askedAgain);
      }

      function read(): void {
        askedAgain = true;
        if (reading) return;
        reading = true;
        readAll()
          .catch((err: unknown) => {
            app.log.warn({ err }, 'a license that may have changed could not be read');
            timer = setTimeout(read, READ_AGAIN_AFTER_MS);
          })
          .finally(() => {
            reading = false;
          });
      }

      const stopListening = app.live.subscribe(`license:${customerId}`, (id) => {
        told = id;
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
