import { createPublicKey, type KeyObject } from 'node:crypto';
import type { LicensingApp } from '../app.ts';
import { listSigningKeys } from '../repository/signing-keys.ts';
import { SIGNING_KEYS_TOPIC } from './announce-signing-key.ts';

/** The keys that a license may be signed with, at hand. */
export interface VerificationKeys {
  close(): void;
  /** Null for one that is not known here, or retired. */
  find(keyId: string): KeyObject | null;
  /** Reads them again, unless that was done just now: unknown ids come from anybody and shall not each cost a query. */
  refresh(): Promise<void>;
  /** Reads them again in any case: for the process that has just changed them, which must not believe a retired key any longer. */
  reread(): Promise<void>;
}

const REFRESH_EVERY_MS = 5_000;

export function createVerificationKeys(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'log'>): VerificationKeys {
  let keys = new Map<string, KeyObject>();
  let readAtMs: number | null = null;
  let reading: Promise<void> | null = null;
  let [reads, newestRead] = [0, 0];

  /** Two reads may overlap: what began before a change must not be put over what was read after it. */
  async function read(): Promise<void> {
    reads += 1;
    const thisRead = reads;
    const rows = await listSigningKeys(app.db);
    if (thisRead < newestRead) return;
    newestRead = thisRead;
    keys = new Map(rows.filter(({ status }) => status !== 'RETIRED').map(({ id, publicKeyPem }) => [id, createPublicKey(publicKeyPem)]));
    readAtMs = app.clock.now().getTime();
  }

  /** A key that is not believed any more must not be believed for five seconds longer. */
  const heard = (): void => void read().catch((err: unknown) => app.log.error({ err }, 'the signing keys cannot be read anew'));
  const stopListening = [app.live.subscribe(SIGNING_KEYS_TOPIC, heard), app.live.onGap(heard)];
  return {
    close() {
      for (const stop of stopListening) stop();
    },
    find: (keyId) => keys.get(keyId) ?? null,
    async refresh() {
      if (readAtMs !== null && Math.abs(app.clock.now().getTime() - readAtMs) < REFRESH_EVERY_MS) return;
      reading ??= read().finally(() => {
        reading = null;
      });
      await reading;
    },
    reread: read,
  };
}
