import type { KeyObject } from 'node:crypto';
import { ConfigError } from '@iotistic/chassis/config';
import type { Tx } from '@iotistic/chassis/database';
import { createSigner, type Signer } from '../clients/signer.ts';
import type { LicensingApp } from '../app.ts';
import { addSigningKeyEvent, listSigningKeys, lockSigningKeys, saveAnnouncedKey, saveCurrentKey, saveRetiredKey } from '../repository/signing-keys.ts';
import type { LicensingTables } from '../repository/tables.ts';
import { announcementOf } from './announce-signing-key.ts';

const NONE = ['LICENSE_PRIVATE_KEY: is required in production; so is enough LICENSE_PRIVATE_KEY_PATH or LICENSE_PRIVATE_KEY_FILE'];

/**
 * Finds the key that signs, once at start, so that all processes sign with the same. A key that the operator gave and that
 * is not known yet takes the current one's place. One that was replaced does not come back: the store then has what
 * replaced it, and if it does not, the process does not start.
 * @throws ConfigError
 */
export async function registerSigningKey(app: Pick<LicensingApp, 'db' | 'clock' | 'log' | 'keyStore'>, given: KeyObject | null): Promise<Signer> {
  return app.db.transaction().execute(async (tx) => {
    await lockSigningKeys(tx);
    const keys = await listSigningKeys(tx);
    const current = keys.find(({ status }) => status === 'CURRENT');
    const offered = given === null ? null : createSigner(given);
    if (offered !== null && !keys.some(({ id }) => id === offered.keyId)) return importKey(app, tx, offered, current?.id ?? null);
    if (current === undefined) {
      const first = await app.keyStore.first();
      if (first === null) throw new ConfigError(NONE);
      return importKey(app, tx, createSigner(first), null);
    }
    if (offered?.keyId === current.id) {
      if (app.keyStore.keeps) await app.keyStore.save(tx, offered.keyId, offered.privateKey);
      return offered;
    }
    const kept = await app.keyStore.load(tx, current.id);
    if (kept !== null) {
      if (offered !== null) app.log.info({ keyId: current.id, given: offered.keyId }, 'the key that was given has been replaced; the one that replaced it signs');
      return createSigner(kept);
    }
    throw new ConfigError([offered === null ? 'LICENSE_KEYS_DIR: its key is not the one that this database knows: share the directory, or give the key in LICENSE_PRIVATE_KEY' : 'LICENSE_PRIVATE_KEY: this key was replaced by a newer one']);
  });
}

async function importKey(app: Pick<LicensingApp, 'clock' | 'log' | 'keyStore'>, tx: Tx<LicensingTables>, signer: Signer, currentId: string | null): Promise<Signer> {
  const now = app.clock.now();
  const before = currentId === null ? null : await app.keyStore.load(tx, currentId);
  const announcement = before === null ? null : await announcementOf(createSigner(before), signer, now);
  // Whatever was announced before is not what comes: it would never sign.
  for (const { id, status } of await listSigningKeys(tx)) if (status === 'ANNOUNCED') await saveRetiredKey(tx, id, now, { compromised: false });
  await saveAnnouncedKey(tx, { id: signer.keyId, publicKeyPem: signer.publicKeyPem, announcement }, now);
  await saveCurrentKey(tx, signer.keyId, now);
  if (app.keyStore.keeps) await app.keyStore.save(tx, signer.keyId, signer.privateKey);
  await addSigningKeyEvent(tx, { at: now, action: 'IMPORTED', keyId: signer.keyId, actor: 'licensing', requestId: null });
  if (currentId !== null) app.log.warn({ keyId: signer.keyId, replaced: currentId }, 'licenses are signed with a new key; the one before keeps verifying');
  return signer;
}
