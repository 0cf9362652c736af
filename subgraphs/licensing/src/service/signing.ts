import { ConfigError } from '@iotistic/chassis/config';
import type { Tx } from '@iotistic/chassis/database';
import type { LicensingApp } from '../app.ts';
import { createSigner, type Signer } from '../clients/signer.ts';
import { holdCurrentKey, listSigningKeys } from '../repository/signing-keys.ts';
import type { LicensingTables } from '../repository/tables.ts';
import { SIGNING_KEYS_TOPIC } from './announce-signing-key.ts';

/** The keys of this process: which one signs, and how those that will are made known. */
export interface Signing {
  /** The key that signs, held: no other takes its place before the transaction ends. */
  holdCurrent(tx: Tx<LicensingTables>): Promise<Signer>;
  /** The key that signs, as far as was heard: good for what is signed anew all the time. */
  current(): Signer;
  /** Announcements of all keys that instances may meet, oldest first. */
  announcements(): readonly string[];
  refresh(): Promise<void>;
  close(): void;
}

/** How many announcements an instance is given: the newest. */
const MAX_GIVEN = 50;

export async function createSigning(app: Pick<LicensingApp, 'db' | 'live' | 'log' | 'keyStore'>, first: Signer): Promise<Signing> {
  const signers = new Map<string, Signer>([[first.keyId, first]]);
  let current = first;
  let announcements: readonly string[] = [];
  let [reads, newestRead] = [0, 0];

  async function signerOf(tx: Tx<LicensingTables> | LicensingApp['db'], keyId: string): Promise<Signer> {
    const known = signers.get(keyId);
    if (known !== undefined) return known;
    const privateKey = await app.keyStore.load(tx, keyId);
    if (privateKey === null) throw new ConfigError(['LICENSE_KEYS_DIR: the key that signs now is not kept where this process finds it: share the directory, or set LICENSE_KEY_ENCRYPTION_KEY']);
    const signer = createSigner(privateKey);
    signers.set(keyId, signer);
    return signer;
  }

  /** Two reads may overlap: what began before a rotation must not be put over what was read after it. */
  async function refresh(): Promise<void> {
    reads += 1;
    const thisRead = reads;
    const keys = await listSigningKeys(app.db);
    if (thisRead < newestRead) return;
    newestRead = thisRead;
    announcements = keys
      .flatMap(({ announcement }) => announcement ?? [])
      .slice(0, MAX_GIVEN)
      .toReversed();
    const id = keys.find(({ status }) => status === 'CURRENT')?.id;
    if (id !== undefined) current = await signerOf(app.db, id);
  }

  const heard = (): void => void refresh().catch((err: unknown) => app.log.error({ err }, 'the signing keys cannot be read anew'));
  const stopListening = [app.live.subscribe(SIGNING_KEYS_TOPIC, heard), app.live.onGap(heard)];
  await refresh();
  return {
    async holdCurrent(tx) {
      current = await signerOf(tx, await holdCurrentKey(tx));
      return current;
    },
    current: () => current,
    announcements: () => announcements,
    refresh,
    close() {
      for (const stop of stopListening) stop();
    },
  };
}
