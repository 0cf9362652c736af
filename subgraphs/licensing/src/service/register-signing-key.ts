import { ConfigError } from '@iotistic/chassis/config';
import type { LicensingApp } from '../app.ts';
import { listSigningKeys, lockSigningKeys, saveCurrentKey } from '../repository/signing-keys.ts';

/**
 * Makes the key that this process signs with the current one, so that all processes sign with the same.
 * A key that was given takes the place of the current one; a key that was made here does not, since another process
 * then has the private half that belongs to this database.
 * @throws ConfigError for such a key, and for one that was replaced before.
 */
export async function registerSigningKey(app: Pick<LicensingApp, 'db' | 'clock' | 'log' | 'signer'>, given: boolean): Promise<void> {
  const { keyId, publicKeyPem } = app.signer;
  const replaced = await app.db.transaction().execute(async (tx) => {
    await lockSigningKeys(tx);
    const keys = await listSigningKeys(tx);
    const current = keys.find(({ status }) => status === 'CURRENT');
    if (current?.id === keyId) return null;
    if (current !== undefined && !given) throw new ConfigError(['LICENSE_KEYS_DIR: its key is not the one that this database knows: share the directory, or give the key in LICENSE_PRIVATE_KEY']);
    if (keys.some(({ id }) => id === keyId)) throw new ConfigError(['LICENSE_PRIVATE_KEY: this key was replaced by a newer one']);
    await saveCurrentKey(tx, { id: keyId, publicKeyPem }, app.clock.now());
    return current?.id ?? null;
  });
  if (replaced !== null) app.log.warn({ keyId, replaced }, 'licenses are signed with a new key; the one before keeps verifying');
}
