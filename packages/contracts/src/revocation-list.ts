import { z } from 'zod';
import { epochSeconds, LICENSE_ISSUER } from './license.ts';
import { type FindLicenseKey, readSignedDocument } from './signed-document.ts';

export const REVOCATIONS_TYPE = 'revocations+jwt';
/** Room for some 30,000 revoked licenses. */
export const MAX_REVOCATION_LIST_CHARACTERS = 2_000_000;
/** A list that is older than this is worth a warning. It never blocks. */
export const STALE_REVOCATION_LIST_DAYS = 7;

export const revocationListSchema = z
  .object({
    iss: z.literal(LICENSE_ISSUER),
    /** Seconds since 1970. */
    iat: epochSeconds,
    /** Rises with every revocation: a list with a lower one is older, whatever its iat says. */
    epoch: z.number().int().nonnegative(),
    /** Revoked licenses whose calendar has not run out, sorted. */
    jtis: z.array(z.string()),
    /** When each of them was revoked, seconds, in the same order: its calendar runs from there. */
    revokedAt: z.array(epochSeconds),
    /** Keys that are not to be trusted any more: what they signed counts as revoked from then on. */
    keys: z.array(z.object({ kid: z.string(), revokedAt: epochSeconds })),
  })
  .refine(({ jtis, revokedAt }) => jtis.length === revokedAt.length);
export type RevocationClaims = z.infer<typeof revocationListSchema>;

export type RevocationListState = 'GOOD' | 'MALFORMED' | 'UNKNOWN_KEY' | 'BAD_SIGNATURE';

/** Checks a revocation list; the state says why there are no claims. */
export function verifyRevocationList(token: string, findKey: FindLicenseKey): { state: RevocationListState; claims: RevocationClaims | null } {
  const document = readSignedDocument(token, { type: REVOCATIONS_TYPE, maxCharacters: MAX_REVOCATION_LIST_CHARACTERS, findKey });
  if (document.state !== 'GOOD') return { state: document.state, claims: null };
  const parsed = revocationListSchema.safeParse(document.payload);
  return parsed.success ? { state: 'GOOD', claims: parsed.data } : { state: 'MALFORMED', claims: null };
}

/** Of two lists, whether the first says more: the higher epoch does, then the later iat. */
export function isNewerList(list: Pick<RevocationClaims, 'epoch' | 'iat'>, than: Pick<RevocationClaims, 'epoch' | 'iat'> | null): boolean {
  return than === null || list.epoch > than.epoch || (list.epoch === than.epoch && list.iat > than.iat);
}

/** When the license with this id, signed with this key, was revoked; null when it is not on the list. */
export function revocationOf(list: RevocationClaims | null, jti: string, kid: string): Date | null {
  if (list === null) return null;
  const index = list.jtis.indexOf(jti);
  const instants = [index < 0 ? undefined : list.revokedAt[index], list.keys.find((key) => key.kid === kid)?.revokedAt].filter((at) => at !== undefined);
  return instants.length === 0 ? null : new Date(Math.min(...instants) * 1000);
}
