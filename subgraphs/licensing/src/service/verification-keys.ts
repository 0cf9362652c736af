import { createPublicKey, type KeyObject } from 'node:crypto';
import type { LicensingApp } from '../app.ts';
import { listSigningKeys } from '../repository/signing-keys.ts';

/** The keys that a license may be signed with. */
export interface VerificationKeys {
  /** Null for one that is not known, or retired. */
  find(keyId: string): Promise<KeyObject | null>;
}

/** Unknown ids come from anybody: they do not each cost a query. */
const LOOK_AGAIN_AFTER_MS = 5_000;

export function createVerificationKeys(app: Pick<LicensingApp, 'db' | 'clock'>): VerificationKeys {
  let keys = new Map<string, KeyObject>();
  let readAtMs = -Infinity;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    const rows = await listSigningKeys(app.db);
    keys = new Map(rows.filter(({ status }) => status !== 'RETIRED').map(({ id, publicKeyPem }) => [id, createPublicKey(publicKeyPem)]));
    readAtMs = app.clock.now().getTime();
  }

  return {
    async find(keyId) {
      if (!keys.has(keyId) && Math.abs(app.clock.now().getTime() - readAtMs) >= LOOK_AGAIN_AFTER_MS) {
        reading ??= read().finally(() => {
          reading = null;
        });
        await reading;
      }
      return keys.get(keyId) ?? null;
    },
  };
}
