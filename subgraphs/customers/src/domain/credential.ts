import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
/** Enough to tell one key from another: `iotk_` and 7 of 43 characters, so that 214 random bits stay secret. */
const VISIBLE_CHARACTERS = 12;

/** A fresh session token: 256 random bits. Told once, kept as its hash. */
export function newSessionToken(): string {
  return `iots_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** A fresh token of a device: 256 random bits. It lets nobody in: it only sets its holder apart from strangers. */
export function newDeviceToken(): string {
  return `iotd_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** A fresh API key: 256 random bits. Told once, kept as its hash. */
export function newApiKeySecret(): string {
  return `iotk_${randomBytes(SECRET_BYTES).toString('base64url')}`;
}

/** The readable beginning of an API key. */
export function visiblePrefix(secret: string): string {
  return secret.slice(0, VISIBLE_CHARACTERS);
}

/** SHA-256 in hex: how a token or key is stored and looked up. It needs no salt, being random itself. */
export function credentialHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether the text has the form of such a hash. */
export function isCredentialHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
