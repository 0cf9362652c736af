import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { epochSeconds, LICENSE_ISSUER } from './license.ts';
import { type FindLicenseKey, isLicenseKey, readSignedDocument } from './signed-document.ts';

export const KEY_ANNOUNCEMENT_TYPE = 'signing-key+jwt';
/** More rotations than an instance will sleep through. */
export const MAX_ANNOUNCEMENTS = 100;

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,1400}$/);

export const keyAnnouncementSchema = z.object({
  iss: z.literal(LICENSE_ISSUER),
  iat: epochSeconds,
  /** RFC 7517, with the RFC 7638 thumbprint as kid. */
  key: z.object({ kty: z.literal('RSA'), kid: z.string(), n: base64url, e: base64url }),
});
export type KeyAnnouncement = z.infer<typeof keyAnnouncementSchema>;

/** RFC 7638: whoever has the key agrees on its id. */
export function keyIdOf(key: KeyObject): string {
  const { e, kty, n } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}

/** The key that was announced, if one that is believed already signed the announcement and its id is its own thumbprint; else null. */
export function verifyKeyAnnouncement(token: string, findKey: FindLicenseKey): { kid: string; key: KeyObject; signedBy: string } | null {
  const document = readSignedDocument(token, { type: KEY_ANNOUNCEMENT_TYPE, maxCharacters: 8_192, findKey });
  const parsed = document.state === 'GOOD' ? keyAnnouncementSchema.safeParse(document.payload) : null;
  if (document.state !== 'GOOD' || parsed?.success !== true) return null;
  try {
    const { kty, n, e, kid } = parsed.data.key;
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    return isLicenseKey(key) && keyIdOf(key) === kid ? { kid, key, signedBy: document.kid } : null;
  } catch {
    return null;
  }
}

/**
 * The keys that follow from those that are believed: each announcement is taken that a believed key signed, in whatever
 * order they come. So an instance that slept through several rotations follows them one by one.
 */
export function followAnnouncements(announcements: readonly string[], findKey: FindLicenseKey): Map<string, KeyObject> {
  const learned = new Map<string, KeyObject>();
  const left = new Set(announcements.slice(0, MAX_ANNOUNCEMENTS));
  const find: FindLicenseKey = (kid) => learned.get(kid) ?? findKey(kid);
  for (let before = -1; before !== learned.size; ) {
    before = learned.size;
    for (const announcement of left) {
      const announced = verifyKeyAnnouncement(announcement, find);
      if (announced === null) continue;
      learned.set(announced.kid, announced.key);
      left.delete(announcement);
    }
  }
  return learned;
}
