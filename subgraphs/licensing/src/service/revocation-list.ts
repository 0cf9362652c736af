import { LICENSE_ISSUER, REVOCATIONS_TYPE } from '@iotistic/contracts/license';
import type { LicensingApp } from '../app.ts';
import { getRevocations } from '../repository/revocations.ts';

/** The signed list of revoked licenses (JWT) that belongs to an epoch. */
export interface RevocationList {
  get(epoch: number): Promise<string>;
}

const HOUR_MS = 3_600_000;

/**
 * Signed anew when the epoch rises, and at each full hour, so that its age says how fresh it is. In between all processes
 * give the same bytes. Of several who need it at once, one signs.
 */
export function createRevocationList(app: Pick<LicensingApp, 'db' | 'clock' | 'signer'>): RevocationList {
  let made: { epoch: number; hourMs: number; list: Promise<string> } | null = null;

  async function sign(hourMs: number): Promise<string> {
    const { epoch, licenseIds } = await getRevocations(app.db, new Date(hourMs));
    return app.signer.sign(REVOCATIONS_TYPE, { iss: LICENSE_ISSUER, iat: hourMs / 1000, epoch, jtis: licenseIds });
  }

  return {
    get(epoch) {
      const hourMs = Math.floor(app.clock.now().getTime() / HOUR_MS) * HOUR_MS;
      if (made !== null && made.epoch >= epoch && made.hourMs === hourMs) return made.list;
      const list = sign(hourMs);
      const entry = { epoch, hourMs, list };
      made = entry;
      // One that failed is not kept.
      list.catch(() => {
        if (made === entry) made = null;
      });
      return list;
    },
  };
}
