import { KEY_ANNOUNCEMENT_TYPE } from '@iotistic/contracts/key-announcement';
import { LICENSE_ISSUER } from '@iotistic/contracts/license';
import { createPublicKey } from 'node:crypto';
import type { LicensingApp } from '../app.ts';
import { generatePrivateKey } from '../clients/private-key.ts';
import { createSigner, type Signer } from '../clients/signer.ts';
import { addSigningKeyEvent, listSigningKeys, lockSigningKeys, saveAnnouncedKey } from '../repository/signing-keys.ts';

/** The live topic on which it is told that the signing keys changed. */
export const SIGNING_KEYS_TOPIC = 'signing-keys';

/** What makes a key known to those who believe the one before it. */
export async function announcementOf(by: Signer, announced: Pick<Signer, 'keyId' | 'publicKeyPem'>, now: Date): Promise<string> {
  const { n, e } = createPublicKey(announced.publicKeyPem).export({ format: 'jwk' });
  return by.sign(KEY_ANNOUNCEMENT_TYPE, { iss: LICENSE_ISSUER, iat: Math.floor(now.getTime() / 1000), key: { kty: 'RSA', kid: announced.keyId, n, e } });
}

/**
 * There is always one key that has not signed yet: instances hear of it with each fetch, long before they meet it, and
 * know it already when the current one must go at once. Where keys cannot be kept there is none.
 */
export async function announceSigningKey(app: Pick<LicensingApp, 'db' | 'clock' | 'live' | 'keyStore' | 'signing'>): Promise<void> {
  if (!app.keyStore.keeps || (await listSigningKeys(app.db)).some(({ status }) => status === 'ANNOUNCED')) return;
  const next = createSigner(await generatePrivateKey());
  const announced = await app.db.transaction().execute(async (tx) => {
    await lockSigningKeys(tx);
    if ((await listSigningKeys(tx)).some(({ status }) => status === 'ANNOUNCED')) return false;
    const now = app.clock.now();
    const announcement = await announcementOf(await app.signing.holdCurrent(tx), next, now);
    await saveAnnouncedKey(tx, { id: next.keyId, publicKeyPem: next.publicKeyPem, announcement }, now);
    await app.keyStore.save(tx, next.keyId, next.privateKey);
    await addSigningKeyEvent(tx, { at: now, action: 'ANNOUNCED', keyId: next.keyId, actor: 'licensing', requestId: null });
    return true;
  });
  if (announced) await app.live.publish(SIGNING_KEYS_TOPIC, next.keyId);
}
