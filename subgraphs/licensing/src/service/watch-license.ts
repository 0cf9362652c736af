import type { LiveEvent } from '@iotistic/chassis/live-event';
import type { PulledIterator } from '@iotistic/chassis/pulled-iterator';
import { watchNewest } from '@iotistic/chassis/watch-newest';
import type { LicensingApp } from '../app.ts';
import type { LicenseRow } from '../repository/licenses.ts';

/** Each license that comes into force for a customer from now on, and the revocation of the one that is. */
export function watchLicense(app: Pick<LicensingApp, 'loaders' | 'live' | 'log'>, customerId: string, after?: string | null): PulledIterator<LiveEvent<LicenseRow>> {
  return watchNewest<LicenseRow>({
    live: app.live,
    log: app.log,
    after,
    topics: [`license:${customerId}`],
    read: async () => (await app.loaders.standings.load(customerId)).license,
    markOf: ({ id, revokedAt }) => `${id} ${revokedAt?.getTime() ?? ''}`,
    isTold: ({ id }, told) => id === told,
  });
}
