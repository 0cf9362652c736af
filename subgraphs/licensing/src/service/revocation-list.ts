import { LICENSE_ISSUER } from '@iotistic/contracts/license';
import { type RevocationClaims, REVOCATIONS_TYPE } from '@iotistic/contracts/revocation-list';
import type { LicensingApp } from '../app.ts';
import { getRevocations } from '../repository/revocations.ts';

/** The signed list of revoked licenses (JWT). */
export interface RevocationList {
  /** That of this epoch, or a newer one. */
  get(epoch: number): Promise<string>;
}

/** The list as it is now. */
export async function readRevocationList(app: Pick<LicensingApp, 'loaders' | 'revocationList'>): Promise<string> {
  return app.revocationList.get(await app.loaders.epoch.load(0));
}

const HOUR_MS = 3_600_000;

const toSeconds = (at: Date): number => Math.floor(at.getTime() / 1000);

/**
 * Signed anew when the epoch rises, and at each full hour, so that its age says how fresh it is. In between all processes
 * give the same bytes. Of several who need it at once, one signs.
 */
export function createRevocationList(app: Pick<LicensingApp, 'db' | 'clock' | 'signing'>): RevocationList {
  let made: { epoch: number; hourMs: number; list: Promise<string> } | null = null;

  async function sign(hourMs: number): Promise<string> {
    // What raised the epoch may be the end of the key that this process still signs with.
    await app.signing.refresh();
    const { epoch, licenses, keys } = await app.db.transaction().setIsolationLevel('repeatable read').execute((tx) => getRevocations(tx, new Date(hourMs)));
    const claims: RevocationClaims = {
      iss: LICENSE_ISSUER,
      iat: hourMs / 1000,
      epoch,
      jtis: licenses.map(({ id }) => id),
      revokedAt: licenses.map(({ revokedAt }) => toSeconds(revokedAt)),
      keys: keys.map(({ id, compromisedAt }) => ({ kid: id, revokedAt: toSeconds(compromisedAt) })),
    };
    return app.signing.current().sign(REVOCATIONS_TYPE, claims);
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
