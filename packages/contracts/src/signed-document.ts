import { type KeyObject, verify } from 'node:crypto';

/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, 3.3): the one algorithm of everything that the control plane signs. */
export const LICENSE_ALGORITHM = 'RS256';
const MIN_MODULUS_BITS = 2_048;

/** The public key with this id, or null where there is none. */
export type FindLicenseKey = (kid: string) => KeyObject | null;

export type SignedDocument = { state: 'GOOD'; kid: string; payload: Record<string, unknown> } | { state: 'MALFORMED' | 'UNKNOWN_KEY' | 'BAD_SIGNATURE' };

/** Decoding of canonical base64url, which Node tells apart from other texts only by encoding again. */
export function decodeCanonical(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return text !== '' && bytes.toString('base64url') === text ? bytes : null;
}

/** JSON text as an object; null unless the bytes are exactly what its value encodes to (no name twice, no white space, no broken UTF-8). */
export function readCanonicalJson(bytes: Buffer | null): Record<string, unknown> | null {
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) && Buffer.from(JSON.stringify(value)).equals(bytes) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/**
 * Reads a compact JWS (RFC 7515) of ours. It answers, it does not throw. The form is looked at before any key, the header
 * has alg, typ and kid and no other name (RFC 8725, 3.1), and only the canonical text passes: a library that decodes
 * leniently accepts 16 variants of the last character. Only an RSA key of 2048 bits or more verifies anything.
 */
export function readSignedDocument(token: string, rules: { type: string; maxCharacters: number; findKey: FindLicenseKey }): SignedDocument {
  if (token.length > rules.maxCharacters) return { state: 'MALFORMED' };
  const segments = token.split('.', 4);
  const [head, body, tail] = segments;
  if (segments.length !== 3 || head === undefined || body === undefined || tail === undefined) return { state: 'MALFORMED' };
  const header = readCanonicalJson(decodeCanonical(head));
  const [payloadBytes, signature] = [decodeCanonical(body), decodeCanonical(tail)];
  if (header === null || payloadBytes === null || signature === null || header['alg'] !== LICENSE_ALGORITHM || header['typ'] !== rules.type || typeof header['kid'] !== 'string' || Object.keys(header).length !== 3) return { state: 'MALFORMED' };
  const key = rules.findKey(header['kid']);
  if (key === null) return { state: 'UNKNOWN_KEY' };
  if (!isLicenseKey(key) || !verify('sha256', Buffer.from(`${head}.${body}`, 'ascii'), key, signature)) return { state: 'BAD_SIGNATURE' };
  const payload = readCanonicalJson(payloadBytes);
  return payload === null ? { state: 'MALFORMED' } : { state: 'GOOD', kid: header['kid'], payload };
}

/** Whether licenses may be signed with it: RSA, 2048 bits or more. */
export function isLicenseKey(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_MODULUS_BITS;
}

/** The key id that a document names, unverified: good for nothing but to know which key to ask for. */
export function namedKeyId(token: string): string | null {
  const header = readCanonicalJson(decodeCanonical(token.slice(0, Math.max(0, token.indexOf('.')))));
  return typeof header?.['kid'] === 'string' ? header['kid'] : null;
}
