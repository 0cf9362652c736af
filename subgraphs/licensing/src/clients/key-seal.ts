import { createCipheriv, createDecipheriv, createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';

/** AES-256-GCM; the key's id is bound to it, so that one key cannot be passed off as another. */
const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const NONCE_BYTES = 12;

/** A private key as it may be stored: nobody reads it without LICENSE_KEY_ENCRYPTION_KEY. @param encryptionKey 32 bytes */
export function sealPrivateKey(keyId: string, privateKey: KeyObject, encryptionKey: Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, encryptionKey, nonce).setAAD(Buffer.from(keyId, 'utf8'));
  const sealed = Buffer.concat([cipher.update(privateKey.export({ type: 'pkcs8', format: 'der' })), cipher.final()]);
  return [VERSION, nonce.toString('base64url'), cipher.getAuthTag().toString('base64url'), sealed.toString('base64url')].join('.');
}

/** Null when it was sealed with another key, for another id, or was changed. */
export function unsealPrivateKey(keyId: string, text: string, encryptionKey: Buffer): KeyObject | null {
  const [version, nonce, tag, sealed] = text.split('.');
  if (version !== VERSION || nonce === undefined || tag === undefined || sealed === undefined) return null;
  try {
    const decipher = createDecipheriv(ALGORITHM, encryptionKey, Buffer.from(nonce, 'base64url'), { authTagLength: 16 }).setAAD(Buffer.from(keyId, 'utf8')).setAuthTag(Buffer.from(tag, 'base64url'));
    return createPrivateKey({ key: Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]), type: 'pkcs8', format: 'der' });
  } catch {
    return null;
  }
}
