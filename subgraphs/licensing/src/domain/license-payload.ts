import type { LicenseClaims } from '@iotistic/contracts/license';

/** The claims of a token that was signed here. */
export function payloadOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}

export function expiryOf(claims: LicenseClaims | null): Date | null {
  return claims === null ? null : new Date(claims.exp * 1000);
}
